package ftptest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
)

// watch reads the control connection while the transfer runs. ABOR and the loss of the client
// end the transfer; STAT is answered at once, unless there are commands that came before
// it; everything else waits.
func (s *session) watch(t *transfer) {
	const most = 128 // lines that may wait; more stay in the socket
	quit := false
	for len(s.pending) < most {
		line, err := s.control.line()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil && !errors.Is(err, errLineTooLong) {
			// After QUIT the client has said all it had to say (RFC 959 §4.1.1).
			if (!quit || !errors.Is(err, io.EOF)) && !s.goesOn(t) {
				t.abort()
			}
			return
		}
		verb, arg := split(line)
		if slices.ContainsFunc(s.hooks.during, func(f func(*transfer, string) bool) bool { return f(t, verb) }) {
			continue
		}
		if verb == "STAT" && arg == "" && len(s.pending) == 0 && s.hooks.commands["STAT"] == nil {
			s.srv.counters.commands.Add(1)
			s.log("> STAT")
			s.sendFor(verb, s.status(t))
			continue
		}
		switch {
		case s.hooks.commands[verb] != nil:
		case verb == "ABOR":
			t.keep.Store(s.hooks.keepAborted)
			t.abort()
		case verb == "QUIT":
			quit = true
		}
		s.pending = append(s.pending, input{line, err})
	}
}

// goesOn reports whether a hook wants the transfer to survive its control connection.
func (s *session) goesOn(t *transfer) bool {
	return slices.ContainsFunc(s.hooks.lost, func(f func(*transfer) bool) bool { return f(t) })
}

// abort ends the transfer. The client gets a reset instead of an end of file, so that it does not
// take what it has for the whole.
func (t *transfer) abort() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.finished {
		return
	}
	t.aborted = true
	t.cancel()
	if tcp, ok := t.socket.(*net.TCPConn); ok {
		if t.keep.Load() {
			return
		}
		tcp.SetLinger(0)
	}
	if t.socket != nil {
		t.socket.Close()
	}
}

// finish makes abort come too late. It reports an error when abort was first.
func (t *transfer) finish() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.aborted {
		return context.Canceled
	}
	t.finished = true
	return nil
}

// use makes abort close c. It reports an error when abort was first.
func (t *transfer) use(c io.Closer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.aborted {
		return context.Canceled
	}
	t.socket = c
	return nil
}
