package probe

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// extendedErr is a sock_extended_err with the address of a sender behind it.
func extendedErr(origin, kind, code uint8, sender netip.Addr) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.EHOSTUNREACH))
	b = append(b, origin, kind, code, 0)
	b = append(b, make([]byte, 8)...)
	switch {
	case sender.Is4():
		b = binary.NativeEndian.AppendUint16(b, unix.AF_INET)
		b = append(b, 0, 0)
		b = append(b, sender.AsSlice()...)
		b = append(b, make([]byte, 8)...)
	case sender.Is6():
		b = binary.NativeEndian.AppendUint16(b, unix.AF_INET6)
		b = append(b, make([]byte, 6)...)
		b = append(b, sender.AsSlice()...)
		b = append(b, make([]byte, 4)...)
	default:
		b = append(b, make([]byte, 16)...)
	}
	return b
}

func TestParseICMP(t *testing.T) {
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, c := range []struct {
		name        string
		level, kind int32
		data        []byte
		want        string
	}{
		{"host prohibited", unix.SOL_IP, unix.IP_RECVERR, extendedErr(2, 3, 10, v4), "ICMP 3/10 (host prohibited) from 192.0.2.1"},
		{"port unreachable", unix.SOL_IP, unix.IP_RECVERR, extendedErr(2, 3, 3, v4), "ICMP 3/3 (port unreachable) from 192.0.2.1"},
		{"a code without a name", unix.SOL_IP, unix.IP_RECVERR, extendedErr(2, 3, 99, v4), "ICMP 3/99 from 192.0.2.1"},
		{"IPv6", unix.SOL_IPV6, unix.IPV6_RECVERR, extendedErr(3, 1, 1, v6), "ICMPv6 1/1 (administratively prohibited) from 2001:db8::1"},
		{"an error of this host", unix.SOL_IP, unix.IP_RECVERR, extendedErr(1, 0, 0, netip.Addr{}), ""},
		{"another origin than the address", unix.SOL_IP, unix.IP_RECVERR, extendedErr(3, 3, 3, v4), ""},
		{"no sender", unix.SOL_IP, unix.IP_RECVERR, extendedErr(2, 3, 3, netip.Addr{}), ""},
		{"another message", unix.SOL_IP, unix.IP_TTL, extendedErr(2, 3, 3, v4), ""},
		{"nothing", unix.SOL_IP, unix.IP_RECVERR, nil, ""},
	} {
		m := unix.SocketControlMessage{Header: unix.Cmsghdr{Level: c.level, Type: c.kind}, Data: c.data}
		got := ""
		if e := parseICMP(m); e != nil {
			got = e.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for n := range c.data { // cut anywhere, it is no message or the same one
			m.Data = c.data[:n]
			if e := parseICMP(m); e != nil && e.String() != c.want {
				t.Errorf("%s, the first %d octets: %v", c.name, n, e)
			}
		}
	}
}
