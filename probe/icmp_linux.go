package probe

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// icmpWatch keeps a connecting socket's queue of errors within reach: package
// net closes the socket when the connect fails, and the queue would go with it.
type icmpWatch struct {
	fd            int // a duplicate, valid when active
	level, option int
	active        bool
}

// control is for [net.Dialer.Control]. What cannot be had is done without.
func (w *icmpWatch) control(network, _ string, raw syscall.RawConn) error {
	w.close()
	w.level, w.option = unix.SOL_IP, unix.IP_RECVERR
	if strings.HasSuffix(network, "6") {
		w.level, w.option = unix.SOL_IPV6, unix.IPV6_RECVERR
	}
	return raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), w.level, w.option, 1) != nil {
			return
		}
		var err error
		w.fd, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		w.active = err == nil
		if err != nil {
			w.off(int(fd))
		}
	})
}

// off ends the queue. With it, an ICMP error that TCP would survive ends an
// established connection.
func (w *icmpWatch) off(fd int) { _ = unix.SetsockoptInt(fd, w.level, w.option, 0) }

// end tells, when the connect failed, which ICMP message it was that answered; nil
// if none did. It must be called in any case.
func (w *icmpWatch) end(failed bool) *ICMPError {
	defer w.close()
	switch {
	case !w.active:
		return nil
	case !failed:
		w.off(w.fd)
		return nil
	}
	control := make([]byte, 512)
	for range 16 { // whatever the queue holds of other errors
		_, n, _, _, err := unix.Recvmsg(w.fd, nil, control, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		if err != nil && err != unix.EINTR {
			return nil
		}
		messages, err := unix.ParseSocketControlMessage(control[:n])
		if err != nil {
			continue
		}
		for _, m := range messages {
			if e := parseICMP(m); e != nil {
				return e
			}
		}
	}
	return nil
}

func (w *icmpWatch) close() {
	if w.active {
		w.active = false
		_ = unix.Close(w.fd)
	}
}

// parseICMP reads a sock_extended_err and the address behind it, which is the
// sender's of the ICMP message (ip(7), IP_RECVERR). It is nil where the error
// is none of ICMP.
func parseICMP(m unix.SocketControlMessage) *ICMPError {
	const (
		extended   = 16           // octets of a sock_extended_err
		address4   = extended + 4 // behind family and port
		address6   = extended + 8 // behind family, port and flow label
		fromICMP   = 2            // SO_EE_ORIGIN_ICMP
		fromICMPv6 = 3            // SO_EE_ORIGIN_ICMP6
	)
	ip4 := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR
	ip6 := m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
	if !ip4 && !ip6 || len(m.Data) < extended+2 {
		return nil
	}
	e := &ICMPError{Type: m.Data[5], Code: m.Data[6]}
	origin, family := m.Data[4], binary.NativeEndian.Uint16(m.Data[extended:])
	switch {
	case origin == fromICMP && family == unix.AF_INET && len(m.Data) >= address4+4:
		e.Router = netip.AddrFrom4([4]byte(m.Data[address4:]))
	case origin == fromICMPv6 && family == unix.AF_INET6 && len(m.Data) >= address6+16:
		e.Router = netip.AddrFrom16([16]byte(m.Data[address6:]))
	default:
		return nil
	}
	return e
}
