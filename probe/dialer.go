package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// PassiveCommand says which command asks for a passive port.
type PassiveCommand uint8

const (
	// AutoPassive: EPSV, and PASV from then on when the server refuses it.
	AutoPassive PassiveCommand = iota
	// OnlyPASV: PASV (RFC 959 §4.1.2).
	OnlyPASV
	// OnlyEPSV: EPSV (RFC 2428 §3).
	OnlyEPSV
)

// AddressPolicy says which address of a 227 is dialled.
type AddressPolicy uint8

const (
	// DialAdvertised: the address in the reply.
	DialAdvertised AddressPolicy = iota
	// DialControl: the address of the control connection's peer, as most clients do today.
	DialControl
)

// Family restricts the address family of the control connection.
type Family uint8

const (
	// AnyFamily takes the first address that works.
	AnyFamily Family = iota
	// IPv4 only.
	IPv4
	// IPv6 only.
	IPv6
)

// DefaultTimeout is the patience for one step: a connect, a reply, a read that
// brings nothing.
const DefaultTimeout = 30 * time.Second

// Dialer opens sessions. The zero value works. It may be used by many
// goroutines at once, and must not be changed while it is.
type Dialer struct {
	// Timeout is the patience for one step, [DefaultTimeout] when zero.
	Timeout time.Duration
	// ReplyTimeout is the patience for one whole reply, however busily the server
	// sends at it; four times Timeout when zero.
	ReplyTimeout time.Duration
	Family       Family
	// Source is the local address to connect from, if valid.
	Source netip.Addr
	// TLS is the base of the TLS configuration: roots, versions, InsecureSkipVerify.
	TLS *tls.Config
	// Passive and Address are how data connections are asked for and dialled.
	Passive PassiveCommand
	Address AddressPolicy
	// Active has the server open the data connections; Passive and Address do not matter then.
	Active ActiveCommand
	// ICMP has a failed connect tell which ICMP message answered it, and who sent
	// that, in [Error.ICMP]: on Linux only, for three more system calls a connect.
	ICMP bool
	// Limits bound what the server may send.
	Limits Limits
}

func (d *Dialer) timeout() time.Duration {
	if d.Timeout > 0 {
		return d.Timeout
	}
	return DefaultTimeout
}

func (d *Dialer) replyTimeout() time.Duration {
	if d.ReplyTimeout > 0 {
		return d.ReplyTimeout
	}
	return 4 * d.timeout()
}

