package ftptest

import (
	"net"
	"os"
	"sync"
	"time"
)

// listenerFaults concern where and when a data connection is accepted.
var listenerFaults = []Fault{
	{
		Name:    "pasv-late-listener",
		About:   "The server begins to listen 300 ms after the 227 reply.",
		Catches: []string{"PASV-008"},
		apply:   lateListening("PASV"),
	},
	{
		Name:    "pasv-refuses-early-data",
		About:   "A data connection that is opened before the transfer command is closed: the command gets a 425.",
		Catches: []string{"PASV-009"},
		apply:   func(h *hooks) { h.refuseEarly = true },
	},
	{
		Name:    "pasv-refuses-late-data",
		About:   "A transfer command is answered 425 when the data connection is not there yet.",
		Catches: []string{"PASV-010"},
		apply:   func(h *hooks) { h.refuseLate = true },
	},
	{
		Name:    "pasv-drops-early-data",
		About:   "A data connection is closed when no transfer command comes within 2 s.",
		Catches: []string{"PASV-011"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				return newImpatientListener(s, ln, 2*time.Second), nil
			}
		},
	},
	{
		Name:    "pasv-keeps-old-port",
		About:   "A new PASV leaves the old port open, and a transfer goes to the connection that came first.",
		Catches: []string{"PASV-012", "EPSV-016", "XFER-009"},
		apply: func(h *hooks) {
			h.replace = func(_ *session, old, new listener) listener { return &listeners{old: old, new: new} }
		},
	},
	{
		Name:    "pasv-refused",
		About:   "PASV and EPSV name a port on which nobody listens: connections to it are refused.",
		Catches: []string{"PASV-008", "EPSV-005", "range-rejected"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) {
				ln, err := s.listen()
				if err != nil {
					return nil, err
				}
				return newRefusingPort(ln)
			}
		},
	},
	{
		Name:    "pasv-filtered",
		About:   "PASV and EPSV name a port that does not answer (Linux) or stays silent (elsewhere).",
		Catches: []string{"PASV-008", "EPSV-005", "range-filtered"},
		apply: func(h *hooks) {
			h.listen = func(s *session, _ string) (listener, error) { return newMutePort(s) }
		},
	},
}

// lateListener is a listener that opens after a while, on a port that was free before.
type lateListener struct {
	addr   net.Addr
	cancel chan struct{}
	once   sync.Once
	ready  chan struct{} // closed when ln or err is set
	ln     *net.TCPListener
	err    error

	mu       sync.Mutex
	deadline time.Time
}

func newLateListener(s *session, delay time.Duration) (listener, error) {
	reserved, err := s.listen()
	if err != nil {
		return nil, err
	}
	l := &lateListener{addr: reserved.Addr(), cancel: make(chan struct{}), ready: make(chan struct{})}
	reserved.Close()
	s.srv.group.Go(func() {
		defer close(l.ready)
		select {
		case <-time.After(delay):
			l.ln, l.err = net.ListenTCP("tcp", l.addr.(*net.TCPAddr))
		case <-l.cancel:
			l.err = net.ErrClosed
		case <-s.srv.ctx.Done():
			l.err = net.ErrClosed
		}
	})
	return l, nil
}

func (l *lateListener) Accept() (net.Conn, error) {
	if <-l.ready; l.err != nil {
		return nil, l.err
	}
	l.mu.Lock()
	l.ln.SetDeadline(l.deadline)
	l.mu.Unlock()
	return l.ln.Accept()
}

func (l *lateListener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	return nil
}

func (l *lateListener) Addr() net.Addr { return l.addr }

func (l *lateListener) Close() error {
	l.once.Do(func() { close(l.cancel) })
	if <-l.ready; l.err != nil {
		return nil
	}
	return l.ln.Close()
}

// impatientListener accepts at once, and closes what it has accepted when nobody wants it within
// its patience, if that is not 0. The connection is then missing: Accept waits for another one.
type impatientListener struct {
	*net.TCPListener
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once

	mu       sync.Mutex
	deadline time.Time
}

func newImpatientListener(s *session, ln *net.TCPListener, patience time.Duration) *impatientListener {
	l := &impatientListener{TCPListener: ln, conns: make(chan net.Conn), done: make(chan struct{})}
	s.srv.group.Go(func() {
		defer ln.Close()
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			ln.SetDeadline(time.Time{})
			var tired <-chan time.Time
			if patience > 0 {
				tired = time.After(patience)
			}
			select {
			case l.conns <- c:
				continue
			case <-tired:
			case <-l.done:
			case <-s.srv.ctx.Done():
			}
			c.Close()
		}
	})
	return l
}

func (l *impatientListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	t := time.NewTimer(time.Until(l.deadline))
	l.mu.Unlock()
	defer t.Stop()
	select {
	case c := <-l.conns:
		return c, nil
	case <-t.C:
		return nil, os.ErrDeadlineExceeded
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *impatientListener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	return nil
}

func (l *impatientListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.TCPListener.Close()
}

// listeners is an old listener and the one that ought to have replaced it. The old one is asked
// first.
type listeners struct {
	old, new listener

	mu       sync.Mutex
	deadline time.Time
}

func (l *listeners) Accept() (net.Conn, error) {
	for {
		for _, ln := range []listener{l.old, l.new} {
			ln.SetDeadline(time.Now().Add(grace))
			c, err := ln.Accept()
			if err == nil || !isTimeout(err) {
				return c, err
			}
		}
		l.mu.Lock()
		late := time.Now().After(l.deadline)
		l.mu.Unlock()
		if late {
			return nil, os.ErrDeadlineExceeded
		}
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func (l *listeners) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	return nil
}

func (l *listeners) Addr() net.Addr { return l.new.Addr() }

func (l *listeners) Close() error {
	l.old.Close()
	return l.new.Close()
}

// deadPort is a port from which no connection is ever accepted. What keeps it that way is held
// open until Close.
type deadPort struct {
	addr net.Addr
	held []interface{ Close() error }
	done chan struct{}
	once sync.Once

	mu       sync.Mutex
	deadline time.Time
}

func newDeadPort(addr net.Addr, held ...interface{ Close() error }) *deadPort {
	return &deadPort{addr: addr, held: held, done: make(chan struct{})}
}

// newRefusingPort takes the port of ln by being connected from it: nobody listens there, and nobody else
// can get it.
func newRefusingPort(ln *net.TCPListener) (listener, error) {
	c, err := net.DialTCP("tcp", &net.TCPAddr{IP: addrIP(ln.Addr())}, ln.Addr().(*net.TCPAddr))
	if err != nil {
		ln.Close()
		return nil, err
	}
	return newDeadPort(c.LocalAddr(), c, ln), nil
}

func addrIP(a net.Addr) net.IP { return a.(*net.TCPAddr).IP }

func (p *deadPort) Accept() (net.Conn, error) {
	p.mu.Lock()
	t := time.NewTimer(time.Until(p.deadline))
	p.mu.Unlock()
	defer t.Stop()
	select {
	case <-t.C:
		return nil, os.ErrDeadlineExceeded
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *deadPort) SetDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	return nil
}

func (p *deadPort) Addr() net.Addr { return p.addr }

func (p *deadPort) Close() error {
	p.once.Do(func() {
		close(p.done)
		for _, c := range p.held {
			c.Close()
		}
	})
	return nil
}
