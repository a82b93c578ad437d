package ftptest

import (
	"net"
	"syscall"
)

// newMutePort is a listener with a full backlog: Linux drops a SYN that has no place in it, and
// the client sees what it sees behind a firewall that drops.
func newMutePort(s *session) (listener, error) {
	ln, err := s.listen()
	if err != nil {
		return nil, err
	}
	raw, err := ln.SyscallConn()
	if err != nil {
		ln.Close()
		return nil, err
	}
	var failure error
	err = raw.Control(func(fd uintptr) { failure = syscall.Listen(int(fd), 0) })
	if err == nil {
		err = failure
	}
	if err != nil {
		ln.Close()
		return nil, err
	}
	// A backlog of 0 has room for one connection.
	c, err := net.DialTCP("tcp", nil, ln.Addr().(*net.TCPAddr))
	if err != nil {
		ln.Close()
		return nil, err
	}
	return newDeadPort(ln.Addr(), c, ln), nil
}
