//go:build unix

package probe

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket looks into a TCP connection without waiting. It is made once for each
// connection, so that looking allocates nothing.
type socket struct {
	raw  syscall.RawConn
	read func(fd uintptr)
	buf  []byte
	n    int
	err  error
}

func newSocket(conn *net.TCPConn) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{raw: raw}
	s.read = func(fd uintptr) {
		for {
			// Package net makes its sockets non-blocking.
			if s.n, s.err = unix.Read(int(fd), s.buf); s.err != unix.EINTR {
				return
			}
		}
	}
	return s, nil
}

// take reads what is there. Where nothing is, the error is os.ErrDeadlineExceeded.
func (s *socket) take(buf []byte) (int, error) {
	s.buf = buf
	if err := s.raw.Control(s.read); err != nil {
		return 0, err
	}
	err := s.outcome()
	return s.n, err
}

// peek is take that leaves the octets where they are; nil says that there are some.
func (s *socket) peek() error {
	var one [1]byte
	err := s.raw.Control(func(fd uintptr) {
		for {
			if s.n, _, s.err = unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT); s.err != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return s.outcome()
}

func (s *socket) outcome() error {
	switch {
	case s.err == unix.EAGAIN:
		s.n = 0
		return os.ErrDeadlineExceeded
	case s.err != nil:
		s.n = 0
		return os.NewSyscallError("read", s.err)
	case s.n == 0:
		return io.EOF
	}
	return nil
}
