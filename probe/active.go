package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// ActiveCommand says whether data connections are opened by the server, and
// which command tells it where to.
type ActiveCommand uint8

const (
	// NotActive: the client opens them, see [PassiveCommand].
	NotActive ActiveCommand = iota
	// AutoActive: EPRT, and on IPv4 PORT from then on when the server refuses it.
	AutoActive
	// OnlyPORT: PORT (RFC 959 §4.1.2).
	OnlyPORT
	// OnlyEPRT: EPRT (RFC 2428 §2).
	OnlyEPRT
)

// Listener waits for the server to open a data connection (active mode). It
// serves one transfer: accept after its 1yz reply, and close in any case.
type Listener struct {
	// Offer is the command that told the server where to connect, its reply, and
	// the place that it named.
	Offer Offer

	session *Session
	tcp     *net.TCPListener
}

// Active listens on the address that the control connection has here, on any
// free port, and tells the server so with the dialer's command, or as with
// [AutoActive] where the dialer has none. A refusal is an *[Error] of cause
// [Refusal]; then nothing listens any longer.
func (s *Session) Active(ctx context.Context) (*Listener, error) {
	v4 := s.local.Addr().Is4()
	if s.dialer.Active == OnlyPORT || s.dialer.Active != OnlyEPRT && s.noEPRT && v4 {
		return s.PORT(ctx)
	}
	l, err := s.EPRT(ctx)
	if s.dialer.Active != OnlyEPRT && v4 && CauseOf(err) == Refusal && s.last.Class() == 5 {
		s.noEPRT = true
		return s.PORT(ctx)
	}
	return l, err
}

// PORT is [Session.Active] with PORT (RFC 959 §4.1.2), which has no form for IPv6.
func (s *Session) PORT(ctx context.Context) (*Listener, error) {
	if !s.local.Addr().Is4() {
		return nil, &Error{Phase: Command, Addr: s.local.String(), Err: errors.New("PORT cannot name an IPv6 address")}
	}
	return s.listen(ctx, "PORT", func(at netip.AddrPort) string {
		h := at.Addr().As4()
		return fmt.Sprintf("%d,%d,%d,%d,%d,%d", h[0], h[1], h[2], h[3], at.Port()>>8, at.Port()&255)
	})
}

// EPRT is [Session.Active] with EPRT (RFC 2428 §2).
func (s *Session) EPRT(ctx context.Context) (*Listener, error) {
	return s.listen(ctx, "EPRT", func(at netip.AddrPort) string {
		protocol := 2
		if at.Addr().Is4() {
			protocol = 1
		}
		return fmt.Sprintf("|%d|%s|%d|", protocol, at.Addr().WithZone(""), at.Port())
	})
}

