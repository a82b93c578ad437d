package ftptest

import (
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// endpointFaults break the rules of login, passive mode and the control connection in
// other places than the faults that were made for those rules: the second time, in the
// other direction, by another name.
var endpointFaults = []Fault{
	{
		Name:    "pasv-once-a-session",
		About:   "The second PASV of a session is answered 503.",
		Catches: []string{"PASV-001"},
		apply:   later("PASV", func(s *session, _ string, _ func(string)) { s.reply(503, "There was a PASV already.") }),
	},
	{
		Name:    "pasv-mangled-later",
		About:   "From the second one in a session on the 227 reply has five numbers.",
		Catches: []string{"PASV-002"},
		apply: func(h *hooks) {
			asked := remember[bool](h)
			edit("PASV", 227, func(s *session, r *reply) {
				if asked.get(s) {
					r.lines[0] = r.lines[0][:strings.LastIndexByte(r.lines[0], ',')] + ")."
				}
				asked.set(s, true)
			})(h)
		},
	},
	{
		Name:    "pasv-dead-after-connection",
		About:   "After a PASV whose port was connected to and not used, PASV names a port where nobody listens.",
		Catches: []string{"PASV-012", "EPSV-016"},
		apply: func(h *hooks) {
			h.replace = func(s *session, old, new listener) listener {
				old.SetDeadline(time.Now().Add(instant))
				c, err := old.Accept()
				old.Close()
				if err != nil {
					return new
				}
				defer c.Close()
				c.(*net.TCPConn).SetReadDeadline(time.Now().Add(instant))
				if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
					return new // it is gone already
				}
				dead, err := newRefusingPort(new.(*net.TCPListener))
				if err != nil {
					return new
				}
				return dead
			}
		},
	},
	{
		Name:    "pasv-keeps-old-connection",
		About:   "A new PASV closes the old port and leaves the connection to it open, for a minute.",
		Catches: []string{"PASV-012"},
		apply: func(h *hooks) {
			h.replace = func(s *session, old, new listener) listener {
				old.SetDeadline(time.Now().Add(instant))
				if c, err := old.Accept(); err == nil {
					s.srv.group.Go(func() {
						s.srv.sleep(time.Minute)
						c.Close()
					})
				}
				old.Close()
				return new
			}
		},
	},
	{
		Name:    "pasv-dead-after-port",
		About:   "After PORT PASV names a port where nobody listens.",
		Catches: []string{"PASV-013"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil || !s.active.IsValid() {
					return ln, err
				}
				return newRefusingPort(ln)
			}
		},
	},
	{
		Name:    "pasv-cancelled-by-pwd",
		About:   "PWD closes the port that PASV has opened.",
		Catches: []string{"PASV-018"},
		apply:   cancelledBy("PWD"),
	},
	{
		Name:    "pasv-cancelled-by-refusal",
		About:   "An unknown command closes the port that PASV has opened.",
		Catches: []string{"PASV-018"},
		apply: unknown(func(s *session) {
			s.dropEndpoint()
			s.reply(500, "Command not understood.")
		}),
	},
	{
		Name:    "pasv-unused-survives-quit",
		About:   "A passive port to which nobody has connected stays open after QUIT.",
		Catches: []string{"PASV-022"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				return &forgottenListener{ln, s}, nil
			}
		},
	},
	{
		Name:    "epsv-mangled-later",
		About:   "From the second one in a session on the 229 reply lacks its last delimiter.",
		Catches: []string{"EPSV-002"},
		apply: func(h *hooks) {
			asked := remember[bool](h)
			edit("EPSV", 229, func(s *session, r *reply) {
				if asked.get(s) {
					r.lines[0] = strings.ReplaceAll(r.lines[0], "|)", ")")
				}
				asked.set(s, true)
			})(h)
		},
	},
	{
		Name:    "epsv-refuses-late-data",
		About:   "A transfer after EPSV is answered 425 when the data connection is not there yet.",
		Catches: []string{"EPSV-006"},
		apply: func(h *hooks) {
			h.listen = func(s *session, verb string) (listener, error) {
				ln, err := s.listen()
				if err != nil || verb != "EPSV" {
					return ln, err
				}
				return hastyListener{ln}, nil
			}
		},
	},
	{
		Name:    "epsv-spoils-uploads",
		About:   "What is stored over a port of EPSV lacks its first octet.",
		Catches: []string{"EPSV-006"},
		apply: func(h *hooks) {
			by := offeredBy(h)
			upload(func(t *transfer, r io.Reader) io.Reader {
				if by.get(t.s) == "EPSV" {
					_, _ = io.ReadFull(r, make([]byte, 1))
				}
				return r
			})(h)
		},
	},
	{
		Name:    "epsv-three",
		About:   "EPSV 3 is treated as EPSV.",
		Catches: []string{"EPSV-008"},
		apply:   epsvIgnoring(func(arg string) bool { return arg == "3" }),
	},
	{
		Name:    "epsv-wrong-protocol-list",
		About:   "The 522 reply to EPSV lists the protocol that was asked for.",
		Catches: []string{"EPSV-009"},
		apply: wrap("EPSV", func(s *session, arg string, run func(string)) {
			if number(arg) && arg != s.protocol() {
				s.reply(522, "Network protocol not supported, use (%s)", arg)
				return
			}
			run(arg)
		}),
	},
	{
		Name:    "epsv-all-small-letters",
		About:   "EPSV with all in small letters is answered 501.",
		Catches: []string{"EPSV-011"},
		apply:   instead("EPSV", func(_ *session, arg string) bool { return arg == "all" }, answers(501, "That is no protocol.")),
	},
	{
		Name:    "epsv-all-until-epsv",
		About:   "The EPSV that follows EPSV ALL lets the other commands in again.",
		Catches: []string{"EPSV-012", "EPSV-013", "EPSV-014"},
		apply: wrap("EPSV", func(s *session, arg string, run func(string)) {
			run(arg)
			if arg == "" {
				s.extendedOnly = false
			}
		}),
	},
	{
		Name:    "pasv-late-data-nothing",
		About:   "Nothing is sent on a data connection that was opened after the transfer command.",
		Catches: []string{"PASV-010"},
		apply: func(h *hooks) {
			begun := remember[time.Time](h)
			h.started = append(h.started, func(t *transfer) { begun.set(t.s, time.Now()) })
			h.download = func(t *transfer, w io.Writer) io.Writer {
				if time.Since(begun.get(t.s)) > time.Second/2 {
					return io.Discard
				}
				return w
			}
		},
	},
	{
		Name:    "pasv-not-needed-for-names",
		About:   "NLST without PASV, EPSV and PORT is answered 226, and nothing is sent.",
		Catches: []string{"PASV-015"},
		apply: instead("NLST", func(s *session, _ string) bool { return s.loggedIn() && s.passive == nil && !s.active.IsValid() },
			answers(226, "Done.")),
	},
	{
		Name:    "pasv-one-port",
		About:   "A PASV that finds a port still waiting announces it again, with what is connected to it.",
		Catches: []string{"PASV-012", "PASV-021"},
		apply: func(h *hooks) {
			h.replace = func(_ *session, old, new listener) listener {
				new.Close()
				return old
			}
		},
	},
	{
		Name:    "address-wrong-later",
		About:   "From the second one in a session on the 227 reply names 127.0.0.2.",
		Catches: []string{"PASV-007"},
		apply: func(h *hooks) {
			asked := remember[bool](h)
			announce(func(s *session, ap netip.AddrPort) netip.AddrPort {
				if asked.get(s) {
					ap = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 2}), ap.Port())
				}
				asked.set(s, true)
				return ap
			})(h)
		},
	},
	{
		Name:    "ctl-unknown-with-argument",
		About:   "An unknown command with an argument is answered 200.",
		Catches: []string{"CTL-012"},
		apply: func(h *hooks) {
			h.lines = append(h.lines, func(s *session, line string) (string, bool) {
				if _, known := commands[s.verb]; known || !s.loggedIn() || !strings.Contains(line, " ") {
					return line, true
				}
				s.reply(200, "Whatever that is.")
				return "", false
			})
		},
	},
	{
		Name:    "ctl-two-replies",
		About:   "PASV is answered 227, and with a 200 behind it.",
		Catches: []string{"CTL-009"},
		apply: wrap("PASV", func(s *session, arg string, run func(string)) {
			run(arg)
			if s.passive != nil {
				s.reply(200, "Waiting.")
			}
		}),
	},
	{
		Name:    "ctl-small-letters-list",
		About:   "LIST in small letters is not known.",
		Catches: []string{"CTL-013"},
		apply:   notInSmallLetters("list"),
	},
	{
		Name:    "ctl-small-letters-user",
		About:   "USER in small letters is not known.",
		Catches: []string{"CTL-013"},
		apply:   notInSmallLetters("user"),
	},
	{
		Name:    "ctl-directory-without-name",
		About:   "MKD without an argument is answered 257.",
		Catches: []string{"CTL-016"},
		apply:   instead("MKD", bare, answers(257, `"/" is there.`)),
	},
	{
		Name:    "login-by-name",
		About:   "After USER the session is logged in as far as LIST and CWD go.",
		Catches: []string{"LOG-006"},
		apply: together(instead("CWD", named, (*session).cwd), instead("LIST", named, func(s *session, _ string) {
			s.reply(226, "That was all.")
		})),
	},
	{
		Name:    "login-not-needed-by-old-name",
		About:   "XCWD works before login.",
		Catches: []string{"LOG-006"},
		apply:   instead("XCWD", beforeLogin, (*session).cwd),
	},
	{
		Name:    "login-failed-and-ports",
		About:   "After a wrong password PASV opens a port.",
		Catches: []string{"LOG-003"},
		apply: instead("PASV", func(s *session, _ string) bool { return !s.loggedIn() && s.login.attempts > 0 },
			(*session).pasv),
	},
	{
		Name:    "login-falls-back",
		About:   "When the login of another user fails the old one is logged in again.",
		Catches: []string{"LOG-010"},
		apply: func(h *hooks) {
			before := remember[login](h)
			h.around("USER", func(s *session, arg string, run func(string)) {
				if s.loggedIn() {
					before.set(s, s.login)
				}
				run(arg)
			})
			edit("PASS", 530, func(s *session, _ *reply) {
				if old := before.get(s); old.stage == in {
					s.login = old
				}
			})(h)
		},
	},
	{
		Name:    "login-rein-keeps-directory",
		About:   "After REIN the next login begins in the directory of the one before.",
		Catches: []string{"LOG-012"},
		apply: func(h *hooks) {
			at := remember[string](h)
			h.around("REIN", func(s *session, arg string, run func(string)) {
				at.set(s, s.dir)
				run(arg)
			})
			h.around("PASS", func(s *session, arg string, run func(string)) {
				run(arg)
				if dir := at.get(s); dir != "" && s.loggedIn() {
					s.dir = dir
				}
			})
		},
	},
	{
		Name:    "login-rein-keeps-offset",
		About:   "REIN leaves the offset of REST as it was.",
		Catches: []string{"LOG-012"},
		apply: wrap("REIN", func(s *session, arg string, run func(string)) {
			offset := s.restart
			run(arg)
			s.restart = offset
		}),
	},
	{
		Name:    "login-rein-keeps-port",
		About:   "REIN leaves the passive port as it was.",
		Catches: []string{"LOG-012"},
		apply: wrap("REIN", func(s *session, arg string, run func(string)) {
			ln := s.passive
			s.passive = nil
			run(arg)
			s.passive = ln
		}),
	},
	{
		Name:    "min-old-name-idle",
		About:   "XCWD is answered 250 and does nothing.",
		Catches: []string{"MIN-002"},
		apply:   instead("XCWD", afterLogin, answers(250, "There you are.")),
	},
	{
		Name:    "min-old-name-makes-nothing",
		About:   "XMKD is answered 257 and makes nothing.",
		Catches: []string{"MIN-002"},
		apply:   instead("XMKD", afterLogin, answers(257, `"/new" is made.`)),
	},
	{
		Name:    "allo-pads",
		About:   "The STOR that follows ALLO stores as many octets as were announced.",
		Catches: []string{"INFO-007"},
		apply: func(h *hooks) {
			asked := remember[int64](h)
			h.around("ALLO", func(s *session, arg string, run func(string)) {
				n, _ := strconv.ParseInt(arg, 10, 32)
				asked.set(s, n)
				run(arg)
			})
			upload(func(t *transfer, r io.Reader) io.Reader {
				n := asked.get(t.s)
				asked.forget(t.s)
				if n == 0 {
					return r
				}
				return io.LimitReader(io.MultiReader(r, zeros{}), n)
			})(h)
		},
	},
}

