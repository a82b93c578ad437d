package ftptest

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// passiveFaults concern the passive state: what begins it, what ends it, and who is served.
var passiveFaults = []Fault{
	{
		Name:    "pasv-port-stays",
		About:   "PORT stays in force although a PASV follows it.",
		Catches: []string{"PASV-013"},
		apply: together(func(h *hooks) { h.preferActive = true }, wrap("PASV", func(s *session, arg string, run func(string)) {
			active := s.active
			run(arg)
			s.active = active
		})),
	},
	{
		Name:    "pasv-serves-twice",
		About:   "A port that was used accepts again, and sends stray octets.",
		Catches: []string{"PASV-014", "PASV-019"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				return &lingeringListener{TCPListener: ln, s: s}, nil
			}
		},
	},
	{
		Name:    "pasv-not-needed",
		About:   "LIST without PASV, EPSV and PORT is answered 226, and nothing is sent.",
		Catches: []string{"PASV-015"},
		apply: instead("LIST", func(s *session, _ string) bool { return s.loggedIn() && s.passive == nil && !s.active.IsValid() },
			answers(226, "Done.")),
	},
	{
		Name:    "pasv-argument-closes",
		About:   "PASV with an argument closes the session without a reply.",
		Catches: []string{"PASV-016"},
		apply:   instead("PASV", func(_ *session, arg string) bool { return arg != "" }, hangUp),
	},
	{
		Name:    "pasv-before-login",
		About:   "PASV before login opens a port.",
		Catches: []string{"PASV-017", "LOG-006"},
		apply:   instead("PASV", beforeLogin, (*session).pasv),
	},
	{
		Name:    "pasv-cancelled-by-cwd",
		About:   "CWD closes the port that PASV has opened.",
		Catches: []string{"PASV-018"},
		apply: wrap("CWD", func(s *session, arg string, run func(string)) {
			run(arg)
			s.dropEndpoint()
		}),
	},
	{
		Name:    "pasv-two-connections",
		About:   "A second data connection to the same port gets octets, too.",
		Catches: []string{"PASV-019"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				return generousListener{ln}, nil
			}
		},
	},
	{
		Name:    "pasv-any-peer",
		About:   "A data connection from another address is served.",
		Catches: []string{"PASV-020"},
		apply:   func(h *hooks) { h.acceptAnybody = true },
	},
	{
		Name:    "pasv-predictable",
		About:   "Each passive port is the one before plus one.",
		Catches: []string{"PASV-021"},
		apply: func(h *hooks) {
			// Not among the ports that the system gives to clients, which would leave gaps.
			ports := Range{24_000, 32_000}
			var next atomic.Uint32
			h.listen = func(s *session, _ string) (listener, error) {
				var ln *net.TCPListener
				var err error
				for range 1000 {
					port := ports.First + uint16(next.Add(1)%uint32(ports.Last-ports.First))
					if ln, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(s.local.Addr(), port))); err == nil {
						return ln, nil
					}
				}
				return nil, err
			}
		},
	},
	{
		Name:    "pasv-survives-quit",
		About:   "After QUIT the passive port and what is connected to it stay open.",
		Catches: []string{"PASV-022"},
		apply: wrap("QUIT", func(s *session, arg string, run func(string)) {
			ln := s.passive
			s.passive = nil
			s.srv.group.Go(func() {
				<-s.srv.ctx.Done()
				s.closePassive(ln)
			})
			run(arg)
		}),
	},
	{
		Name:    "pasv-survives-abor",
		About:   "ABOR leaves the passive port open.",
		Catches: []string{"PASV-023"},
		apply: instead("ABOR", func(s *session, _ string) bool { return s.loggedIn() && s.passive != nil },
			answers(226, "Nothing is being transferred.")),
	},
	{
		Name:    "pasv-absent-data-complete",
		About:   "RETR is answered 226 when no data connection has come within Config.AcceptTimeout.",
		Catches: []string{"PASV-024"},
		apply:   recode("RETR", 425, "No data connection", 226),
	},
	{
		Name:    "pasv-closed-data-hangs",
		About:   "RETR gets no final reply when its data connection was closed before.",
		Catches: []string{"PASV-025"},
		apply: download(func(t *transfer, w io.Writer) io.Writer {
			if t.ended() {
				<-t.ctx.Done()
			}
			return w
		}),
	},
	{
		Name:    "pasv-shared-port",
		About:   "While 40 ports are open PASV announces the port of another session.",
		Catches: []string{"PASV-026"},
		apply: func(h *hooks) {
			last := remember[netip.AddrPort](h)
			announce(func(s *session, ap netip.AddrPort) netip.AddrPort {
				if s.srv.counters.openListeners.Load() > 40 {
					last.any(func(other *session, theirs netip.AddrPort) bool {
						if other != s {
							ap = theirs
						}
						return other != s
					})
				}
				last.set(s, ap)
				return ap
			})(h)
		},
	},
	{
		Name:    "pasv-leaks",
		About:   "A new PASV leaves the ports of the old ones open, if nothing has connected to them.",
		Catches: []string{"PASV-027"},
		apply: func(h *hooks) {
			h.replace = func(_ *session, old, new listener) listener {
				old.SetDeadline(time.Now().Add(time.Millisecond))
				if c, err := old.Accept(); err == nil {
					c.Close()
					old.Close()
					return new
				}
				return &leakyListener{listener: new, old: old}
			}
		},
	},
	{
		Name:    "pasv-exhausted-dead-port",
		About:   "When Config.PassivePorts are in use PASV announces a port where nobody listens.",
		Catches: []string{"PASV-028"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				if ln, err := s.listen(); err == nil {
					return ln, nil
				}
				ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(s.local.Addr(), 0)))
				if err != nil {
					return nil, err
				}
				return newRefusingPort(ln)
			}
		},
	},
	{
		Name:    "pasv-tires",
		About:   "The 500th RETR of a session is answered 425.",
		Catches: []string{"PASV-029"},
		apply: func(h *hooks) {
			counts := remember[int](h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				n := counts.get(s) + 1
				counts.set(s, n)
				if n == 500 {
					s.dropEndpoint()
					s.reply(425, "No port is free for a data connection.")
					return
				}
				run(arg)
			})
		},
	},
	{
		Name:    "pasv-on-ipv-six",
		About:   "On an IPv6 control connection PASV announces 0.0.0.0.",
		Catches: []string{"PASV-030"},
		apply: instead("PASV", func(s *session, _ string) bool { return s.loggedIn() && s.local.Addr().Is6() }, func(s *session, _ string) {
			if s.enterPassive() {
				port := addrPort(s.passive.Addr()).Port()
				s.reply(227, "Entering Passive Mode (%s).", hostPort(netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
			}
		}),
	},
	{
		Name:    "pasv-impatient",
		About:   "A passive port closes when nothing has connected to it within 5 s.",
		Catches: []string{"PASV-031"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				ln.SetDeadline(time.Now().Add(5 * time.Second))
				return newImpatientListener(s, ln, 0), nil
			}
		},
	},
}

