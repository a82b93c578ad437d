package ftptest

import (
	"fmt"

	"math"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// securityFaults are holes.
var securityFaults = []Fault{
	{
		Name:    "sec-bounce",
		About:   "PORT and EPRT accept the address of a third host.",
		Catches: []string{"SEC-001"},
		apply:   together(recode("PORT", 501, "Only the address", 200), recode("EPRT", 501, "Only the address", 200)),
	},
	{
		Name:    "sec-bounce-low-port",
		About:   "PORT and EPRT accept ports below 1024.",
		Catches: []string{"SEC-002"},
		apply:   together(recode("PORT", 504, "Ports below", 200), recode("EPRT", 504, "Ports below", 200)),
	},
	{
		Name:    "sec-port-malformed",
		About:   "PORT with a malformed argument is answered 200.",
		Catches: []string{"SEC-003"},
		apply:   recode("PORT", 501, "six numbers", 200),
	},
	{
		Name:    "sec-endless-attempts",
		About:   "Passwords may be wrong as often as one likes, whatever Config.LoginAttempts says.",
		Catches: []string{"SEC-004"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.LoginAttempts = math.MaxInt })
		},
	},
	{
		Name:    "sec-no-delay",
		About:   "A wrong password is answered at once, whatever Config.LoginDelay says.",
		Catches: []string{"SEC-005"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.LoginDelay = 0 })
		},
	},
	{
		Name:    "sec-user-unknown",
		About:   "USER with an unknown name is answered 530.",
		Catches: []string{"SEC-006"},
		apply: instead("USER", func(s *session, arg string) bool {
			_, known := s.srv.cfg.Users[arg]
			return !known && !anonymous(arg)
		}, answers(530, "There is no such user.")),
	},
	{
		Name:    "sec-escape",
		About:   "RETR with .. before etc/passwd sends a made-up list of users from outside the tree.",
		Catches: []string{"SEC-007"},
		apply: instead("RETR", func(s *session, arg string) bool {
			return s.loggedIn() && s.passive != nil && strings.Contains(arg, "..") && strings.HasSuffix(arg, "etc/passwd")
		}, func(s *session, _ string) {
			s.transfer("Sending the file.", func(t *transfer) error {
				return t.send(strings.NewReader("root:x:0:0:root:/root:/bin/sh\r\n"))
			})
		}),
	},
	{
		Name:    "sec-echo",
		About:   "CWD repeats a missing name with the CR and LF that are in it.",
		Catches: []string{"SEC-008"},
		apply: instead("CWD", func(s *session, arg string) bool { return s.loggedIn() && strings.Contains(arg, "\r\n") }, func(s *session, arg string) {
			s.control.send(fmt.Appendf(nil, "550 %s: no such directory.\r\n", arg))
		}),
	},
	{
		Name:    "sec-ports-not-released",
		About:   "The ports of Config.PassivePorts stay in use for ever.",
		Catches: []string{"SEC-009", "PASV-028", "SEC-015"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil || s.srv.cfg.PassivePorts == (Range{}) {
					return ln, err
				}
				return &holdingListener{TCPListener: ln, s: s}, nil
			}
		},
	},
	{
		Name:    "sec-site-exec",
		About:   "SITE EXEC is answered 200.",
		Catches: []string{"SEC-010"},
		apply: instead("SITE", func(s *session, arg string) bool {
			return s.loggedIn() && strings.HasPrefix(strings.ToUpper(arg), "EXEC ")
		}, answers(200, "Done.")),
	},
	{
		Name:    "sec-format",
		About:   "CWD with %n in a name ends the session.",
		Catches: []string{"SEC-011"},
		apply:   instead("CWD", func(s *session, arg string) bool { return s.loggedIn() && strings.Contains(arg, "%n") }, hangUp),
	},
	{
		Name:    "sec-password-echo",
		About:   "The reply to a wrong password repeats it.",
		Catches: []string{"SEC-012"},
		apply: func(h *hooks) {
			sent := remember[string](h)
			h.around("PASS", func(s *session, arg string, run func(string)) {
				sent.set(s, arg)
				run(arg)
			})
			edit("PASS", 530, func(s *session, r *reply) { *r = answer(530, "Wrong password: %s", printable(sent.get(s))) })(h)
		},
	},
	{
		Name:    "sec-shared-rename",
		About:   "RNTO completes the RNFR of another session.",
		Catches: []string{"SEC-013"},
		apply: func(h *hooks) {
			names := remember[string](h)
			// Before the reply goes out: the other session may act on it at once.
			edit("RNFR", 350, func(s *session, _ *reply) { names.set(s, s.renaming) })(h)
			h.around("RNTO", func(s *session, arg string, run func(string)) {
				if s.loggedIn() && s.renaming == "" {
					names.any(func(_ *session, name string) bool {
						s.renaming = name
						return name != ""
					})
				}
				run(arg)
				names.forget(s)
			})
		},
	},
	{
		Name:    "sec-silent-lock-out",
		About:   "Once 40 sessions have waited for a login at once nobody is greeted any longer.",
		Catches: []string{"SEC-014"},
		apply: func(h *hooks) {
			var locked atomic.Bool
			waiting := remember[bool](h)
			h.onReply(func(s *session, verb string, r *reply) bool {
				switch {
				case verb == greeting && r.code == 220:
					waiting.set(s, true)
					if waiting.count() >= 40 {
						locked.Store(true)
					}
					return !locked.Load()
				case r.code == 230:
					waiting.forget(s)
				}
				return true
			})
		},
	},
}

// holdingListener keeps its port until the server is closed.
type holdingListener struct {
	*net.TCPListener
	s    *session
	once sync.Once
}

// Close takes the port by listening for nobody: connections are closed at once.
func (l *holdingListener) Close() error {
	l.once.Do(func() {
		if !l.s.srv.track(l.TCPListener) {
			l.TCPListener.Close()
			return
		}
		l.SetDeadline(time.Time{})
		l.s.srv.group.Go(func() {
			defer l.s.srv.untrack(l.TCPListener)
			for {
				c, err := l.TCPListener.Accept()
				if err != nil {
					return
				}
				c.Close()
			}
		})
	})
	return nil
}
