package probe

import (
	"context"
	"errors"
	"net/netip"
)

// Offer is what the server answered when it was asked for a passive port.
type Offer struct {
	// Command is PASV or EPSV.
	Command string
	Reply   Reply
	// Advertised is what the reply names.
	Advertised Endpoint
}

// Dial is the place to connect to under a policy. A 229 names no address, so
// the control connection's peer is meant (RFC 2428 §3).
func (o Offer) Dial(policy AddressPolicy, peer netip.AddrPort) netip.AddrPort {
	addr := o.Advertised.Addr
	if !addr.IsValid() || policy == DialControl {
		addr = peer.Addr()
	}
	return netip.AddrPortFrom(addr, o.Advertised.Port)
}

// Passive asks for a passive port with the dialer's command. A refusal is an
// *[Error] of cause [Refusal], a reply without a readable place one of cause
// [Unreadable]; the Offer holds the reply in both cases.
func (s *Session) Passive(ctx context.Context) (Offer, error) {
	switch {
	case s.dialer.Passive == OnlyPASV, s.dialer.Passive == AutoPassive && s.noEPSV:
		return s.PASV(ctx)
	case s.dialer.Passive == OnlyEPSV:
		return s.EPSV(ctx)
	}
	o, err := s.EPSV(ctx)
	if CauseOf(err) == Refusal && o.Reply.Class() == 5 {
		s.noEPSV = true
		return s.PASV(ctx)
	}
	return o, err
}

// PASV asks for a passive port with PASV (RFC 959 §4.1.2).
func (s *Session) PASV(ctx context.Context) (Offer, error) {
	return s.offer(ctx, "PASV", 227, ParsePASV)
}

// EPSV asks for a passive port with EPSV (RFC 2428 §3).
func (s *Session) EPSV(ctx context.Context) (Offer, error) {
	return s.offer(ctx, "EPSV", 229, ParseEPSV)
}

func (s *Session) offer(ctx context.Context, command string, code int, parse func(Reply) (Endpoint, error)) (Offer, error) {
	o := Offer{Command: command}
	var err error
	if o.Reply, err = s.Do(ctx, command); err != nil {
		return o, err
	}
	if o.Reply.Code != code {
		return o, s.refusal(Passive, o.Reply)
	}
	if o.Advertised, err = parse(o.Reply); err == nil && o.Advertised.Port == 0 {
		err = errors.New("port 0 cannot be connected to")
	}
	if err != nil {
		return o, s.unreadable(Passive, o.Reply, err)
	}
	return o, nil
}
