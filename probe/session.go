package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Session is one control connection. It is made by a [Dialer] and used by one
// goroutine at a time.
type Session struct {
	dialer *Dialer
	target Target
	conn   net.Conn // what is read and written: TCP or TLS
	socket *socket  // below conn
	peer   netip.AddrPort
	local  netip.AddrPort

	parser  Parser
	buf     [256]byte
	unread  []byte // the part of buf that the parser has not seen
	out     []byte // what is being written
	broken  error  // of the parser; nothing can be read any more
	due     int    // replies that the server owes us
	failed  bool   // waiting for the last of them did
	late    late
	waiting patience

	stray       []Reply
	strayOctets int
	preliminary int // replies in a row

	greeting   Reply
	last       Reply
	timeline   Timeline
	transcript Transcript

	tlsConfig *tls.Config
	protected bool // data connections use TLS
	noEPSV    bool // the server refused EPSV
	noEPRT    bool // the server refused EPRT
	lastByte  time.Duration
	moved     *atomic.Int64
	closed    bool
}

// Peer is the server's address and port of the control connection.
func (s *Session) Peer() netip.AddrPort { return s.peer }

// Local is the client's address and port of the control connection.
func (s *Session) Local() netip.AddrPort { return s.local }

// Greeting is the reply that the server began with.
func (s *Session) Greeting() Reply { return s.greeting }

// Timeline is what took how long.
func (s *Session) Timeline() *Timeline { return &s.timeline }

// Transcript is what went over the control connection.
func (s *Session) Transcript() *Transcript { return &s.transcript }

// Note writes a line of the caller's into the transcript.
func (s *Session) Note(text string) { s.transcript.add(s.timeline.now(), Noted, text) }

// CountInto adds the payload of every data connection to n while it moves, so
// that somebody else can watch a long transfer.
func (s *Session) CountInto(n *atomic.Int64) { s.moved = n }

// TLS is the state of the control connection's TLS, nil when it is clear.
func (s *Session) TLS() *tls.ConnectionState {
	if c, ok := s.conn.(*tls.Conn); ok {
		state := c.ConnectionState()
		return &state
	}
	return nil
}

// Send writes one command, after it has taken replies out of the way that came
// unasked. An octet 255 is doubled (RFC 854 p.14); a line break or NUL in the
// command is refused, since it would be more than one command. PASS makes its
// argument a password, which is shown nowhere.
func (s *Session) Send(ctx context.Context, line string) error {
	if strings.ContainsAny(line, "\r\n\x00") {
		return &Error{Phase: phaseOf(verbOf(line)), Addr: s.peer.String(), Err: errors.New("a command must be one line")}
	}
	verb := verbOf(line)
	if verb == "PASS" {
		s.transcript.hide(line[min(len("PASS "), len(line)):])
	}
	wire := strings.ReplaceAll(line, "\xff", "\xff\xff") + "\r\n"
	if s.due == 0 {
		if err := s.settle(); err != nil {
			return s.unfinished(s.failure(ctx, phaseOf(verb), s.peer.String(), err))
		}
	}
	s.transcript.add(s.timeline.now(), Sent, line)
	if err := s.write(ctx, phaseOf(verb), wire); err != nil {
		return err
	}
	s.preliminary = 0
	s.due++
	return nil
}

// Write sends octets as they are: half a command, several, or none at all. It
// does not count as a command; a reply to it is taken by [Session.Receive].
func (s *Session) Write(ctx context.Context, octets string) error {
	s.transcript.marked(s.timeline.now(), Sent, strings.TrimSuffix(octets, "\r\n"), octetsSent)
	return s.write(ctx, Command, octets)
}

func (s *Session) write(ctx context.Context, phase Phase, octets string) error {
	s.replyPatience(ctx)
	s.out = append(s.out[:0], octets...)
	_, err := s.conn.Write(s.out)
	if err != nil {
		return s.failure(ctx, phase, s.peer.String(), err)
	}
	return nil
}

