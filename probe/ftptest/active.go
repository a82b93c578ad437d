package ftptest

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

func (s *session) port(arg string) {
	if s.extendedOnly {
		s.reply(501, "PORT is not allowed after EPSV ALL.")
		return
	}
	fields := strings.Split(arg, ",")
	var b [6]byte
	ok := len(fields) == len(b)
	for i := 0; i < len(b) && ok; i++ {
		n, err := strconv.ParseUint(fields[i], 10, 8)
		b[i], ok = byte(n), err == nil
	}
	if !ok {
		s.reply(501, "PORT needs six numbers from 0 to 255.")
		return
	}
	s.activate(netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[:4])), uint16(b[4])<<8|uint16(b[5])))
}

// eprt is "<d>protocol<d>address<d>port<d>" with any printable delimiter (RFC 2428 §2).
func (s *session) eprt(arg string) {
	if s.extendedOnly {
		s.reply(501, "EPRT is not allowed after EPSV ALL.")
		return
	}
	fields := strings.Split(arg, arg[:1])
	if arg[0] < '!' || arg[0] > '~' || len(fields) != 5 || fields[0] != "" || fields[4] != "" || !number(fields[1]) {
		s.reply(501, "EPRT needs <d>protocol<d>address<d>port<d>.")
		return
	}
	if fields[1] != s.protocol() {
		s.reply(522, "Network protocol not supported, use (%s)", s.protocol())
		return
	}
	addr, err := netip.ParseAddr(fields[2])
	port, err2 := strconv.ParseUint(fields[3], 10, 16)
	if err != nil || err2 != nil || !number(fields[3]) || addr.Is4() != (fields[1] == "1") || addr.Zone() != "" {
		s.reply(501, "EPRT needs an address and a port of its protocol.")
		return
	}
	s.activate(netip.AddrPortFrom(addr.Unmap(), uint16(port)))
}

// activate remembers where the client listens. Third hosts are refused, and so are the ports
// of well-known services: both are the means of the bounce attack (RFC 2577 §3).
func (s *session) activate(ap netip.AddrPort) {
	switch {
	case ap.Port() < 1024:
		s.reply(504, "Ports below 1024 are not allowed.")
	case ap.Addr() != s.peer.WithZone(""):
		s.reply(501, "Only the address of the control connection is allowed.")
	default:
		s.dropEndpoint()
		s.active = ap
		s.reply(200, "The data connection will be opened to that port.")
	}
}

// dial opens an active data connection.
func (s *session) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.srv.cfg.AcceptTimeout)
	defer cancel()
	to := netip.AddrPortFrom(s.peer, s.active.Port()) // with the zone of a link-local peer
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(s.local.Addr(), 0))}
	return d.DialContext(ctx, "tcp", to.String())
}
