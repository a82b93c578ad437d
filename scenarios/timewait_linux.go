package scenarios

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Places in the messages of sock_diag(7), in octets.
const (
	headerSize  = 16 // struct nlmsghdr
	requestSize = headerSize + 56
	answerSize  = 72 // struct inet_diag_msg
	// diagByFamily is SOCK_DIAG_BY_FAMILY, stateTimeWait TCP_TIME_WAIT.
	diagByFamily  = 20
	stateTimeWait = 6
)

// inTimeWait counts the sockets of this machine in TIME_WAIT that f accepts, of the
// families that are asked for; false when the system does not tell. The kernel picks
// them out itself, but has to walk its whole table for each family.
func inTimeWait(v4, v6 bool, f func(local, remote netip.AddrPort) bool) (n int64, known bool) {
	for family, asked := range map[byte]bool{unix.AF_INET: v4, unix.AF_INET6: v6} {
		if !asked {
			continue
		}
		more, err := countTimeWait(family, f)
		if err != nil {
			return 0, false
		}
		n += more
	}
	return n, true
}

func countTimeWait(family byte, f func(local, remote netip.AddrPort) bool) (n int64, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_INET_DIAG)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	patience := unix.Timeval{Sec: 2}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return 0, err
	}
	request := make([]byte, requestSize)
	binary.NativeEndian.PutUint32(request, requestSize)
	binary.NativeEndian.PutUint16(request[4:], diagByFamily)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request[headerSize], request[headerSize+1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(request[headerSize+4:], 1<<stateTimeWait)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	buf := make([]byte, 64<<10)
	for {
		size, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return 0, err
		}
		for rest := buf[:size]; len(rest) >= headerSize; {
			length := int(binary.NativeEndian.Uint32(rest))
			if length < headerSize || length > len(rest) {
				return 0, unix.EBADMSG
			}
			switch binary.NativeEndian.Uint16(rest[4:]) {
			case unix.NLMSG_DONE:
				return n, nil
			case unix.NLMSG_ERROR:
				return 0, unix.EOPNOTSUPP
			case diagByFamily:
				if local, remote, ok := socketEnds(rest[headerSize:length]); ok && f(local, remote) {
					n++
				}
			}
			rest = rest[min((length+3)&^3, len(rest)):]
		}
	}
}

// socketEnds reads the addresses of a struct inet_diag_msg.
func socketEnds(b []byte) (local, remote netip.AddrPort, ok bool) {
	if len(b) < answerSize {
		return local, remote, false
	}
	end := func(port, addr []byte) netip.AddrPort {
		a := netip.AddrFrom16([16]byte(addr))
		if b[0] == unix.AF_INET {
			a = netip.AddrFrom4([4]byte(addr))
		}
		return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(port))
	}
	return end(b[4:], b[8:24]), end(b[6:], b[24:40]), true
}
