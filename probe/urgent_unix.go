//go:build unix

package probe

import (
	"net"

	"golang.org/x/sys/unix"
)

// sendUrgent sends octets of which the last is TCP urgent data.
func sendUrgent(conn *net.TCPConn, octets []byte) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	err = raw.Write(func(fd uintptr) bool {
		for {
			failure = unix.Sendto(int(fd), octets, unix.MSG_OOB, nil)
			if failure != unix.EINTR {
				return failure != unix.EAGAIN
			}
		}
	})
	if err != nil {
		return err
	}
	return failure
}