// Receive waits for the next reply to the last command.
func (s *Session) Receive(ctx context.Context) (Reply, error) {
	return s.receive(ctx, Command, s.timeline.now())
}

// Do sends a command and waits for one reply to it. A reply to an earlier command
// that was waited for in vain is not taken for it; see [Session.Stray].
func (s *Session) Do(ctx context.Context, line string) (Reply, error) {
	phase, start := phaseOf(verbOf(line)), s.timeline.now()
	s.giveUp()
	if err := s.Send(ctx, line); err != nil {
		return Reply{}, err
	}
	return s.receive(ctx, phase, start)
}

// Complete waits for the final reply of a transfer: the first one that is not
// preliminary. Its phase begins with the last byte of the data connection.
func (s *Session) Complete(ctx context.Context) (Reply, error) {
	start := s.lastByte
	if start == 0 {
		start = s.timeline.now()
	}
	s.lastByte = 0
	for {
		r, err := s.receive(ctx, Completion, start)
		if err != nil || !r.Preliminary() {
			return r, err
		}
		start = s.timeline.now()
	}
}

// receive reads one reply and books the time since start under the phase.
func (s *Session) receive(ctx context.Context, phase Phase, start time.Duration) (Reply, error) {
	patience := s.replyPatience(ctx)
	r, err := s.next(patience)
	end := s.timeline.add(phase, start)
	if err == nil && r.Preliminary() {
		if s.preliminary++; s.preliminary > s.dialer.Limits.withDefaults().Preliminary {
			err = ErrTooManyPreliminary
		}
	}
	s.failed = err != nil
	if err != nil {
		if p := s.parser.Pending(); len(p) > 0 {
			s.transcript.marked(end, Received, s.transcript.secrets.hideCut(string(p)), replyCut)
		}
		return Reply{}, s.unfinished(s.failure(ctx, phase, s.peer.String(), err))
	}
	s.last = r
	s.transcript.add(end, Received, r.Raw)
	if s.due > 0 && !r.Preliminary() {
		s.due--
		s.preliminary = 0
	}
	return r, nil
}

// next reads to the end of the next reply that is not [late].
func (s *Session) next(patience *patience) (Reply, error) {
	for {
		for len(s.unread) > 0 {
			r, complete, err := s.feed()
			switch {
			case err != nil:
				return Reply{}, err
			case !complete:
			case !s.late.claims(r):
				return r, nil
			default:
				if err := s.setAside(r); err != nil {
					return Reply{}, err
				}
			}
		}
		n, err := s.conn.Read(s.buf[:])
		s.unread = s.buf[:n]
		if n == 0 && err != nil {
			return Reply{}, err
		}
		patience.renew(time.Now())
	}
}

// feed gives the parser what is unread, up to the end of a reply.
func (s *Session) feed() (Reply, bool, error) {
	if s.broken != nil {
		return Reply{}, false, s.broken
	}
	n, complete, err := s.parser.Feed(s.unread)
	s.unread, s.broken = s.unread[n:], err
	return s.parser.Reply(), complete, err
}

// failure makes an Error of what the connection said.
func (s *Session) failure(ctx context.Context, phase Phase, addr string, err error) *Error {
	e := &Error{Phase: phase, Addr: addr, Cause: classify(err, true), Err: err, secrets: s.transcript.secrets.snapshot()}
	var syntax *SyntaxError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Cause, e.Err = Canceled, ctx.Err()
	case phase == Greeting && e.Cause == Stalled:
		e.Cause = NoGreeting
	case phase == Greeting && errors.Is(err, ErrReplyTooLong):
		e.Err = ErrGreetingTooLong
	case errors.As(err, &syntax):
		e.Err = &SyntaxError{Line: s.transcript.secrets.hideCut(syntax.Line)}
	case e.Cause == Closed, e.Cause == Reset:
		e.Reply = s.farewell()
	}
	return e
}