func (s *Session) listen(ctx context.Context, command string, argument func(netip.AddrPort) string) (*Listener, error) {
	here := netip.AddrPortFrom(s.local.Addr(), 0)
	conf := net.ListenConfig{KeepAlive: -1}
	tcp, err := conf.Listen(ctx, "tcp", here.String())
	if err != nil {
		return nil, s.failure(ctx, Command, here.String(), err)
	}
	l := &Listener{session: s, tcp: tcp.(*net.TCPListener)}
	at := addrPort(tcp.Addr())
	l.Offer = Offer{Command: command, Advertised: Endpoint{Addr: at.Addr(), Port: at.Port()}}
	l.Offer.Reply, err = s.Do(ctx, command+" "+argument(at))
	if err == nil && !l.Offer.Reply.Positive() {
		err = s.refusal(Command, l.Offer.Reply)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Accept waits for the data connection, for at most the dialer's patience;
// nothing until then is an *[Error] of cause [Filtered]. Connections from
// another address than the control connection's peer are closed.
func (l *Listener) Accept(ctx context.Context) (*DataConn, error) {
	start := l.session.timeline.now()
	a := l.await(ctx)
	l.session.timeline.add(DataConnect, start)
	return l.admit(ctx, a)
}

// acceptUnlessRefused is Accept after the 1yz reply to a transfer command. It
// ends early when the server says that it will not come, as with 425: that is an
// *[Error] of cause [Refusal]. A final reply that was read meanwhile is returned,
// also with a data connection.
func (l *Listener) acceptUnlessRefused(ctx context.Context) (*DataConn, Reply, error) {
	s := l.session
	waiting, over := context.WithCancel(ctx)
	defer over()
	arrived := make(chan arrival, 1)
	go func() {
		a := l.await(waiting)
		over()
		arrived <- a
	}()
	final, err := s.overhear(ctx, waiting)
	if err == nil && !final.Positive() {
		err = s.refusal(DataConnect, final)
	}
	hopeless := err != nil && CauseOf(err) != Canceled && CauseOf(err) != Stalled
	if hopeless {
		over()
	}
	start := s.timeline.now()
	a := <-arrived
	s.timeline.add(DataConnect, start)
	if hopeless && a.conn == nil {
		return nil, final, err
	}
	c, err := l.admit(ctx, a)
	return c, final, err
}

// overhear receives the final reply to a transfer whose data connection is
// waited for. It stops waiting for a reply to begin when waiting ends; one that
// has begun is read to its end.
func (s *Session) overhear(ctx, waiting context.Context) (Reply, error) {
	for {
		start := s.timeline.now()
		err := s.stir(waiting)
		if err == nil {
			err = waiting.Err() // what is there can wait until the data have moved
		}
		if err != nil {
			s.timeline.add(DataConnect, start)
			return Reply{}, s.failure(waiting, DataConnect, s.peer.String(), err)
		}
		r, err := s.receive(ctx, DataConnect, start)
		if err != nil || !r.Preliminary() {
			return r, err
		}
	}
}

// stir waits until octets of a reply are there.
func (s *Session) stir(ctx context.Context) error {
	if len(s.unread) > 0 {
		return nil
	}
	patience := s.patience(ctx, s.conn)
	n, err := s.conn.Read(s.buf[:])
	patience.end()
	s.unread = s.buf[:n]
	if n > 0 {
		return nil
	}
	return err
}

// arrival is what came of waiting for a data connection.
type arrival struct {
	conn *net.TCPConn
	err  error
	// strangers are those that were turned away, as far as they are remembered.
	strangers []netip.AddrPort
}

// maxStrangers is how many of them are.
const maxStrangers = 10

// await waits for the server. It leaves alone what changes in the session, so
// that the session can be used meanwhile.
func (l *Listener) await(ctx context.Context) (a arrival) {
	s := l.session
	deadline := time.Now().Add(s.dialer.timeout())
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	_ = l.tcp.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { _ = l.tcp.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		if a.conn, a.err = l.tcp.AcceptTCP(); a.err != nil {
			return a
		}
		from := addrPort(a.conn.RemoteAddr())
		if from.Addr() == s.peer.Addr() {
			return a
		}
		_ = a.conn.Close()
		if len(a.strangers) < maxStrangers {
			a.strangers = append(a.strangers, from)
		}
	}
}

// admit makes a data connection of what came.
func (l *Listener) admit(ctx context.Context, a arrival) (*DataConn, error) {
	s := l.session
	for _, from := range a.strangers {
		s.Note("a data connection from " + from.String() + ", which is not the server")
	}
	if a.err != nil {
		e := s.failure(ctx, DataConnect, l.tcp.Addr().String(), a.err)
		if e.Cause == Stalled {
			e.Cause = Filtered
		}
		s.Note(e.Error())
		return nil, e
	}
	from := addrPort(a.conn.RemoteAddr())
	s.Note("data connection from " + from.String())
	return &DataConn{session: s, conn: a.conn, tcp: a.conn, addr: from, begun: s.timeline.now()}, nil
}

// Close stops listening. It may be called twice.
func (l *Listener) Close() { _ = l.tcp.Close() }
