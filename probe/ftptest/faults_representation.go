package ftptest

import (
	"bytes"
	"io"
)

// representationFaults concern TYPE, STRU and MODE.
var representationFaults = []Fault{
	{
		Name:    "type-default-image",
		About:   "The TYPE after the first login is I.",
		Catches: []string{"REP-001"},
		apply: func(h *hooks) {
			known := remember[bool](h)
			edit("PASS", 230, func(s *session, _ *reply) {
				if !known.get(s) {
					s.kind = image
					known.set(s, true)
				}
			})(h)
		},
	},
	{
		Name:    "type-l-refused",
		About:   "TYPE L 8 is answered 504.",
		Catches: []string{"REP-002"},
		apply:   instead("TYPE", exactly("L 8"), answers(504, "This TYPE is not supported.")),
	},
	{
		Name:    "type-telnet-refused",
		About:   "TYPE A T is answered 504.",
		Catches: []string{"REP-003"},
		apply:   instead("TYPE", exactly("A T"), answers(504, "This TYPE is not supported.")),
	},
	{
		Name:    "type-any",
		About:   "TYPE X is answered 200.",
		Catches: []string{"REP-004"},
		apply:   instead("TYPE", exactly("X"), answers(200, "TYPE is X.")),
	},
	{
		Name:    "type-ascii-download",
		About:   "A download in TYPE A has its first line end without CR.",
		Catches: []string{"REP-005", "REP-007", "META-006"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.s.kind != ascii {
				return w
			}
			done := false
			return writerFunc(func(p []byte) (int, error) {
				i := bytes.IndexByte(p, '\r')
				if done || i < 0 {
					return w.Write(p)
				}
				done = true
				n, err := w.Write(append(bytes.Clone(p[:i]), p[i+1:]...))
				return n + 1, err
			})
		}),
	},
	{
		Name:    "type-ascii-upload",
		About:   "An upload in TYPE A keeps the CR of its first line end.",
		Catches: []string{"REP-006", "REP-007"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			if t.s.kind != ascii {
				return r
			}
			done := false
			return readerFunc(func(p []byte) (int, error) {
				if done {
					return r.Read(p)
				}
				n, err := r.Read(p[:len(p)-1])
				if i := bytes.IndexByte(p[:n], '\r'); i >= 0 {
					done = true
					copy(p[i+1:n+1], p[i:n])
					n++
				}
				return n, err
			})
		}),
	},
	{
		Name:    "type-ascii-last-line",
		About:   "An upload in TYPE A loses its last line end.",
		Catches: []string{"REP-007"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			if t.s.kind != ascii {
				return r
			}
			held := []byte{}
			return readerFunc(func(p []byte) (int, error) {
				buf := make([]byte, len(p)-2)
				n, err := r.Read(buf)
				all := append(held, buf[:n]...)
				if err == io.EOF {
					return copy(p, bytes.TrimSuffix(all, []byte("\r\n"))), err
				}
				keep := max(0, len(all)-2)
				held = bytes.Clone(all[keep:])
				return copy(p, all[:keep]), err
			})
		}),
	},
	{
		Name:    "type-forgotten-by-cwd",
		About:   "CWD into another directory sets TYPE A.",
		Catches: []string{"REP-008", "DIR-020"},
		apply: wrap("CWD", func(s *session, arg string, run func(string)) {
			run(arg)
			if arg != "." {
				s.kind = ascii
			}
		}),
	},
	{
		Name:    "type-lost-by-passive",
		About:   "PASV and EPSV set TYPE A.",
		Catches: []string{"REP-008"},
		apply:   together(wrap("PASV", thenASCII), wrap("EPSV", thenASCII)),
	},
	{
		Name:    "mode-stream-refused",
		About:   "MODE S is answered 504.",
		Catches: []string{"REP-009"},
		apply: instead("MODE", func(s *session, arg string) bool { return s.loggedIn() && arg == "S" },
			answers(504, "This MODE is not supported.")),
	},
	{
		Name:    "mode-block-ignored",
		About:   "MODE B gets no reply.",
		Catches: []string{"REP-010"},
		apply:   instead("MODE", exactly("B"), func(*session, string) {}),
	},
	{
		Name:    "stru-page",
		About:   "STRU P is answered 200.",
		Catches: []string{"REP-011"},
		apply:   instead("STRU", exactly("P"), answers(200, "STRU is P.")),
	},
	{
		Name:    "type-ascii-split",
		About:   "An upload in TYPE A keeps the CR of a line end that comes in two segments.",
		Catches: []string{"REP-012"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			if t.s.kind != ascii {
				return r
			}
			cr := false
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p[:len(p)-1])
				if n == 0 {
					return n, err
				}
				split := cr && p[0] == '\n'
				cr = p[n-1] == '\r'
				if split {
					copy(p[1:n+1], p[:n])
					p[0] = '\r'
					n++
				}
				return n, err
			})
		}),
	},
	{
		Name:    "type-l-ascii",
		About:   "TYPE L 8 is answered 200 and changes nothing.",
		Catches: []string{"REP-013"},
		apply:   instead("TYPE", exactly("L 8"), answers(200, "TYPE is L 8.")),
	},
}

// thenASCII sets TYPE A behind a command.
func thenASCII(s *session, arg string, run func(string)) {
	run(arg)
	s.kind = ascii
}
