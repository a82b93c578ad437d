package diagnose

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// lane is one way while it is being tried.
type lane struct {
	way     *Way
	command string // PASV or EPSV
	policy  probe.AddressPolicy
	listing string // LIST, or NLST once LIST was refused
	what    string // for the progress
	// offered, when not nil, is told each place that the server names.
	offered func(probe.Endpoint)
	session *probe.Session // after the attempts, nil when it cannot be used
}

// matrix tries every way, at once where the server lets us, each with a
// control connection of its own. It takes s over and gives back a session that
// can be used, or nil.
func (p *prober) matrix(ctx context.Context, s *probe.Session, f *Facts) *probe.Session {
	advertised := &lane{way: &f.Advertised, command: "PASV", listing: "LIST", what: "PASV, advertised address"}
	control := &lane{way: &f.Control, command: "PASV", policy: probe.DialControl, listing: "LIST", what: "PASV, control address"}
	epsv := &lane{way: &f.EPSV, command: "EPSV", policy: probe.DialControl, listing: "LIST", what: "EPSV"}

	var group sync.WaitGroup
	start := func(l *lane, s *probe.Session) {
		group.Go(func() { l.session = p.run(ctx, s, l) })
	}
	lanes := []*lane{epsv}
	if f.ipv6() {
		f.Advertised.Skipped = "PASV cannot name an IPv6 address; EPSV is for that (RFC 2428)"
		f.Control.Skipped = f.Advertised.Skipped
		p.step(2, epsv.what)
		start(epsv, s)
	} else {
		// The control address is a way of its own only if the 227 names another.
		var once sync.Once
		advertised.offered = func(e probe.Endpoint) {
			if e.Addr != f.Peer.Addr() {
				once.Do(func() { start(control, nil) })
			}
		}
		lanes = []*lane{advertised, control, epsv}
		p.step(0, advertised.what)
		start(advertised, s)
		start(epsv, nil)
	}
	group.Wait()
	s = lanes[0].session
	for _, other := range lanes[1:] {
		if other.session != nil {
			_, _ = other.session.Quit(ctx)
		}
	}
	// What failed for want of another session or another port may have failed
	// because of us: it gets another try alone.
	for _, l := range lanes {
		if slices.ContainsFunc(l.way.Attempts, crowded) && ctx.Err() == nil {
			l.way.Attempts, l.offered = nil, nil
			s = p.run(ctx, s, l)
		}
		p.step(1, l.what)
	}
	if f.ipv6() || len(f.Control.Attempts) > 0 {
		return s
	}
	switch e, ok := f.Advertised.offer(); {
	case !ok:
		f.Control.Skipped = "no 227 to take a port from"
	case e.Addr == f.Peer.Addr():
		f.Control.Same, f.Control.Skipped = true, "the same place as advertised, not dialled again"
	default: // the 227 came only with the second try
		s = p.run(ctx, s, control)
	}
	return s
}

// crowded tells a failure that other sessions of ours can have caused.
func crowded(a Attempt) bool {
	if a.ok() || a.Phase > probe.Passive {
		return false
	}
	return a.Phase < probe.Passive || a.Reply.Class() == 4 || a.Cause == probe.Closed || a.Cause == probe.Reset || strings.Contains(a.Reply.Raw, "OOPS")
}

// again makes one more attempt of a lane.
func (p *prober) again(ctx context.Context, s *probe.Session, l *lane) *probe.Session {
	a, s := p.attempt(ctx, s, l, true)
	if l.listing == "LIST" && unlistable(a) {
		// Some servers refuse LIST where there is nothing to list; that says
		// nothing about data connections, so another command gets a try.
		l.listing = "NLST"
		a, s = p.attempt(ctx, s, l, true)
	}
	if ctx.Err() == nil {
		l.way.Attempts = append(l.way.Attempts, a)
	}
	return s
}