// later has then run in place of a verb from its second time in a session on.
func later(verb string, then wrapper) func(*hooks) {
	return func(h *hooks) {
		asked := remember[bool](h)
		h.around(verb, func(s *session, arg string, run func(string)) {
			if s.loggedIn() && asked.get(s) {
				then(s, arg, run)
				return
			}
			asked.set(s, s.loggedIn())
			run(arg)
		})
	}
}

// cancelledBy has a command drop what PASV has opened.
func cancelledBy(verb string) func(*hooks) {
	return wrap(verb, func(s *session, arg string, run func(string)) {
		run(arg)
		s.dropEndpoint()
	})
}

// named is a session whose user is known, but not the password.
func named(s *session, _ string) bool { return s.login.stage == wantPassword }

// notInSmallLetters makes a verb unknown that is written so.
func notInSmallLetters(verb string) func(*hooks) {
	return func(h *hooks) {
		h.lines = append(h.lines, func(s *session, line string) (string, bool) {
			if got, _, _ := strings.Cut(line, " "); got != verb {
				return line, true
			}
			s.reply(500, "Command not understood.")
			return "", false
		})
	}
}

// forgottenListener stays open when nobody has connected to it.
type forgottenListener struct {
	*net.TCPListener
	s *session
}

func (l *forgottenListener) Close() error {
	l.SetDeadline(time.Now().Add(instant))
	c, err := l.Accept()
	if err == nil {
		c.Close()
	}
	if !isTimeout(err) || l.s.verb != "QUIT" {
		return l.TCPListener.Close()
	}
	l.s.srv.group.Go(func() {
		<-l.s.srv.ctx.Done()
		l.TCPListener.Close()
	})
	return nil
}

// zeros are octets without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// hastyListener has no patience.
type hastyListener struct{ *net.TCPListener }

func (l hastyListener) SetDeadline(time.Time) error {
	return l.TCPListener.SetDeadline(time.Now().Add(grace))
}
