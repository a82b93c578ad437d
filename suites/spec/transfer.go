package spec

import (
	"context"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// maxListing bounds what a check reads of a listing, in bytes.
const maxListing = 16 << 20

// RetryAfter is how long a server is given to free a passive port.
const RetryAfter = 5 * time.Second

// Ask sends PASV and returns the 227. Another answer skips the check: whether
// PASV is answered at all is a requirement of its own. A refusal for the moment
// (4yz) is given a second chance.
func (t *T) Ask(ctx context.Context, s *probe.Session) probe.Reply {
	r, err := s.Do(ctx, "PASV")
	if err == nil && r.Class() == 4 && r.Code != 421 {
		t.Sleep(ctx, RetryAfter)
		r, err = s.Do(ctx, "PASV")
	}
	t.expectNo(err, "a reply to PASV")
	if r.Code != 227 {
		t.Skip("no 227 this time: %s", r)
	}
	return r
}

// PASV is [T.Ask] for checks that want to connect. A reply that cannot be read
// skips the check.
func (t *T) PASV(ctx context.Context, s *probe.Session) probe.Offer {
	o := probe.Offer{Command: "PASV", Reply: t.Ask(ctx, s)}
	var err error
	if o.Advertised, err = probe.ParsePASV(o.Reply); err != nil {
		t.Skip("no readable 227 this time: %s", o.Reply)
	}
	return o
}

// DialData connects to what a 227 announced. When that is another address than
// the control connection's and nothing answers there, it connects to the
// control connection's address instead and notes it: the address has a
// requirement of its own, and the others can be judged all the same.
func (t *T) DialData(ctx context.Context, s *probe.Session, o probe.Offer) (*probe.DataConn, error) {
	announced := o.Dial(probe.DialAdvertised, s.Peer())
	control := o.Dial(probe.DialControl, s.Peer())
	if announced == control {
		return s.DialData(ctx, announced)
	}
	if t.judge.Dialer.Address == probe.DialControl {
		t.Note("connected to the control connection's address instead of the announced %s, as asked for", announced.Addr())
		return s.DialData(ctx, control)
	}
	if t.judge.unusable(announced.Addr()) {
		t.Note(elsewhere, announced.Addr())
		return s.DialData(ctx, control)
	}
	short, cancel := context.WithTimeout(ctx, StrangeAddress)
	defer cancel()
	c, err := s.DialData(short, announced)
	if err == nil || ctx.Err() != nil {
		return c, err
	}
	t.judge.markUnusable(announced.Addr())
	t.Note(elsewhere, announced.Addr())
	return s.DialData(ctx, control)
}

// StrangeAddress is the patience with an announced address that is not the
// control connection's.
const StrangeAddress = 5 * time.Second

const elsewhere = "connected to the control connection's address, because the announced %s does not answer"

// Connect is [T.DialData] for checks that have no verdict on the connection
// itself: when it fails they are skipped, blocked by by.
func (t *T) Connect(ctx context.Context, s *probe.Session, o probe.Offer, by *Requirement) *probe.DataConn {
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
		t.Skip("blocked by %s: %v", by.ID, err)
	}
	return c
}

// List sends LIST and expects a whole listing on c: 125 or 150, data to the
// end, 226 or 250.
func (t *T) List(ctx context.Context, s *probe.Session, c *probe.DataConn) []byte {
	r, err := s.Do(ctx, "LIST")
	t.expectNo(err, "a reply to LIST")
	t.ExpectCode(r, 125, 150)
	return t.Listing(ctx, s, c)
}

// Listing reads what follows the 1yz reply to LIST.
func (t *T) Listing(ctx context.Context, s *probe.Session, c *probe.DataConn) []byte {
	if s.Protected() {
		err := c.Handshake(ctx)
		t.expectNo(err, "a TLS handshake on the data connection")
	}
	c.Begin()
	data, err := c.ReadAll(ctx, maxListing)
	_ = c.Close()
	t.expectNo(err, "the listing and the end of the data connection")
	r, err := s.Complete(ctx)
	t.expectNo(err, "a final reply to LIST")
	t.ExpectCode(r, 226, 250)
	return data
}

// Quiet is what a data connection did while nothing was due on it.
type Quiet int

const (
	// Silent: it stayed open and nothing came.
	Silent Quiet = iota
	// Ended: the server closed or reset it.
	Ended
	// Spoke: data came.
	Spoke
)

// Watch waits for d for something to happen on c.
func (t *T) Watch(ctx context.Context, c *probe.DataConn, d time.Duration) Quiet {
	watch, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		n, err := c.Read(watch, make([]byte, 1))
		switch {
		case n > 0:
			return Spoke
		case probe.CauseOf(err) != probe.Stalled:
			t.Blame(err)
			return Ended
		case watch.Err() != nil:
			return Silent
		}
	}
}

// expectNo expects that the wire brought what was due.
func (t *T) expectNo(err error, what string) {
	if err == nil {
		return
	}
	t.Blame(err)
	t.Fail(what, err.Error())
}
