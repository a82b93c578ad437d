package ftptest

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// tlsFaults concern TLS. All of them need Config.TLS.
var tlsFaults = []Fault{
	{
		Name:    "tls-auth-class",
		About:   "AUTH TLS is answered 334 (with Config.TLS).",
		Catches: []string{"TLS-001"},
		apply:   edit("AUTH", 234, func(_ *session, r *reply) { r.code = 334 }),
	},
	{
		Name:    "tls-auth-case",
		About:   "AUTH refuses tls in lower case (with Config.TLS).",
		Catches: []string{"TLS-002"},
		apply: instead("AUTH", func(_ *session, arg string) bool { return arg != strings.ToUpper(arg) },
			answers(504, "TLS is the only mechanism.")),
	},
	{
		Name:    "tls-auth-any",
		About:   "AUTH with an unknown mechanism is answered 334 (with Config.TLS).",
		Catches: []string{"TLS-003"},
		apply: instead("AUTH", func(s *session, arg string) bool {
			return !s.protected() && arg != "" && !strings.HasPrefix(strings.ToUpper(arg), "TLS")
		}, answers(334, "Go on.")),
	},
	{
		Name:    "tls-prot-not-listed",
		About:   "FEAT does not list PROT (with Config.TLS).",
		Catches: []string{"TLS-004", "FEAT-004"},
		apply:   without("PROT"),
	},
	{
		Name:    "tls-injection",
		About:   "Clear-text commands behind AUTH TLS are executed after the handshake (with Config.TLS).",
		Catches: []string{"TLS-005"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			rest := string(s.control.in)
			run(arg)
			for line := range strings.SplitSeq(rest, "\r\n") {
				if line != "" {
					s.pending = append(s.pending, input{line, nil})
				}
			}
		}),
	},
	{
		Name:    "tls-fragment",
		About:   "A piece of a clear-text command behind AUTH TLS begins the first protected one (with Config.TLS).",
		Catches: []string{"TLS-031"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			rest := s.control.in[bytes.LastIndexByte(s.control.in, '\n')+1:]
			run(arg)
			if s.protected() {
				s.control.in = rest
			}
		}),
	},
	{
		Name:    "tls-handshake-blocks",
		About:   "Nobody is greeted while a TLS handshake on a control connection goes on (with Config.TLS).",
		Catches: []string{"TLS-032"},
		apply: func(h *hooks) {
			var busy sync.Mutex
			h.around("AUTH", func(_ *session, arg string, run func(string)) {
				busy.Lock()
				defer busy.Unlock()
				run(arg)
			})
			h.onReply(func(_ *session, verb string, _ *reply) bool {
				if verb == greeting {
					busy.Lock()
					defer busy.Unlock()
				}
				return true
			})
		},
	},
	{
		Name:    "tls-auth-keeps-login",
		About:   "AUTH TLS after login leaves the user logged in (with Config.TLS).",
		Catches: []string{"TLS-006"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			before := s.login
			run(arg)
			s.login = before
		}),
	},
	{
		Name:    "tls-clear-pbsz",
		About:   "PBSZ in clear text is answered 200 (with Config.TLS).",
		Catches: []string{"TLS-007"},
		apply: instead("PBSZ", func(s *session, _ string) bool { return !s.protected() },
			answers(200, "PBSZ=0")),
	},
	{
		Name:    "tls-prot-first",
		About:   "PROT does not need a PBSZ before (with Config.TLS).",
		Catches: []string{"TLS-008"},
		apply: wrap("PROT", func(s *session, arg string, run func(string)) {
			s.sized = s.sized || s.protected()
			run(arg)
		}),
	},
	{
		Name:    "tls-pbsz-class",
		About:   "PBSZ is answered 350, and has its effect (with Config.TLS).",
		Catches: []string{"TLS-009"},
		apply:   edit("PBSZ", 200, func(_ *session, r *reply) { r.code = 350 }),
	},
	{
		Name:    "tls-prot-any",
		About:   "PROT X is answered 200, and has no effect (with Config.TLS).",
		Catches: []string{"TLS-010"},
		apply: instead("PROT", func(s *session, arg string) bool { return s.protected() && strings.EqualFold(arg, "X") },
			answers(200, "Data connections are as they are.")),
	},
	{
		Name:    "tls-private-by-default",
		About:   "Without PROT the server expects TLS on data connections (with Config.TLS).",
		Catches: []string{"TLS-011"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			run(arg)
			s.private = s.protected()
		}),
	},
	{
		Name:    "tls-plain-data",
		About:   "Under PROT P the data of MLSD are not protected (with Config.TLS).",
		Catches: []string{"TLS-012"},
		apply: wrap("MLSD", func(s *session, arg string, run func(string)) {
			private := s.private
			s.private = false
			run(arg)
			s.private = private
		}),
	},
	{
		Name:    "tls-prot-too-late",
		About:   "PROT between PASV and the transfer command comes too late for it (with Config.TLS).",
		Catches: []string{"TLS-013"},
		apply: func(h *hooks) {
			private := remember[bool](h)
			for _, verb := range []string{"PASV", "EPSV"} {
				h.around(verb, func(s *session, arg string, run func(string)) {
					run(arg)
					private.set(s, s.private)
				})
			}
			for _, verb := range transferVerbs {
				h.around(verb, func(s *session, arg string, run func(string)) {
					now := s.private
					s.private = private.get(s)
					run(arg)
					s.private = now
				})
			}
		},
	},
	{
		Name:    "tls-data-optional",
		About:   "Unprotected transfers work in spite of Config.RequireDataTLS.",
		Catches: []string{"TLS-014"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.RequireDataTLS = false })
		},
	},
	{
		Name:    "tls-failure-complete",
		About:   "LIST whose TLS handshake has failed is answered 226 (with Config.TLS).",
		Catches: []string{"TLS-015"},
		apply:   recode("LIST", 522, "handshake failed", 226),
	},
	{
		Name:    "tls-clear-octets-first",
		About:   "RETR sends octets in clear when the client is slow to begin its TLS handshake (with Config.TLS).",
		Catches: []string{"TLS-016"},
		apply: func(h *hooks) {
			h.underTLS = func(t *transfer) (net.Conn, bool) {
				if t.s.verb != "RETR" {
					return t.tcp, false
				}
				c, _, ok := peek(t.tcp, time.Second)
				if !ok {
					_, _ = io.WriteString(t.tcp, "This is not protected.")
				}
				return c, false
			}
		},
	},
	{
		Name:    "tls-resumption-refused",
		About:   "Data connections that resume a TLS session are refused (with Config.TLS).",
		Catches: []string{"TLS-017", "TLS-029"},
		apply: func(h *hooks) {
			h.shaken = func(_ *transfer, state tls.ConnectionState) error {
				if state.DidResume {
					return fail(522, "Please make a TLS session of its own.")
				}
				return nil
			}
		},
	},
	{
		Name:    "tls-reuse-complete",
		About:   "A transfer that Config.RequireReuse refuses is answered 226.",
		Catches: []string{"TLS-018"},
		apply: func(h *hooks) {
			for _, verb := range transferVerbs {
				recode(verb, 522, "has to resume", 226)(h)
			}
		},
	},
	{
		Name:    "tls-no-close-notify",
		About:   "The data connection of RETR is closed without close_notify (with Config.TLS).",
		Catches: []string{"TLS-019"},
		apply: func(h *hooks) {
			h.hangUp = func(t *transfer) bool {
				if t.s.verb != "RETR" || t.conn == t.tcp {
					return false
				}
				t.tcp.CloseWrite()
				t.leaveOpen()
				return true
			}
		},
	},
	{
		Name:    "tls-upload-refused",
		About:   "STOR that ends with close_notify is answered 426 (with Config.TLS).",
		Catches: []string{"TLS-020", "TLS-012"},
		apply: upload(func(t *transfer, r io.Reader) io.Reader {
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p)
				if err == io.EOF && t.s.verb == "STOR" && t.conn != t.tcp {
					err = io.ErrUnexpectedEOF
				}
				return n, err
			})
		}),
	},
	{
		Name:    "tls-other-certificate",
		About:   "Data connections have another certificate than the control connection (with Config.TLS).",
		Catches: []string{"TLS-021"},
		apply: func(h *hooks) {
			other := sync.OnceValues(func() (*tls.Config, error) {
				cfg, _, err := SelfSigned()
				return cfg, err
			})
			h.dataTLS = func(cfg *tls.Config) {
				if o, err := other(); err == nil {
					cfg.Certificates = o.Certificates
				}
			}
		},
	},
	{
		Name:    "tls-ccc-in-clear",
		About:   "CCC in clear text is answered 200 (with Config.TLS).",
		Catches: []string{"TLS-022"},
		apply: instead("CCC", func(s *session, _ string) bool { return !s.protected() },
			answers(200, "It is clear already.")),
	},
	{
		Name:    "tls-rein-stays",
		About:   "REIN does not end TLS (with Config.TLS).",
		Catches: []string{"TLS-023"},
		apply: instead("REIN", func(s *session, _ string) bool { return s.protected() }, func(s *session, _ string) {
			s.reset()
			s.security = security{dataTLS: s.dataTLS}
			s.reply(220, "Ready for a new user.")
		}),
	},
	{
		Name:    "tls-failure-goes-on",
		About:   "After a failed TLS handshake the session goes on in clear text (with Config.TLS).",
		Catches: []string{"TLS-024"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			run(arg)
			if s.closing && !s.protected() {
				s.closing = false
				s.control.tcp.SetDeadline(time.Time{})
				s.reply(200, "Nothing done.")
			}
		}),
	},
	{
		Name:    "tls-abor-ignored",
		About:   "ABOR during a protected transfer is ignored (with Config.TLS).",
		Catches: []string{"TLS-025"},
		apply: func(h *hooks) {
			h.during = append(h.during, func(t *transfer, verb string) bool { return verb == "ABOR" && t.s.protected() })
		},
	},
	{
		Name:    "tls-login-optional",
		About:   "Logging in works in clear text in spite of Config.RequireTLS.",
		Catches: []string{"TLS-026"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.RequireTLS = false })
		},
	},
	{
		Name:    "tls-old-versions",
		About:   "TLS 1.0 and 1.1 are accepted (with Config.TLS).",
		Catches: []string{"TLS-027"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) {
				if c.TLS != nil {
					c.TLS = c.TLS.Clone()
					c.TLS.MinVersion = tls.VersionTLS10
				}
			})
		},
	},
	{
		Name:    "tls-prot-falls-back",
		About:   "A PROT that is refused makes data connections clear (with Config.TLS).",
		Catches: []string{"TLS-028"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			h.around("PROT", func(s *session, arg string, run func(string)) {
				run(arg)
				if last.get(s).code >= 400 {
					s.private = false
				}
			})
		},
	},
	{
		Name:    "tls-tires",
		About:   "Of one login only the first 16 protected data connections work (with Config.TLS).",
		Catches: []string{"TLS-029"},
		apply: func(h *hooks) {
			counts := remember[int](h)
			h.shaken = func(t *transfer, _ tls.ConnectionState) error {
				n := counts.get(t.s) + 1
				counts.set(t.s, n)
				if n > 16 {
					return fail(522, "There were too many data connections.")
				}
				return nil
			}
		},
	},
	{
		Name:    "tls-clear-upload",
		About:   "Under PROT P STOR stores what comes in clear (with Config.TLS).",
		Catches: []string{"TLS-030"},
		apply: func(h *hooks) {
			h.underTLS = func(t *transfer) (net.Conn, bool) {
				if t.s.verb != "STOR" {
					return t.tcp, false
				}
				const handshake = 22 // the type of the first TLS record
				c, first, ok := peek(t.tcp, t.s.srv.cfg.HandshakeTimeout)
				return c, ok && first != handshake
			}
		},
	},
}

// peek waits for the first octet of c. What it returns in the place of c has that octet still to
// come.
func peek(c *net.TCPConn, patience time.Duration) (again net.Conn, first byte, ok bool) {
	c.SetReadDeadline(time.Now().Add(patience))
	defer c.SetReadDeadline(time.Time{})
	b := make([]byte, 1)
	n, _ := c.Read(b)
	return &peeked{c, io.MultiReader(bytes.NewReader(slices.Clip(b[:n])), c)}, b[0], n == 1
}

type peeked struct {
	net.Conn
	from io.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.from.Read(b) }
