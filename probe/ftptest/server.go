package ftptest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Server is a running FTP server.
type Server struct {
	cfg   Config
	hooks hooks
	tls   *tls.Config // with ticket keys that all sessions share; nil: none
	ln    net.Listener

	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	group sync.WaitGroup // every goroutine

	mu    sync.Mutex
	conns map[io.Closer]struct{} // closed by Close
	perIP map[netip.Addr]int
	open  int // sessions

	counters counters
}

// Start starts a server. It is listening when Start returns and serves in goroutines of its
// own until Close. The error is that of a configuration that cannot work, or of the listener.
func Start(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if cfg.TLS == nil && (cfg.Implicit || cfg.RequireTLS || cfg.RequireDataTLS || cfg.RequireReuse) {
		return nil, errors.New("ftptest: TLS is asked for, but Config.TLS is nil")
	}
	if cfg.PassivePorts.First > cfg.PassivePorts.Last {
		return nil, fmt.Errorf("ftptest: passive ports %d-%d: the first is above the last", cfg.PassivePorts.First, cfg.PassivePorts.Last)
	}
	if cfg.Advertise.IsValid() && !cfg.Advertise.Unmap().Is4() {
		return nil, fmt.Errorf("ftptest: a 227 reply cannot name %v: it is not an IPv4 address", cfg.Advertise)
	}
	srv := &Server{
		cfg:   cfg,
		conns: make(map[io.Closer]struct{}),
		perIP: make(map[netip.Addr]int),
	}
	srv.hooks.maxSessions = cfg.MaxSessions
	for _, f := range cfg.Faults {
		if f.apply == nil {
			return nil, fmt.Errorf("ftptest: fault %q does nothing: take faults from Faults or LookupFault", f.Name)
		}
		f.apply(&srv.hooks)
	}
	for _, v := range cfg.Variants {
		if v.apply == nil {
			return nil, fmt.Errorf("ftptest: variant %q does nothing: take variants from Variants or LookupVariant", v.Name)
		}
		v.apply(&srv.hooks)
	}
	for _, f := range srv.hooks.configure {
		f(&srv.cfg)
	}
	if srv.cfg.TLS != nil {
		srv.tls = srv.cfg.TLS.Clone()
		var key [32]byte
		rand.Read(key[:])
		srv.tls.SetSessionTicketKeys([][32]byte{key})
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("ftptest: %w", err)
	}
	srv.ln = ln
	srv.ctx, srv.stop = context.WithCancel(context.Background())
	srv.group.Go(srv.accept)
	return srv, nil
}

// Addr is the address that the server listens on; the unspecified address when Config.Addr
// names no host.
func (s *Server) Addr() netip.AddrPort { return addrPort(s.ln.Addr()) }

// URL is where a client of this machine finds the server, with the credentials of the first
// configured user: "ftp://pasv:embedded@127.0.0.1:40000/", with the scheme ftpes for explicit and
// ftps for implicit TLS.
func (s *Server) URL() string {
	u := url.URL{Scheme: "ftp", Path: "/"}
	switch {
	case s.cfg.Implicit:
		u.Scheme = "ftps"
	case s.cfg.TLS != nil:
		u.Scheme = "ftpes"
	}
	addr := s.Addr()
	if addr.Addr().IsUnspecified() {
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), addr.Port())
	}
	u.Host = addr.String()
	names := make([]string, 0, len(s.cfg.Users))
	for name := range s.cfg.Users {
		names = append(names, name)
	}
	if len(names) > 0 {
		first := slices.Min(names)
		u.User = url.UserPassword(first, s.cfg.Users[first])
	}
	return u.String()
}

// Close stops listening, ends every session at once and waits for every goroutine of the
// server. It may be called again.
func (s *Server) Close() error {
	s.stop()
	err := s.ln.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			if s.ctx.Err() != nil {
				return
			}
			// Out of file descriptors, most likely: sessions that end will free some.
			if s.cfg.Log != nil {
				s.cfg.Log("accept: %v", err)
			}
			if !s.sleep(10 * time.Millisecond) {
				return
			}
			continue
		}
		s.group.Go(func() { s.serve(c.(*net.TCPConn)) })
	}
}

// serve runs one control connection.
func (s *Server) serve(c *net.TCPConn) {
	defer c.Close()
	if !s.track(c) {
		return
	}
	defer s.untrack(c)
	peer := addrPort(c.RemoteAddr()).Addr()
	release, ok := s.admit(peer)
	defer release()
	s.counters.sessions.Add(1)
	if h := s.hooks.connected; h != nil {
		h(c)
		return
	}
	sess := newSession(s, c)
	if !ok {
		sess.refuse()
	} else {
		sess.serve()
	}
	release()
	sess.control.shut()
}

// admit counts a session. It reports false when there are too many; release takes the session
// out of the count and may be called twice.
func (s *Server) admit(peer netip.Addr) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	max, each := s.hooks.maxSessions, s.cfg.MaxSessionsPerIP
	if max > 0 && s.open >= max || each > 0 && s.perIP[peer] >= each {
		return func() {}, false
	}
	s.open++
	s.perIP[peer]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.perIP[peer]--; s.perIP[peer] == 0 {
			delete(s.perIP, peer)
		}
	}), true
}

// track makes Close close c. It reports false when the server is closing already.
func (s *Server) track(c io.Closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) untrack(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// sleep waits, and reports false when the server was closed meanwhile.
func (s *Server) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// lingerLimit is how long a connection is read after our FIN: closing a socket with unread
// input makes the kernel send RST, which can destroy what the peer has not read yet.
const lingerLimit = 2 * time.Second

// drain reads c to its end, for at most lingerLimit, and closes it.
func drain(c *net.TCPConn) {
	c.SetReadDeadline(time.Now().Add(lingerLimit))
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
	c.Close()
}

// addrPort is a with IPv4 addresses in their plain form.
func addrPort(a net.Addr) netip.AddrPort {
	ap := a.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