// instant is long enough for what has arrived already, and short enough for a thousand transfers.
const instant = 2 * time.Millisecond

// ended reports whether the client has closed its side of the data connection.
func (t *transfer) ended() bool {
	t.tcp.SetReadDeadline(time.Now().Add(instant))
	defer t.tcp.SetReadDeadline(time.Time{})
	_, err := t.tcp.Read(make([]byte, 1))
	return err != nil && !isTimeout(err)
}

// lingeringListener stays open after its use, until the session ends or another 30 s are over.
type lingeringListener struct {
	*net.TCPListener
	s    *session
	used atomic.Bool
	once sync.Once
}

func (l *lingeringListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	if err == nil {
		l.used.Store(true)
	}
	return c, err
}

func (l *lingeringListener) Close() error {
	if !l.used.Load() || !l.s.srv.track(l.TCPListener) {
		return l.TCPListener.Close()
	}
	l.once.Do(func() {
		l.SetDeadline(time.Now().Add(30 * time.Second))
		l.s.srv.group.Go(func() {
			defer l.s.srv.untrack(l.TCPListener)
			defer l.TCPListener.Close()
			for {
				c, err := l.TCPListener.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, "stray\r\n")
				c.Close()
			}
		})
	})
	return nil
}

// generousListener sends something to a second connection.
type generousListener struct{ *net.TCPListener }

func (l generousListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	if err != nil {
		return nil, err
	}
	l.SetDeadline(time.Now().Add(instant))
	if second, err := l.TCPListener.Accept(); err == nil {
		_, _ = io.WriteString(second, "stray\r\n")
		second.Close()
	}
	return c, nil
}

// leakyListener keeps the one before it open.
type leakyListener struct {
	listener
	old listener
}

func (l *leakyListener) Close() error {
	l.old.Close()
	return l.listener.Close()
}
