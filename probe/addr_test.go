package probe_test

import (
	"net"
	"net/netip"
)

// addrPort is where a listener listens.
func addrPort(l net.Listener) netip.AddrPort { return l.Addr().(*net.TCPAddr).AddrPort() }
