package ftptest

import (
	"io"
	"slices"
	"time"
)

// Tempo is how long a server takes on purpose for each phase that a client
// measures, so that what it measures can be compared with what is true. It never
// takes less; how much more depends on how soon the machine wakes it.
type Tempo struct {
	// Greeting is from the connection to the 220, Login from USER to the 230 by
	// way of the 331, half of it each, Quit from QUIT to the 221.
	Greeting, Login, Quit time.Duration
	// Passive is from PASV or EPSV to the reply, Opening from RETR to the 150,
	// FirstByte from there to the data, Completion from the end of the data to the 226.
	Passive, Opening, FirstByte, Completion time.Duration
	// Rate is how many octets of a download are sent in a second; zero: as many as can be.
	Rate int64
}

// KnownTempo is that of the fault known-tempo.
var KnownTempo = Tempo{
	Greeting: 60 * time.Millisecond, Login: 80 * time.Millisecond, Passive: 50 * time.Millisecond, Opening: 70 * time.Millisecond,
	FirstByte: 90 * time.Millisecond, Completion: 55 * time.Millisecond, Quit: 65 * time.Millisecond, Rate: 1 << 20,
}

// Fault is a fault that has the server keep to the tempo.
func (t Tempo) Fault() Fault {
	return Fault{
		Name:  "known-tempo",
		About: "Each phase takes the time of KnownTempo, downloads 1 MiB/s: what a client measures can be compared.",
		apply: t.apply,
	}
}

func (t Tempo) apply(h *hooks) {
	before := func(d time.Duration, code int, verbs ...string) {
		if d == 0 {
			return
		}
		h.onReply(func(s *session, verb string, r *reply) bool {
			if r.code == code && slices.Contains(verbs, verb) {
				return s.srv.sleep(d)
			}
			return true
		})
	}
	before(t.Greeting, 220, greeting)
	before(t.Login/2, 331, "USER")
	before(t.Login/2, 230, "PASS")
	before(t.Quit, 221, "QUIT")
	before(t.Passive, 227, "PASV")
	before(t.Passive, 229, "EPSV")
	before(t.Opening, 150, "RETR")
	before(t.Completion, 226, "RETR")
	h.started = append(h.started, func(transfer *transfer) {
		if transfer.s.verb == "RETR" && t.FirstByte > 0 {
			transfer.s.srv.sleep(t.FirstByte)
		}
	})
	if t.Rate > 0 {
		download(func(transfer *transfer, w io.Writer) io.Writer { return &pacedWriter{t: transfer, to: w, rate: t.Rate} })(h)
	}
}

// pacedWriter writes at a rate. It returns when the time of what it has written
// is over.
type pacedWriter struct {
	t    *transfer
	to   io.Writer
	rate int64

	begun time.Time
	sent  int64
}

func (w *pacedWriter) Write(p []byte) (total int, err error) {
	if w.begun.IsZero() {
		w.begun = time.Now()
	}
	// A hundredth of a second at a time looks like a steady stream.
	piece := int(max(w.rate/100, 1))
	for len(p) > 0 {
		n, err := w.to.Write(p[:min(len(p), piece)])
		total, w.sent, p = total+n, w.sent+int64(n), p[n:]
		if err != nil {
			return total, err
		}
		due := w.begun.Add(time.Duration(float64(w.sent) / float64(w.rate) * float64(time.Second)))
		if !w.t.s.srv.sleep(time.Until(due)) {
			return total, w.t.ctx.Err()
		}
	}
	return total, nil
}