// Dial connects to the target and reads its greeting: 220, or 120 and then 220.
// With [Implicit] security the TLS handshake comes first. A greeting with
// another code is an *[Error] of cause [Refusal]; a server that does not talk
// FTP is one of cause [Alien].
func (d *Dialer) Dial(ctx context.Context, t Target) (*Session, error) {
	s, err := d.Connect(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.greet(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Connect opens a control connection, with [Implicit] security under TLS, and
// reads nothing: the greeting is the first reply that [Session.Receive] brings.
func (d *Dialer) Connect(ctx context.Context, t Target) (*Session, error) {
	s := &Session{dialer: d, target: t, parser: Parser{Limits: d.Limits}}
	s.timeline.epoch = time.Now()
	s.transcript.hide(string(t.Pass))
	addrs, err := d.resolve(ctx, s, t)
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		start := s.timeline.now()
		s.conn, err = d.connect(ctx, Connect, netip.AddrPortFrom(addr, t.Port))
		s.timeline.add(Connect, start)
		if err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	s.peer, s.local = addrPort(s.conn.RemoteAddr()), addrPort(s.conn.LocalAddr())
	if s.socket, err = newSocket(s.conn.(*net.TCPConn)); err != nil {
		s.Close()
		return nil, &Error{Phase: Connect, Addr: s.peer.String(), Cause: classify(err, true), Err: err}
	}
	if t.Security == Implicit {
		if err := s.handshake(ctx); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.due = 1
	return s, nil
}

func (s *Session) greet(ctx context.Context) (err error) {
	limits := s.dialer.Limits.withDefaults()
	s.parser.Limits.Reply = min(limits.Greeting, limits.Reply)
	defer func() { s.parser.Limits = s.dialer.Limits }()
	for {
		if s.greeting, err = s.receive(ctx, Greeting, s.timeline.now()); err != nil {
			return s.provoke(ctx, err)
		}
		if s.greeting.Code != 120 {
			break
		}
	}
	if s.greeting.Code != 220 {
		return s.refusal(Greeting, s.greeting)
	}
	return nil
}

// provoke finds out who it is that does not greet: many services wait for the
// client to speak. A silent FTP server is given up anyway.
func (s *Session) provoke(ctx context.Context, err error) error {
	if CauseOf(err) != NoGreeting {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, provocation)
	defer cancel()
	if s.write(ctx, Greeting, "HELP\r\n\r\n") != nil {
		return err
	}
	if _, answer := s.receive(ctx, Greeting, s.timeline.now()); CauseOf(answer) == Alien {
		return answer
	}
	return err
}

// provocation is how long an answer to [Session.provoke] is waited for.
const provocation = 2 * time.Second

// Open is [Dialer.Dial] and everything up to where transfers can begin: TLS as
// the target asks for, login, protection of the data connections, TYPE I, and
// the target's directory. A step that the server refuses is an *[Error] of
// cause [Refusal].
func (d *Dialer) Open(ctx context.Context, t Target) (*Session, error) {
	s, err := d.Dial(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.Enter(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (d *Dialer) resolve(ctx context.Context, s *Session, t Target) ([]netip.Addr, error) {
	network := [...]string{AnyFamily: "ip", IPv4: "ip4", IPv6: "ip6"}[d.Family]
	start := s.timeline.now()
	var addrs []netip.Addr
	var err error
	if a, perr := netip.ParseAddr(t.Host); perr == nil {
		if a = a.Unmap(); d.Family == IPv4 && !a.Is4() || d.Family == IPv6 && a.Is4() {
			err = fmt.Errorf("%s is not of the family that was asked for", a)
		}
		addrs = []netip.Addr{a}
	} else {
		ctx, cancel := context.WithTimeout(ctx, d.timeout())
		defer cancel()
		addrs, err = net.DefaultResolver.LookupNetIP(ctx, network, t.Host)
	}
	s.timeline.add(Resolve, start)
	if err != nil {
		cause := classify(err, false)
		if cause == Unknown || cause == Filtered {
			cause = Unreachable
		}
		return nil, &Error{Phase: Resolve, Addr: t.Host, Cause: cause, Err: err}
	}
	return addrs, nil
}

// connect makes one TCP connection.
func (d *Dialer) connect(ctx context.Context, phase Phase, to netip.AddrPort) (net.Conn, error) {
	// Without TCP's keep-alive: it would hide a firewall that forgets idle
	// connections, few clients use it, and it costs four system calls.
	nd := net.Dialer{Timeout: d.timeout(), KeepAlive: -1}
	if d.Source.IsValid() && d.Source.Is4() == to.Addr().Unmap().Is4() {
		nd.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(d.Source, 0))
		nd.Control = bindLate
	}
	var watch icmpWatch
	if d.ICMP {
		bind := nd.Control
		nd.Control = func(network, address string, raw syscall.RawConn) error {
			if bind != nil {
				_ = bind(network, address, raw)
			}
			return watch.control(network, address, raw)
		}
	}
	conn, err := nd.DialContext(ctx, "tcp", to.String())
	icmp := watch.end(err != nil)
	if err != nil {
		cause := classify(err, false)
		if ctx.Err() == context.Canceled {
			cause = Canceled
		}
		return nil, &Error{Phase: phase, Addr: to.String(), Cause: cause, ICMP: icmp, Err: err}
	}
	return conn, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}
