//go:build !linux

package ftptest

// newMutePort is a port whose connections are never accepted: the backlog of other systems
// cannot be filled reliably.
func newMutePort(s *session) (listener, error) {
	ln, err := s.listen()
	if err != nil {
		return nil, err
	}
	return newDeadPort(ln.Addr(), ln), nil
}
