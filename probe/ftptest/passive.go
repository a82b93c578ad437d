package ftptest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// endpoint is how the next transfer gets its data connection: at most one of its kinds.
type endpoint struct {
	passive      listener       // of PASV or EPSV; nil: none
	active       netip.AddrPort // of PORT or EPRT; zero: none
	extendedOnly bool           // EPSV ALL
}

// dropEndpoint ends what PASV, EPSV, PORT and EPRT have set up. Connections that wait
// unaccepted are reset by the kernel.
func (s *session) dropEndpoint() {
	s.active = netip.AddrPort{}
	s.closePassive(s.passive)
	s.passive = nil
}

func (s *session) closePassive(ln listener) {
	if ln == nil {
		return
	}
	ln.Close()
	s.srv.counters.openListeners.Add(-1)
}

// enterPassive opens a listener in the place of the old one. It has replied when it reports
// false.
func (s *session) enterPassive() bool {
	ln, err := s.open()
	if err != nil {
		s.log("%v", err)
		s.reply(425, "No port is free for a data connection.")
		return false
	}
	s.srv.counters.listeners.Add(1)
	s.srv.counters.openListeners.Add(1)
	if s.hooks.replace != nil && s.passive != nil {
		s.srv.counters.openListeners.Add(-1) // two that count as one
		ln = s.hooks.replace(s, s.passive, ln)
		s.passive = nil
	}
	s.dropEndpoint()
	s.passive = ln
	return true
}

func (s *session) open() (listener, error) {
	if s.hooks.listen != nil {
		return s.hooks.listen(s, s.verb)
	}
	return s.listen()
}

// dynamicPorts are those of RFC 6335 §6 that no service has.
var dynamicPorts = Range{49152, 65535}

// listen opens a listener on the address of the control connection, and on one of the
// configured ports. Where any port will do, some of dynamicPorts are tried before the
// system is asked: with many connections in TIME_WAIT, as after a load, its search for a free
// port takes milliseconds.
func (s *session) listen() (*net.TCPListener, error) {
	addr := s.local.Addr()
	if s.verb == "PASV" && s.srv.cfg.Advertise.IsValid() {
		addr = netip.IPv4Unspecified()
	}
	if ports := s.srv.cfg.PassivePorts; ports != (Range{}) {
		return ports.listen(addr, int(ports.Last)-int(ports.First)+1)
	}
	if ln, err := dynamicPorts.listen(addr, 16); err == nil {
		return ln, nil
	}
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
}

// listen tries ports of r, at most so many, from a random one on: the next port must not be
// easy to guess (RFC 2577 §8).
func (r Range) listen(addr netip.Addr, tries int) (ln *net.TCPListener, err error) {
	n := int(r.Last) - int(r.First) + 1
	start := rand.IntN(n)
	for i := range tries {
		port := r.First + uint16((start+i)%n)
		if ln, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, port))); err == nil {
			return ln, nil
		}
	}
	return nil, fmt.Errorf("none of %d ports from %d to %d: %w", tries, r.First, r.Last, err)
}

func (s *session) pasv(string) {
	switch {
	case s.extendedOnly:
		s.reply(501, "PASV is not allowed after EPSV ALL.")
		return
	case !s.local.Addr().Is4():
		s.reply(501, "PASV cannot describe an IPv6 address, use EPSV.")
		return
	}
	if !s.enterPassive() {
		return
	}
	ap := addrPort(s.passive.Addr())
	ap = netip.AddrPortFrom(s.local.Addr(), ap.Port())
	if a := s.srv.cfg.Advertise; a.IsValid() {
		ap = netip.AddrPortFrom(a.Unmap(), ap.Port())
	}
	if s.hooks.announce != nil {
		ap = s.hooks.announce(s, ap)
	}
	if s.hooks.passive != nil {
		s.send(s.hooks.passive(ap))
		return
	}
	s.reply(227, "Entering Passive Mode (%s).", hostPort(ap))
}

// hostPort is the h1,h2,h3,h4,p1,p2 of RFC 959 §4.1.2.
func hostPort(ap netip.AddrPort) string {
	a := ap.Addr().As4()
	return fmt.Sprintf("%d,%d,%d,%d,%d,%d", a[0], a[1], a[2], a[3], ap.Port()>>8, ap.Port()&0xff)
}

// epsv opens the data connection with the protocol of the control connection only: another one
// would need another address than the control connection has (RFC 2428 §3).
func (s *session) epsv(arg string) {
	switch {
	case strings.EqualFold(arg, "ALL"):
		s.extendedOnly = true
		s.reply(200, "Only EPSV is accepted from now on.")
		return
	case arg != "" && !number(arg):
		s.reply(501, "EPSV takes ALL or the number of a protocol.")
		return
	case arg != "" && arg != s.protocol():
		s.reply(522, "Network protocol not supported, use (%s)", s.protocol())
		return
	}
	if !s.enterPassive() {
		return
	}
	port := addrPort(s.passive.Addr()).Port()
	if s.hooks.extended != nil {
		s.send(s.hooks.extended(port))
		return
	}
	s.reply(229, "Entering Extended Passive Mode (|||%d|)", port)
}

// protocol is the number of the control connection's protocol in RFC 2428.
func (s *session) protocol() string {
	if s.local.Addr().Is4() {
		return "1"
	}
	return "2"
}

func number(s string) bool {
	return s != "" && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// abor comes when no transfer runs, or none any longer: it ends the passive or active state
// (RFC 959 §4.1.3, RFC 2428 §3).
func (s *session) abor(string) {
	s.dropEndpoint()
	s.reply(226, "Nothing is being transferred any longer.")
}
