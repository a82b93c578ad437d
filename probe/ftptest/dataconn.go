package ftptest

import (
	"crypto/tls"
	"net"
	"time"
)

// grace is how long a connection that was made before the transfer command may take to
// show up in the backlog.
const grace = 20 * time.Millisecond

// early takes a data connection that was there before the transfer command, for the faults
// that mind when it was made. It reports false when they refuse it.
func (s *session) early() (net.Conn, bool) {
	if s.passive == nil || !s.hooks.refuseEarly && !s.hooks.refuseLate {
		return nil, true
	}
	s.passive.SetDeadline(time.Now().Add(grace))
	c, err := s.passive.Accept()
	if err != nil {
		return nil, !s.hooks.refuseLate
	}
	if s.hooks.refuseEarly {
		c.Close()
		return nil, false
	}
	if !s.admits(c) {
		return nil, !s.hooks.refuseLate
	}
	return c, true
}

// connect gets the data connection, one and no more: the listener closes with it.
func (t *transfer) connect(early net.Conn) error {
	s := t.s
	defer s.dropEndpoint()
	c := early
	var err error
	switch {
	case c != nil:
	case s.passive != nil && !(s.hooks.preferActive && s.active.IsValid()):
		c, err = t.accept(s.passive)
	default:
		c, err = s.dial(t.ctx)
	}
	if err != nil {
		return fail(425, "No data connection.")
	}
	t.tcp = c.(*net.TCPConn)
	t.conn = t.tcp
	if err := t.use(t.tcp); err != nil {
		t.tcp.Close()
		return err
	}
	return nil
}

// accept waits for the client. A connection from another address is closed (RFC 2577 §4, §8);
// it does not make the client's own wait for nothing when that has arrived too.
func (t *transfer) accept(ln listener) (net.Conn, error) {
	if err := t.use(ln); err != nil {
		return nil, err
	}
	if !t.s.srv.track(ln) {
		return nil, net.ErrClosed
	}
	defer t.s.srv.untrack(ln)
	ln.SetDeadline(time.Now().Add(t.s.srv.cfg.AcceptTimeout))
	for {
		c, err := ln.Accept()
		if err != nil {
			return nil, err
		}
		if t.s.admits(c) {
			return c, nil
		}
		ln.SetDeadline(time.Now().Add(grace))
	}
}

// admits reports whether a data connection comes from the client; if not, it has closed it.
func (s *session) admits(c net.Conn) bool {
	if addrPort(c.RemoteAddr()).Addr() == s.peer || s.hooks.acceptAnybody {
		return true
	}
	s.log("data connection from %v refused", c.RemoteAddr())
	s.srv.counters.foreignConns.Add(1)
	c.Close()
	return false
}

// secure makes the data connection a TLS connection under PROT P.
func (t *transfer) secure() error {
	s := t.s
	if !s.private {
		return nil
	}
	t.cut = &cutDetector{Conn: t.tcp}
	if h := s.hooks.underTLS; h != nil {
		c, clear := h(t)
		if clear {
			t.cut, t.conn = nil, c
			return nil
		}
		t.cut.Conn = c
	}
	secure := tls.Server(t.cut, s.dataTLS)
	secure.SetDeadline(time.Now().Add(s.srv.cfg.HandshakeTimeout))
	if err := secure.HandshakeContext(t.ctx); err != nil {
		return fail(522, "TLS handshake failed on the data connection: %s.", printable(err.Error()))
	}
	if s.srv.cfg.RequireReuse && !secure.ConnectionState().DidResume {
		return fail(522, "The data connection has to resume the TLS session of the control connection.")
	}
	if h := s.hooks.shaken; h != nil {
		if err := h(t, secure.ConnectionState()); err != nil {
			return err
		}
	}
	secure.SetDeadline(time.Time{})
	t.conn = secure
	return nil
}
