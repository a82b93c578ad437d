package probe

import (
	"net"

	"golang.org/x/sys/windows"
)

// msgOOB is MSG_OOB of winsock2.h.
const msgOOB = 1

// sendUrgent sends octets of which the last is TCP urgent data.
func sendUrgent(conn *net.TCPConn, octets []byte) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	err = raw.Write(func(fd uintptr) bool {
		var sent uint32
		buf := windows.WSABuf{Len: uint32(len(octets)), Buf: &octets[0]}
		failure = windows.WSASend(windows.Handle(fd), &buf, 1, &sent, msgOOB, nil, nil)
		return failure != windows.WSAEWOULDBLOCK
	})
	if err != nil {
		return err
	}
	return failure
}