// farewell is the 421 with which a server announced that it would close.
func (s *Session) farewell() Reply {
	for _, r := range slices.Backward(s.stray) {
		if r.Code == 421 {
			return r
		}
	}
	return Reply{}
}

// refusal makes an Error of a reply that said no.
func (s *Session) refusal(phase Phase, r Reply) *Error {
	return &Error{Phase: phase, Addr: s.peer.String(), Cause: Refusal, Reply: r, secrets: s.transcript.secrets.snapshot()}
}

// Refusal makes an error of a reply that said no. Its text shows the reply
// without the passwords of this session.
func (s *Session) Refusal(phase Phase, r Reply) error { return s.refusal(phase, r) }

// unreadable makes an Error of a reply whose text cannot be read.
func (s *Session) unreadable(phase Phase, r Reply, err error) *Error {
	e := s.refusal(phase, r)
	e.Cause, e.Err = Unreadable, err
	return e
}

// Enter secures the connection as the target asks for, logs in, protects the
// data connections, sets TYPE I and enters the target's directory.
func (s *Session) Enter(ctx context.Context) error {
	if s.target.Security == Explicit && s.TLS() == nil {
		if _, err := s.StartTLS(ctx); err != nil {
			return err
		}
	}
	if r, err := s.Login(ctx); err != nil {
		return err
	} else if r.Code != 230 && r.Code != 202 && r.Code != 232 { // 232: a certificate sufficed (RFC 4217 §12.1)
		return s.refusal(Login, r)
	}
	if s.TLS() != nil {
		if err := s.Protect(ctx); err != nil {
			return err
		}
	}
	if err := s.must(ctx, "TYPE I"); err != nil {
		return err
	}
	if s.target.Dir != "" {
		return s.must(ctx, "CWD "+s.target.Dir)
	}
	return nil
}

// must sends a command that has to succeed.
func (s *Session) must(ctx context.Context, line string) error {
	r, err := s.Do(ctx, line)
	if err == nil && !r.Positive() {
		err = s.refusal(phaseOf(verbOf(line)), r)
	}
	return err
}

// Login sends USER, and PASS when it is asked for, and returns the last reply.
func (s *Session) Login(ctx context.Context) (Reply, error) {
	return s.LoginAs(ctx, s.target.User, s.target.Pass)
}

// LoginAs is [Session.Login] with another account than the target's.
func (s *Session) LoginAs(ctx context.Context, user string, pass Secret) (Reply, error) {
	if user == "" {
		user = Anonymous
	}
	s.transcript.hide(string(pass))
	r, err := s.Do(ctx, "USER "+user)
	if err != nil || r.Code != 331 {
		return r, err
	}
	if user == Anonymous && pass == "" {
		pass = "anonymous@" // an e-mail address by custom, RFC 1635
	}
	return s.Do(ctx, "PASS "+string(pass))
}

// Quit says QUIT and closes the connection when the server has. The reply is
// 221 from a server that follows RFC 959 §4.1.1.
func (s *Session) Quit(ctx context.Context) (Reply, error) {
	start := s.timeline.now()
	s.giveUp()
	if err := s.Send(ctx, "QUIT"); err != nil {
		s.Close()
		return Reply{}, err
	}
	r, err := s.receive(ctx, Quit, start)
	if err == nil {
		// The side that closes first keeps the port in TIME_WAIT: let it be the server.
		start = s.timeline.now()
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		patience := s.patience(ctx, s.conn)
		_, _ = s.conn.Read(s.buf[:])
		patience.end()
		cancel()
		s.timeline.add(Quit, start)
	}
	s.Close()
	return r, err
}

// Close closes the control connection without a word. It may be called twice.
func (s *Session) Close() {
	if s.conn != nil && !s.closed {
		s.closed = true
		s.waiting.end()
		_ = s.conn.Close()
	}
}

func verbOf(line string) string {
	verb, _, _ := strings.Cut(line, " ")
	return strings.ToUpper(verb)
}

// Last is the last reply that was received.
func (s *Session) Last() Reply { return s.last }
