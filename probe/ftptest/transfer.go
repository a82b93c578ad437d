package ftptest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// transfer is one data connection in use.
type transfer struct {
	s    *session
	tcp  *net.TCPConn
	conn net.Conn     // tcp, or the TLS connection on it
	cut  *cutDetector // between tcp and TLS; nil without TLS

	mark     string // of the 150 that is still to be sent
	draining bool   // tcp is left to a goroutine that waits for the end of the client

	ctx    context.Context // ends with abort
	cancel context.CancelFunc

	mu       sync.Mutex
	socket   io.Closer // what abort closes: the listener, then tcp
	aborted  bool
	finished bool // abort comes too late

	moved atomic.Int64 // octets on the data connection
	keep  atomic.Bool  // ABOR leaves the data connection open
}

// errTransfer is a failure with the reply that it gets.
type errTransfer struct{ reply reply }

func (e errTransfer) Error() string { return e.reply.lines[0] }

func fail(code int, format string, args ...any) error {
	return errTransfer{answer(code, format, args...)}
}

// ready reports whether a transfer command can go ahead: there is a way to its data connection,
// and its protection is allowed. If not, it has replied.
func (s *session) ready() bool {
	switch {
	case s.srv.cfg.RequireDataTLS && !s.private:
		s.reply(521, "The data connection has to be protected with PROT P.")
	case s.passive == nil && !s.active.IsValid():
		s.reply(425, "Please send PASV or EPSV first.")
	default:
		return true
	}
	return false
}

// offset takes the offset of REST, which is good for one transfer command only.
func (s *session) offset() int64 {
	n := s.restart
	s.restart = 0
	return n
}

// transfer sends mark, opens the data connection, runs move on it, and sends the final
// reply. Commands that come meanwhile are queued by a watcher.
func (s *session) transfer(mark string, move func(t *transfer) error) {
	t := &transfer{s: s}
	t.ctx, t.cancel = context.WithCancel(s.srv.ctx)
	defer t.cancel()

	early, ready := s.early()
	if !ready {
		s.dropEndpoint()
		s.reply(425, "The data connection was not as it should be.")
		return
	}
	if s.hooks.markLate {
		t.mark = mark
	} else {
		s.reply(150, "%s", mark)
	}

	for _, f := range s.hooks.started {
		f(t)
	}

	s.control.within(0)
	watching := make(chan struct{})
	s.srv.group.Go(func() {
		defer close(watching)
		s.watch(t)
	})
	err := t.run(early, move)
	s.control.interrupt()
	<-watching

	var e errTransfer
	switch {
	case err == nil:
		s.reply(226, "Transfer complete, data connection closed.")
	case t.aborted:
		s.reply(426, "Transfer aborted, data connection closed.")
	case errors.As(err, &e):
		s.log("%v", err)
		s.send(e.reply)
	default:
		s.log("%v", err)
		s.send(failure(err))
	}
}

// failure is the reply to an error of the data connection or of the file system.
func failure(err error) reply {
	var path *fs.PathError
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return answer(552, "No space left.")
	case errors.As(err, &path):
		return answer(451, "The file system has failed.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return answer(426, "Nothing was moving, data connection closed.")
	}
	return answer(426, "Data connection lost.")
}

// run has closed the data connection when it returns.
func (t *transfer) run(early net.Conn, move func(t *transfer) error) error {
	if err := t.connect(early); err != nil {
		return err
	}
	s := t.s
	if t.mark != "" {
		s.reply(150, "%s", t.mark)
	}
	s.srv.counters.dataConns.Add(1)
	s.srv.counters.openDataConns.Add(1)
	defer s.srv.counters.openDataConns.Add(-1)
	if !s.srv.track(t.tcp) {
		t.tcp.Close()
		return net.ErrClosed
	}
	err := t.secure()
	if err == nil {
		err = move(t)
	}
	switch {
	case err == nil:
	case t.keep.Load():
		t.leaveOpen()
	default:
		t.tcp.Close()
	}
	if !t.draining {
		s.srv.untrack(t.tcp)
	}
	return err
}

// describe is the transfer in a STAT reply.
func (t *transfer) describe() string {
	return fmt.Sprintf(" A transfer is running: %d octets so far", t.moved.Load())
}
