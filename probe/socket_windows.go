package probe

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// socket looks into a TCP connection without waiting.
type socket struct {
	conn *net.TCPConn
	raw  syscall.RawConn
}

func newSocket(conn *net.TCPConn) (*socket, error) {
	raw, err := conn.SyscallConn()
	return &socket{conn, raw}, err
}

// fionread asks how many octets can be read at once (winsock2.h).
const fionread = 0x4004667f

// take reads what is there. Where nothing is, the error is os.ErrDeadlineExceeded.
func (s *socket) take(buf []byte) (int, error) {
	if err := s.peek(); err != nil {
		return 0, err
	}
	_ = s.conn.SetReadDeadline(time.Time{})
	return s.conn.Read(buf)
}

// peek is take that leaves the octets where they are; nil says that there are some.
func (s *socket) peek() error {
	var octets [4]byte
	var returned uint32
	var failure error
	err := s.raw.Control(func(fd uintptr) {
		failure = windows.WSAIoctl(windows.Handle(fd), fionread, nil, 0, &octets[0], uint32(len(octets)), &returned, nil, 0)
	})
	switch {
	case err != nil:
		return err
	case failure != nil:
		return os.NewSyscallError("wsaioctl", failure)
	case octets == [4]byte{}:
		return os.ErrDeadlineExceeded
	}
	return nil
}
