package ftptest

import (
	"io"
	"net"
)

// faultAfter is how much of a download goes well before a fault shows.
const faultAfter = 64 << 10

// damageFaults damage what is transferred, or the replies around it.
var damageFaults = []Fault{
	{
		Name:    "retr-short",
		About:   "A download ends one octet early, and is answered 226.",
		Catches: []string{"XFER-003", "XFER-004", "XFER-010", "META-005"},
		apply:   download(func(_ *transfer, w io.Writer) io.Writer { return &shortWriter{to: w} }),
	},
	{
		Name:    "retr-corrupt",
		About:   "The first octet of a download is altered.",
		Catches: []string{"XFER-003", "XFER-010"},
		apply:   download(func(_ *transfer, w io.Writer) io.Writer { return &corruptWriter{to: w} }),
	},
	{
		Name:    "retr-stall",
		About:   "A download stops after 64 KiB, with everything left open.",
		Catches: []string{"XFER-004"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			return &cutWriter{to: w, cut: func() error {
				<-t.ctx.Done()
				return t.ctx.Err()
			}}
		}),
	},
	{
		Name:    "reset-mid-transfer",
		About:   "A download is reset after 64 KiB, and answered 426.",
		Catches: []string{"XFER-004"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			return &cutWriter{to: w, cut: func() error {
				t.tcp.SetLinger(0)
				t.tcp.Close()
				return net.ErrClosed
			}}
		}),
	},
	{
		Name:    "stor-lost",
		About:   "An upload is answered 226, and nothing is stored.",
		Catches: []string{"XFER-010", "XFER-011"},
		apply:   func(h *hooks) { h.loseUploads = true },
	},
	{
		Name:    "no-final-reply",
		About:   "Transfers that succeed get no final reply.",
		Catches: []string{"XFER-001", "XFER-010"},
		apply: func(h *hooks) {
			h.onReply(func(_ *session, verb string, r *reply) bool { return !(r.code == 226 && verb != "ABOR") })
		},
	},
}

func download(f func(*transfer, io.Writer) io.Writer) func(*hooks) {
	return func(h *hooks) {
		before := h.download
		h.download = func(t *transfer, w io.Writer) io.Writer {
			if before != nil {
				w = before(t, w)
			}
			if t.s.verb != "RETR" {
				return w
			}
			return f(t, w)
		}
	}
}

// shortWriter holds the last octet back.
type shortWriter struct {
	to   io.Writer
	held []byte
}

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	last := len(p) - 1
	if _, err := w.to.Write(append(w.held, p[:last]...)); err != nil {
		return 0, err
	}
	w.held = []byte{p[last]}
	return len(p), nil
}

// corruptWriter inverts the first octet.
type corruptWriter struct {
	to   io.Writer
	done bool
}

func (w *corruptWriter) Write(p []byte) (int, error) {
	if !w.done && len(p) > 0 {
		w.done = true
		p = append([]byte{^p[0]}, p[1:]...)
	}
	return w.to.Write(p)
}

// cutWriter calls cut after faultAfter octets.
type cutWriter struct {
	to   io.Writer
	sent int
	cut  func() error
}

func (w *cutWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p[:min(len(p), faultAfter-w.sent)])
	w.sent += n
	if err == nil && n < len(p) {
		err = w.cut()
	}
	return n, err
}
