package probe

import (
	"crypto/tls"
	"errors"
	"os"
	"time"

	"github.com/passiveftp/pasv/probe/internal/lines"
)

// Stray are replies that came while none was due, or after their command had
// been given up. They are never taken for the answer to a later command. No more
// are kept than [Limits.Unasked].
func (s *Session) Stray() []Reply { return s.stray }

// settle takes the replies out of the way that have arrived unasked: those that
// this process holds already, and those that wait in the socket. It costs one
// system call when there are none, and waits for nothing.
func (s *Session) settle() error {
	for {
		for len(s.unread) > 0 {
			r, complete, err := s.feed()
			if err != nil {
				return err
			}
			if complete {
				s.late.claims(r)
				if err := s.setAside(r); err != nil {
					return err
				}
			}
		}
		n, err := s.glance()
		s.unread = s.buf[:n]
		switch {
		case n > 0:
		case errors.Is(err, os.ErrDeadlineExceeded):
			// What has begun to come before the command is no answer to it.
			// Telnet commands are no part of a reply.
			begun, _ := lines.Decode(s.parser.Pending())
			s.late.begun = len(begun) > 0
			return nil
		default:
			return err
		}
	}
}

// setAside keeps a reply that answers nothing.
func (s *Session) setAside(r Reply) error {
	limits := s.dialer.Limits.withDefaults()
	if s.strayOctets += len(r.Raw); len(s.stray) == limits.Unasked || s.strayOctets > limits.Reply {
		return ErrTooManyReplies
	}
	s.stray = append(s.stray, r)
	now := s.timeline.now()
	s.transcript.add(now, Noted, "a reply that answers nothing:")
	s.transcript.marked(now, Received, r.Raw, replyUnasked)
	return nil
}

// late is what is known of replies that may still come and that nobody waits
// for any longer.
type late struct {
	// owed is how many replies to commands that were given up are still to come.
	owed int
	// begun: the reply that is coming in began before the last command was sent.
	begun bool
}

// claims tells whether the reply is one of them, and counts it off.
func (l *late) claims(r Reply) bool {
	is := l.begun || l.owed > 0
	l.begun = false
	if l.owed > 0 && !r.Preliminary() {
		l.owed--
	}
	return is
}

// giveUp stops waiting for the replies to earlier commands, if waiting for them
// has failed: when they come after all, they answer nothing.
//
// A command that the server ignores for good cannot be told from one that it
// answers late, since no reply says what it answers: the reply to the next
// command is taken for the late one then, and the session gets no answer any
// more. The other way round, a late reply would be taken for an answer, and every
// later one too; that would be a wrong verdict, where this is none. Whoever
// counts on being ignored goes on with another session.
func (s *Session) giveUp() {
	if s.failed {
		s.late.owed += s.due
		s.due, s.failed = 0, false
	}
}

// glimpse is how long a glance under TLS that finds octets reads on at most: they
// may be part of a record, or no reply at all, such as a session ticket.
const glimpse = time.Millisecond

// glance reads what is there into buf, without waiting: os.ErrDeadlineExceeded
// says that there is nothing.
func (s *Session) glance() (int, error) {
	conn, secure := s.conn.(*tls.Conn)
	if !secure {
		return s.socket.take(s.buf[:])
	}
	deadline := time.Unix(1, 0) // what TLS holds already is read all the same
	below := s.socket.peek()
	if below == nil {
		deadline = time.Now().Add(glimpse)
	}
	_ = conn.SetReadDeadline(deadline)
	_ = conn.SetWriteDeadline(time.Now().Add(s.dialer.timeout())) // TLS may have to answer a KeyUpdate
	n, err := conn.Read(s.buf[:])
	if n == 0 && below != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		err = below
	}
	return n, err
}

// unfinished adds to an error what had come of a reply.
func (s *Session) unfinished(e *Error) *Error {
	p := s.parser.Pending()
	if len(p) == 0 || e.Cause == Alien {
		return e
	}
	e.octets, e.Partial = len(p), string(p[:min(len(p), partialShown)])
	if e.Cause == NoGreeting {
		e.Cause = Stalled
	}
	return e
}