// run makes the attempts of a lane that are still to be made.
func (p *prober) run(ctx context.Context, s *probe.Session, l *lane) *probe.Session {
	for len(l.way.Attempts) < attempts && ctx.Err() == nil {
		if slices.ContainsFunc(l.way.Attempts, final) || silent(l.way.Attempts) >= hopeless {
			break
		}
		s = p.again(ctx, s, l)
	}
	return s
}

// unlistable tells that the data connection was there, but the listing was
// refused for a reason of its own.
func unlistable(a Attempt) bool {
	if a.ok() || a.Phase != probe.Opening || a.Cause != probe.Refusal {
		return false
	}
	switch a.Reply.Code {
	case 450, 500, 501, 502, 504, 550, 553:
		return true
	}
	return false
}

// final tells a failure that will not change.
func final(a Attempt) bool {
	return !a.ok() && (a.Phase < probe.Passive || a.Phase == probe.Passive && (a.Reply.Class() == 5 || a.Cause == probe.Unreadable))
}

// silent counts the attempts that ran into a timeout.
func silent(as []Attempt) (n int) {
	for _, a := range as {
		if !a.ok() && (a.Cause == probe.Filtered || a.Cause == probe.Stalled) {
			n++
		}
	}
	return n
}

// attempt asks for a port, connects, and with transfer runs a listing to its
// final reply. It opens a session when s is nil, and gives back nil when the
// session cannot be used any more.
func (p *prober) attempt(ctx context.Context, s *probe.Session, l *lane, transfer bool) (Attempt, *probe.Session) {
	a := Attempt{Command: l.command}
	start := time.Now()
	if s == nil {
		var err error
		if s, _, err = p.open(ctx); err != nil {
			a.fail(err)
			a.Elapsed = time.Since(start)
			return a, nil
		}
	}
	ask := s.PASV
	if l.command == "EPSV" {
		ask = s.EPSV
	}
	offer, err := ask(ctx)
	a.Reply = offer.Reply
	if err == nil {
		a.Advertised, a.Dialled = offer.Advertised, offer.Dial(l.policy, s.Peer())
		if l.offered != nil {
			l.offered(a.Advertised)
		}
		err = p.connect(ctx, s, l, &a, transfer)
	}
	if err != nil {
		a.fail(err)
	}
	a.Elapsed = time.Since(start)
	if !usable(a) {
		s.Close()
		s = nil
	}
	return a, s
}

// usable tells whether the session's dialogue is still in step.
func usable(a Attempt) bool {
	switch {
	case a.ok():
		return true
	case a.Reply.Code == 421 || strings.Contains(a.Reply.Raw, "OOPS"):
		return false
	case a.Phase == probe.DataConnect:
		return true
	}
	return a.Cause == probe.Refusal || a.Cause == probe.Unreadable
}

// connect opens the data connection and uses it.
func (p *prober) connect(ctx context.Context, s *probe.Session, l *lane, a *Attempt, transfer bool) error {
	patience := p.DataTimeout
	if !transfer {
		patience = min(patience, sampleTimeout)
	}
	short, cancel := context.WithTimeout(ctx, patience)
	c, err := s.DialData(short, a.Dialled)
	cancel()
	if err != nil {
		return err
	}
	defer c.Close()
	if !transfer {
		return nil
	}
	ctx, cancel = context.WithTimeout(ctx, transferLimit)
	defer cancel()
	r, err := s.Do(ctx, l.listing)
	if err != nil {
		return err
	}
	a.Reply = r
	if !r.Preliminary() {
		return s.Refusal(probe.Opening, r)
	}
	err = receive(ctx, s, c)
	a.Bytes = c.Bytes()
	_ = c.Close()
	r, ferr := s.Complete(ctx)
	if ferr == nil {
		a.Reply = r
	}
	switch {
	case err != nil:
		return err
	case ferr != nil:
		return ferr
	case !r.Positive():
		return s.Refusal(probe.Completion, r)
	}
	return nil
}

// receive reads the data connection to its end.
func receive(ctx context.Context, s *probe.Session, c *probe.DataConn) error {
	if s.Protected() {
		if err := c.Handshake(ctx); err != nil {
			return err
		}
	}
	c.Begin()
	return c.Receive(ctx, nil)
}
