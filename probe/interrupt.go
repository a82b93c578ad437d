package probe

import (
	"context"
	"net"
	"time"
)

// Telnet commands (RFC 854 p.14) that announce a command during a transfer.
const (
	telnetIP    = "\xff\xf4" // Interrupt Process
	telnetSynch = "\xff\xf2" // Data Mark; with TCP urgent a Synch
)

// Interruption is what the server answered to a transfer and to a command that
// was sent while it ran.
type Interruption struct {
	// Final is the end of the transfer, Answer that of the command. A server may
	// answer ABOR and the transfer with one reply: then Answer is zero. Where no
	// transfer was running, Final is.
	Final, Answer Reply
	// Replies are both in the order in which they came, and 1yz replies between them.
	Replies []Reply

	idle bool // no transfer was running
}

// Interrupt sends a command while a transfer is running, as RFC 959 §4.1 has it:
// Telnet IP and Synch first, the Data Mark as TCP urgent data. Under TLS, which
// has no urgent data, and where the system does not send them, the same octets
// go without. The replies are for [Session.Interrupted]; until the data have
// come to their end, go on receiving them in between: many servers read no
// command before that.
func (s *Session) Interrupt(ctx context.Context, command string) error {
	s.transcript.marked(s.timeline.now(), Sent, telnetIP+telnetSynch, octetsSent)
	phase := phaseOf(verbOf(command))
	tcp, plain := s.conn.(*net.TCPConn)
	if !plain {
		if err := s.write(ctx, phase, telnetIP+telnetSynch); err != nil {
			return err
		}
		return s.Send(ctx, command)
	}
	if err := s.write(ctx, phase, telnetIP); err != nil {
		return err
	}
	patience := s.patience(ctx, s.conn)
	err := sendUrgent(tcp, []byte(telnetSynch))
	patience.end()
	if err != nil {
		return s.failure(ctx, phase, s.peer.String(), err)
	}
	return s.Send(ctx, command)
}

// Interrupted waits for the replies to a transfer and to the command given to
// [Session.Interrupt], in whatever order they come, and leaves the session in
// step: the next reply belongs to the next command.
func (s *Session) Interrupted(ctx context.Context, command string) (Interruption, error) {
	return s.interrupted(ctx, verbOf(command), nil)
}

// Abort ends a transfer with ABOR (RFC 959 §4.1.3): [Session.Interrupt] and
// [Session.Interrupted]. It leaves the data connection alone, so it may wait for
// a server that reads no command before it has got rid of its data;
// [DataConn.Abort] does not.
func (s *Session) Abort(ctx context.Context) (Interruption, error) {
	if err := s.Interrupt(ctx, "ABOR"); err != nil {
		return Interruption{}, err
	}
	return s.interrupted(ctx, "ABOR", nil)
}

// Abort ends the transfer on this data connection with ABOR, and resets the
// connection if the server does not react.
func (c *DataConn) Abort(ctx context.Context) (Interruption, error) {
	defer c.reset()
	if err := c.session.Interrupt(ctx, "ABOR"); err != nil {
		return Interruption{}, err
	}
	return c.session.interrupted(ctx, "ABOR", c.reset)
}

// reset closes the connection so that the server cannot take what it has for
// the whole: no close_notify, no FIN.
func (c *DataConn) reset() {
	_ = c.tcp.SetLinger(0)
	_ = c.tcp.Close()
}

// grace is how long a reply is waited for that may not come.
const grace = 500 * time.Millisecond

// interrupted reads the replies. Unblock, if any, is called when the server does
// not answer soon.
func (s *Session) interrupted(ctx context.Context, verb string, unblock func()) (Interruption, error) {
	i := Interruption{idle: s.due < 2}
	// A server that is busy sending data that nobody receives may answer late.
	// Every other one that owes a reply to ABOR and is silent can be asked.
	hasty := verb == "ABOR" && (i.idle || unblock != nil)
	for !i.complete() {
		r, err := s.await(ctx, hasty)
		switch {
		case err == nil:
			i.take(verb, r)
			hasty = verb == "ABOR"
		case !hasty || CauseOf(err) != Stalled || ctx.Err() != nil:
			return i, err
		case unblock != nil:
			unblock()
			unblock = nil
		default:
			return i, s.catchUp(ctx, &i)
		}
	}
	return i, nil
}

// await is [Session.Receive], for a moment only if it is to be hasty.
func (s *Session) await(ctx context.Context, hasty bool) (Reply, error) {
	if hasty {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, grace)
		defer cancel()
	}
	return s.receive(ctx, Completion, s.timeline.now())
}

// catchUp finds out with NOOP whether replies to an aborted transfer are late or
// will never come.
func (s *Session) catchUp(ctx context.Context, i *Interruption) error {
	if err := s.Send(ctx, "NOOP"); err != nil {
		return err
	}
	for {
		r, err := s.Receive(ctx)
		if err != nil {
			return err
		}
		if r.Preliminary() || !i.complete() && aborts(r.Code) {
			i.take("ABOR", r)
			continue
		}
		s.due = 0
		return nil
	}
}

// complete tells that nothing more is to come.
func (i *Interruption) complete() bool {
	return !i.Answer.IsZero() && (i.idle || !i.Final.IsZero())
}

// take assigns a reply to the transfer or to the command.
func (i *Interruption) take(verb string, r Reply) {
	i.Replies = append(i.Replies, r)
	switch {
	case r.Preliminary():
	case i.Answer.IsZero() && (i.idle || !i.Final.IsZero() || answers(verb, r.Code)):
		i.Answer = r
	default:
		i.Final = r
	}
	// Some servers answer ABOR before they report the end of the transfer.
	if verb == "ABOR" && i.Final.Positive() && i.Answer.Code == 426 {
		i.Final, i.Answer = i.Answer, i.Final
	}
}

// answers tells whether a reply cannot be the end of a transfer, so that it
// belongs to the command that was sent meanwhile.
func answers(verb string, code int) bool {
	switch {
	case code >= 500 && code < 505:
		return true
	case verb == "STAT":
		return code >= 211 && code <= 213
	case verb == "QUIT":
		return code == 221
	}
	return verb == "ABOR" && code == 225
}

// aborts tells the codes that end a transfer or answer ABOR, and never NOOP.
func aborts(code int) bool {
	switch code {
	case 225, 226, 250, 425, 426, 450, 451, 552:
		return true
	}
	return false
}
