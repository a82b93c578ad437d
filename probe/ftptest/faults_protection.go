package ftptest

import (
	"io"
	"net"
	"path"
	"strings"
	"sync/atomic"
)

// protectionFaults show in one situation only: after an error, at the login, for what is
// empty, in a crowd.
var protectionFaults = []Fault{
	{
		Name:    "tls-auth-keeps-type",
		About:   "AUTH TLS after login leaves the transfer parameters as they are (with Config.TLS).",
		Catches: []string{"TLS-006"},
		apply: wrap("AUTH", func(s *session, arg string, run func(string)) {
			before := s.parameters
			run(arg)
			s.parameters = before
		}),
	},
	{
		Name:    "tls-clear-prot-after-login",
		About:   "PBSZ and PROT in clear text are answered 530 before the login, and 200 after it (with Config.TLS).",
		Catches: []string{"TLS-007"},
		apply: func(h *hooks) {
			for _, verb := range []string{"PBSZ", "PROT"} {
				instead(verb, func(s *session, _ string) bool { return !s.protected() }, func(s *session, _ string) {
					if !s.loggedIn() {
						s.reply(530, "Please log in with USER and PASS.")
						return
					}
					s.reply(200, "All is well.")
				})(h)
			}
		},
	},
	{
		Name:    "tls-empty-clear",
		About:   "Under PROT P there is no TLS handshake for the RETR of an empty file (with Config.TLS).",
		Catches: []string{"TLS-012"},
		apply: func(h *hooks) {
			empty := remember[bool](h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				info, ok := s.exists(arg)
				empty.set(s, ok && info.Size == 0)
				run(arg)
			})
			h.underTLS = func(t *transfer) (net.Conn, bool) { return t.tcp, t.s.verb == "RETR" && empty.get(t.s) }
		},
	},
	{
		Name:    "tls-login-drops-prot",
		About:   "A login makes data connections clear, although PROT P came before it (with Config.TLS).",
		Catches: []string{"TLS-013"},
		apply:   edit("PASS", 230, func(s *session, _ *reply) { s.private = false }),
	},
	{
		Name:    "tls-error-drops-prot",
		About:   "RETR of a missing file makes data connections clear (with Config.TLS).",
		Catches: []string{"TLS-013"},
		apply:   edit("RETR", 550, func(s *session, _ *reply) { s.private = false }),
	},
	{
		Name:    "tls-prot-refused-clear",
		About:   "PROT C is answered 534, and has its effect (with Config.TLS).",
		Catches: []string{"TLS-028"},
		apply: edit("PROT", 200, func(s *session, r *reply) {
			if !s.private {
				*r = answer(534, "Data connections have to be private.")
			}
		}),
	},
	{
		Name:    "tls-list-no-close-notify",
		About:   "The data connection of LIST is closed without close_notify (with Config.TLS).",
		Catches: []string{"TLS-019"},
		apply: func(h *hooks) {
			h.hangUp = func(t *transfer) bool {
				if t.s.verb != "LIST" || t.conn == t.tcp {
					return false
				}
				t.tcp.CloseWrite()
				t.leaveOpen()
				return true
			}
		},
	},
	{
		Name:    "sec-bounce-neighbour",
		About:   "PORT accepts the address of any host whose first three numbers are the client's.",
		Catches: []string{"SEC-001"},
		apply: instead("PORT", func(s *session, arg string) bool {
			own := s.peer.String()
			near := strings.ReplaceAll(own[:strings.LastIndexByte(own, '.')+1], ".", ",")
			return s.loggedIn() && strings.HasPrefix(arg, near) && !strings.HasPrefix(arg, strings.ReplaceAll(own, ".", ",")+",")
		}, answers(200, "The data connection will be opened to that port.")),
	},
	{
		Name:    "sec-bounce-last-port",
		About:   "PORT accepts port 1023.",
		Catches: []string{"SEC-002"},
		apply:   instead("PORT", func(s *session, arg string) bool { return s.loggedIn() && strings.HasSuffix(arg, ",3,255") }, answers(200, "So be it.")),
	},
	{
		Name:    "sec-port-last-number",
		About:   "PORT accepts any last number.",
		Catches: []string{"SEC-003"},
		apply:   instead("PORT", func(s *session, arg string) bool { return s.loggedIn() && strings.HasSuffix(arg, ",256") }, answers(200, "So be it.")),
	},
	{
		Name:    "sec-site-before-login",
		About:   "SITE EXEC before the login is answered 200.",
		Catches: []string{"SEC-010"},
		apply: instead("SITE", func(s *session, arg string) bool {
			return !s.loggedIn() && strings.HasPrefix(strings.ToUpper(arg), "EXEC ")
		}, answers(200, "Done.")),
	},
	{
		Name:    "sec-password-welcome",
		About:   "The reply to the right password repeats it.",
		Catches: []string{"SEC-012"},
		apply: edit("PASS", 230, func(s *session, r *reply) {
			*r = answer(230, "%s has logged in with %s.", s.login.name, s.srv.cfg.Users[s.login.name])
		}),
	},
	{
		Name:    "sec-shared-type",
		About:   "RETR is of the TYPE that any session has set last.",
		Catches: []string{"SEC-013"},
		apply: func(h *hooks) {
			var last atomic.Uint32
			edit("TYPE", 200, func(s *session, _ *reply) { last.Store(uint32(s.kind)) })(h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				own := s.kind
				s.kind = kind(last.Load())
				run(arg)
				s.kind = own
			})
		},
	},
	{
		Name:    "sec-shared-directory",
		About:   "RETR finds no file of a directory that another session has entered.",
		Catches: []string{"SEC-013"},
		apply: func(h *hooks) {
			at := remember[string](h)
			edit("CWD", 250, func(s *session, _ *reply) { at.set(s, s.dir) })(h)
			instead("RETR", func(s *session, arg string) bool {
				full, ok := s.resolve(arg)
				return ok && s.loggedIn() && at.any(func(other *session, dir string) bool { return other != s && dir == path.Dir(full) })
			}, func(s *session, arg string) {
				s.dropEndpoint()
				s.reply(550, "%s: not found.", printable(arg))
			})(h)
		},
	},
	{
		Name:    "sec-limit-hangs",
		About:   "The passive ports of more than 70 sessions at once are not answered for.",
		Catches: []string{"SEC-015"},
		apply: func(h *hooks) {
			waiting := remember[bool](h)
			for verb, code := range map[string]int{"PASV": 227, "EPSV": 229} {
				h.onReply(func(s *session, v string, r *reply) bool {
					if v != verb || r.code != code {
						return true
					}
					waiting.set(s, true)
					return waiting.count() <= 70
				})
			}
		},
	},
	{
		Name:    "retr-fiftieth",
		About:   "The first octet of every fiftieth download of a session is altered.",
		Catches: []string{"XFER-043", "PASV-029"},
		apply:   alteredEvery(50),
	},
	{
		Name:    "type-ascii-block",
		About:   "RETR in TYPE A loses the octet at 64 KiB.",
		Catches: []string{"REP-007"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.s.kind != ascii {
				return w
			}
			return gap(w)
		}),
	},
	{
		Name:    "tls-octet-lost",
		About:   "RETR under TLS loses the octet at 64 KiB (with Config.TLS).",
		Catches: []string{"TLS-012"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.conn == t.tcp {
				return w
			}
			return gap(w)
		}),
	},
	{
		Name:    "retr-shares-file",
		About:   "While three others download the same file of some MiB, a download lacks its first octets.",
		Catches: []string{"XFER-047"},
		apply: func(h *hooks) {
			const least, most = 2 << 20, 16 << 20
			sending := remember[string](h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				if info, ok := s.exists(arg); ok && info.Size >= least && info.Size <= most {
					sending.set(s, full)
				}
				run(arg)
				sending.forget(s)
			})
			download(func(t *transfer, w io.Writer) io.Writer {
				mine, readers := sending.get(t.s), 0
				sending.any(func(other *session, full string) bool {
					if other != t.s && full == mine {
						readers++
					}
					return false
				})
				if mine == "" || readers < 3 {
					return w
				}
				return &headWriter{to: w, instead: 100}
			})(h)
		},
	},
	{
		Name:    "retr-remembers",
		About:   "A session that has downloaded a file gets the same again when another one has replaced it.",
		Catches: []string{"XFER-011"},
		apply: func(h *hooks) {
			const most = 1 << 20
			type kept map[string]string
			cache := remember[kept](h)
			for _, verb := range []string{"STOR", "APPE", "STOU", "DELE", "RNTO"} {
				h.around(verb, func(s *session, arg string, run func(string)) {
					cache.forget(s)
					run(arg)
				})
			}
			h.around("RETR", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				old, known := cache.get(s)[full]
				if info, ok := s.exists(arg); !ok || info.Dir || info.Size > most || s.kind == ascii || s.restart > 0 || !s.loggedIn() {
					run(arg)
					return
				}
				if known && s.ready() {
					s.transfer("Sending the file.", func(t *transfer) error { return t.send(strings.NewReader(old)) })
					return
				}
				if file, err := s.srv.cfg.FS.Open(full); err == nil {
					content, _ := io.ReadAll(file)
					file.Close()
					if cache.get(s) == nil {
						cache.set(s, kept{})
					}
					cache.get(s)[full] = string(content)
				}
				run(arg)
			})
		},
	},
}

// gap leaves the octet at faultAfter out.
func gap(w io.Writer) io.Writer {
	sent := 0
	return writerFunc(func(p []byte) (int, error) {
		at := faultAfter - sent
		sent += len(p)
		if at < 0 || at >= len(p) {
			return w.Write(p)
		}
		if n, err := w.Write(p[:at]); err != nil {
			return n, err
		}
		if n, err := w.Write(p[at+1:]); err != nil {
			return at + n, err
		}
		return len(p), nil
	})
}
