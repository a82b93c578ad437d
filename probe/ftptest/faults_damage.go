package ftptest

import (
	"bytes"
	"io"
	"net"
	"path"
	"strings"
	"time"
)

// faultAfter is how much of a download goes well before a fault shows.
const faultAfter = 64 << 10

// damageFaults damage what is transferred, or the replies around it.
var damageFaults = []Fault{
	{
		Name:    "retr-short",
		About:   "A download ends one octet early, and is answered 226.",
		Catches: []string{"XFER-003", "META-005"},
		apply:   download(func(_ *transfer, w io.Writer) io.Writer { return &shortWriter{to: w} }),
	},
	{
		Name:    "retr-corrupt",
		About:   "The first octet of a download is altered.",
		Catches: []string{"XFER-003"},
		apply:   download(func(_ *transfer, w io.Writer) io.Writer { return &corruptWriter{to: w} }),
	},
	{
		Name:    "retr-stall",
		About:   "A download stops after 64 KiB, with everything left open.",
		Catches: []string{"XFER-003"},
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
		Catches: []string{"XFER-003"},
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
		Catches: []string{"XFER-010"},
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
	{
		Name:    "retr-block-short",
		About:   "A download of exactly 64 KiB loses its last octet, and is answered 226.",
		Catches: []string{"XFER-041"},
		apply:   download(func(_ *transfer, w io.Writer) io.Writer { return &blockWriter{to: w} }),
	},
	{
		Name:    "stor-block-long",
		About:   "An upload of exactly 64 KiB is stored with one octet more.",
		Catches: []string{"XFER-042"},
		apply: upload(func(_ *transfer, r io.Reader) io.Reader {
			at := 0
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p)
				if at += n; err == io.EOF && at == faultAfter {
					at, p[n] = at+1, 0
					return n + 1, nil
				}
				return n, err
			})
		}),
	},
	{
		Name:    "retr-tenth",
		About:   "The first octet of every tenth download of a session is altered.",
		Catches: []string{"XFER-043", "PASV-029"},
		apply:   alteredEvery(10),
	},
	{
		Name:    "abor-stale",
		About:   "The download after an aborted one begins with what was left of that.",
		Catches: []string{"XFER-044"},
		apply: func(h *hooks) {
			left := remember[bool](h)
			edit("RETR", 426, func(s *session, r *reply) {
				left.set(s, strings.HasPrefix(r.lines[0], "Transfer aborted"))
			})(h)
			download(func(t *transfer, w io.Writer) io.Writer {
				if !left.get(t.s) {
					return w
				}
				left.forget(t.s)
				return &headWriter{to: w, head: bytes.Repeat([]byte{'*'}, 1000)}
			})(h)
		},
	},
	{
		Name:    "retr-slow-gaps",
		About:   "A download loses what does not fit into the buffers within half a second.",
		Catches: []string{"XFER-045"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.conn != t.tcp {
				return w
			}
			return writerFunc(func(p []byte) (int, error) {
				for rest := p; len(rest) > 0; rest = rest[min(len(rest), faultAfter):] {
					t.tcp.SetWriteDeadline(time.Now().Add(time.Second / 2))
					n, err := t.tcp.Write(rest[:min(len(rest), faultAfter)])
					t.count(int64(n))
					if err != nil && !isTimeout(err) {
						return 0, err
					}
				}
				return len(p), nil
			})
		}),
	},
	{
		Name:    "stor-pause-ends",
		About:   "A pause of half a second in an upload is taken for its end, and answered 226.",
		Catches: []string{"XFER-046"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			if t.conn != t.tcp {
				return r
			}
			begun := false
			return readerFunc(func(p []byte) (int, error) {
				if !begun {
					begun = true
					return r.Read(p)
				}
				t.tcp.SetReadDeadline(time.Now().Add(time.Second / 2))
				n, err := t.tcp.Read(p)
				t.moved.Add(int64(n))
				if isTimeout(err) {
					err = io.EOF
				}
				return n, err
			})
		}),
	},
	{
		Name:    "retr-crosses-four",
		About:   "While three other files of the same directory are sent, a download begins like one of those.",
		Catches: []string{"XFER-047"},
		apply: func(h *hooks) {
			sending := remember[string](h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				sending.set(s, full)
				run(arg)
				sending.forget(s)
			})
			download(func(t *transfer, w io.Writer) io.Writer {
				mine := sending.get(t.s)
				others := map[string]bool{}
				other := ""
				sending.any(func(_ *session, full string) bool {
					if full != mine && path.Dir(full) == path.Dir(mine) {
						other, others[full] = full, true
					}
					return false
				})
				if len(others) < 3 {
					return w
				}
				file, err := t.s.srv.cfg.FS.Open(other)
				if err != nil {
					return w
				}
				defer file.Close()
				head := make([]byte, 100)
				n, _ := io.ReadFull(file, head)
				return &headWriter{to: w, head: head[:n], instead: n}
			})(h)
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

// blockWriter holds an octet back that makes faultAfter octets, until there are more.
type blockWriter struct {
	to   io.Writer
	sent int
	held []byte
}

func (w *blockWriter) Write(p []byte) (int, error) {
	out := append(w.held, p...)
	w.sent += len(p)
	w.held = nil
	if w.sent == faultAfter && len(p) > 0 {
		last := len(out) - 1
		out, w.held = out[:last], out[last:]
	}
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// headWriter sends head first, instead of as many octets as it says.
type headWriter struct {
	to      io.Writer
	head    []byte
	instead int
}

func (w *headWriter) Write(p []byte) (int, error) {
	skipped := min(len(p), w.instead)
	out := append(w.head, p[skipped:]...)
	w.head, w.instead = nil, w.instead-skipped
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
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

// alteredEvery alters the first octet of every nth download of a session.
func alteredEvery(nth int) func(*hooks) {
	return func(h *hooks) {
		done := remember[int](h)
		download(func(t *transfer, w io.Writer) io.Writer {
			n := done.get(t.s) + 1
			done.set(t.s, n)
			if n%nth != 0 {
				return w
			}
			return &corruptWriter{to: w}
		})(h)
	}
}
