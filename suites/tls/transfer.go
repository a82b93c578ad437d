package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

const (
	// maxData bounds what is kept of one transfer.
	maxData = 16 << 20
	// hearing is how long a client waits for octets that must not come.
	hearing = 3 * time.Second
	// glance is the same where a handshake will do to find them out.
	glance = 500 * time.Millisecond
	// slowness is how long data may take that are due.
	slowness = 10 * time.Second
)

// ask asks for a passive port, as [spec.T.Open] does, and does not connect.
func ask(ctx context.Context, t *spec.T, s *probe.Session) probe.Offer {
	d, _ := t.With(func(*probe.Dialer, *probe.Target) {})
	ways := []func(context.Context) (probe.Offer, error){s.PASV, s.EPSV}
	switch {
	case d.Passive == probe.OnlyEPSV, !s.Peer().Addr().Is4():
		ways = ways[1:]
	case d.Passive == probe.OnlyPASV:
		ways = ways[:1]
	}
	var err error
	for _, way := range ways {
		var o probe.Offer
		o, err = way(ctx)
		if probe.CauseOf(err) == probe.Refusal && o.Reply.Class() == 4 && o.Reply.Code != 421 {
			t.Sleep(ctx, spec.RetryAfter)
			o, err = way(ctx)
		}
		if err == nil {
			return o
		}
		t.Blame(err)
	}
	t.Skip("no passive port: %v", err)
	return probe.Offer{}
}

// dial connects to an offer.
func dial(ctx context.Context, t *spec.T, s *probe.Session, o probe.Offer) *probe.DataConn {
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
		t.Skip("no passive data connection: %v", err)
	}
	return c
}

// take downloads on c, under TLS or in the clear, whatever the session has said.
func take(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, private bool) spec.Moved {
	return move(ctx, s, c, line, private, func(m *spec.Moved) (err error) {
		m.Data, err = c.ReadAll(ctx, maxData)
		return err
	})
}

// give uploads under TLS.
func give(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, content []byte) spec.Moved {
	return send(ctx, s, c, line, true, content)
}

// send uploads on c, under TLS or in the clear, whatever the session has said.
func send(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, private bool, content []byte) spec.Moved {
	return move(ctx, s, c, line, private, func(*spec.Moved) error {
		if err := c.Send(ctx, bytes.NewReader(content)); err != nil {
			return err
		}
		return c.Finish(ctx)
	})
}

// move runs a transfer command, and closes c before it waits for the final reply.
func move(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, private bool, payload func(*spec.Moved) error) spec.Moved {
	m := spec.Moved{Command: line}
	defer func() { _ = c.Close() }()
	r, err := s.Do(ctx, line)
	switch {
	case err != nil:
		m.Err = err
		return m
	case !r.Preliminary():
		m.Final = r
		return m
	}
	m.Opening = r
	if private {
		m.DataErr = c.Handshake(ctx)
	}
	if m.DataErr == nil {
		c.Begin()
		m.DataErr = payload(&m)
	}
	_ = c.Close()
	m.Final, m.Err = s.Complete(ctx)
	return m
}

// unencrypted tells a handshake that failed because there is no TLS on the other
// side: something else came where its first record was due.
func unencrypted(err error) bool {
	var header tls.RecordHeaderError
	return errors.As(err, &header)
}

// complete tells that a download came to its end in order.
func complete(m spec.Moved) bool {
	return m.Err == nil && m.DataErr == nil && m.Opening.Preliminary() && m.Final.Positive()
}

// excuse skips the check of a transfer under TLS that is not complete, when it is not
// complete without TLS on the data connection either: that has requirements of its
// own. The transfer is done again by again, in dir if that is not empty.
func excuse(ctx context.Context, t *spec.T, m spec.Moved, dir string, again func(*probe.Session, *probe.DataConn) spec.Moved) {
	if complete(m) || m.Err == nil && m.Opening.IsZero() || t.Target().Security == probe.Implicit {
		return
	}
	s := entered(ctx, t)
	if dir != "" {
		t.Do(ctx, s, "CWD "+dir)
		t.Do(ctx, s, "TYPE I")
	}
	clear := again(s, dial(ctx, t, s, ask(ctx, t, s)))
	if clear.Err == nil && clear.Opening.IsZero() && clear.Final.Negative() {
		return // the policy of the server, perhaps
	}
	if !complete(clear) {
		verb, _, _ := strings.Cut(m.Command, " ")
		t.Skip("%s fails without TLS, too: %s", verb, failure(clear))
	}
}

// failure is what went wrong with a transfer, in a few words.
func failure(m spec.Moved) string {
	switch {
	case m.Err != nil:
		return m.Err.Error()
	case m.DataErr == nil:
		return m.Final.String()
	case unencrypted(m.DataErr):
		return fmt.Sprintf("data in clear text, then %s", m.Final)
	}
	return fmt.Sprintf("%v, then %s", m.DataErr, m.Final)
}

// heard is what a server did on a data connection while the client said nothing.
type heard struct {
	octets []byte
	ended  bool
}

// record tells octets that begin a record of TLS, not data.
func (h heard) record() bool {
	const alert, handshake = 21, 22
	b := h.octets
	return len(b) > 0 && (b[0] == alert || b[0] == handshake) && (len(b) < 2 || b[1] == 3)
}

// data tells octets that are no record of TLS.
func (h heard) data() bool { return len(h.octets) > 0 && !h.record() }

// listen waits for up to d for something to come on c.
func listen(ctx context.Context, t *spec.T, c *probe.DataConn, d time.Duration) (h heard) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	b := make([]byte, 512)
	for {
		n, err := c.Read(ctx, b)
		h.octets = append(h.octets, b[:n]...)
		switch {
		case len(h.octets) > 1:
			return h
		case n > 0 && err == nil:
		case probe.CauseOf(err) != probe.Stalled:
			t.Blame(err)
			h.ended = true
			return h
		case ctx.Err() != nil:
			return h
		}
	}
}

// within waits for the final reply for some time.
func within(ctx context.Context, s *probe.Session, d time.Duration) (probe.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return s.Complete(ctx)
}

// final is the reply that ends a transfer.
func final(ctx context.Context, t *spec.T, s *probe.Session) probe.Reply {
	r, err := s.Complete(ctx)
	if err != nil {
		t.Blame(err)
		t.Fail("a final reply", err.Error())
	}
	return r
}

// clearListing expects a listing without TLS on c, or a refusal, and returns the 1yz
// reply, if there is one, and the final one. Who waits for a handshake has to be
// offered one to be found out.
func clearListing(ctx context.Context, t *spec.T, s *probe.Session, c *probe.DataConn, when string) (mark, end probe.Reply) {
	defer c.Close()
	expected := when + ": a data connection in clear text"
	mark = t.Do(ctx, s, "LIST")
	if !mark.Preliminary() {
		return probe.Reply{}, mark
	}
	h := listen(ctx, t, c, slowness)
	switch {
	case h.record():
		t.Fail(expected, "a record of TLS")
	case len(h.octets) == 0 && !h.ended:
		err := c.Handshake(ctx)
		switch {
		case err == nil:
			t.Fail(expected, "the server makes a TLS handshake on it")
		case unencrypted(err): // a slow one
		default:
			t.Blame(err)
			t.Inconclusive("%s: neither clear text nor TLS: %v", when, err)
		}
	case !h.ended:
		if _, err := c.ReadAll(ctx, maxData); err != nil {
			t.Blame(err)
			t.Inconclusive("%s: %v", when, err)
		}
	}
	_ = c.Close()
	// The data were as they have to be: a lack of replies is not a matter of TLS.
	end, err := s.Complete(ctx)
	if err != nil {
		t.Blame(err)
		t.Skip("%s: no final reply to LIST: %v", when, err)
	}
	return mark, end
}

// privateListing expects a listing under TLS on c, and nothing while the client
// waits before the handshake.
func privateListing(ctx context.Context, t *spec.T, s *probe.Session, c *probe.DataConn, wait time.Duration, when string) {
	defer c.Close()
	expected := when + ": a data connection under TLS"
	r := t.Do(ctx, s, "LIST")
	if !r.Preliminary() {
		t.Skip("%s: LIST is refused: %s", when, r)
	}
	switch h := listen(ctx, t, c, wait); {
	case h.data():
		t.Fail(expected, "data in clear text")
	case h.record():
		t.Skip("%s: the server begins TLS itself, or has given up", when)
	case h.ended:
		_ = c.Close()
		final, err := s.Complete(ctx)
		if err == nil && final.Positive() {
			t.Fail(expected, "its end without a handshake, and "+final.String())
		}
		t.Inconclusive("%s: the data connection has ended before the handshake", when)
	}
	if err := c.Handshake(ctx); err != nil {
		t.Blame(err)
		if unencrypted(err) {
			t.Fail(expected, "data in clear text")
		}
		t.Inconclusive("%s: %v", when, err)
	}
	c.Begin()
	_, err := c.ReadAll(ctx, maxData)
	_ = c.Close()
	if err != nil {
		t.Blame(err)
		t.Inconclusive("%s: %v", when, err)
	}
	t.ExpectCode(final(ctx, t, s), 226, 250)
}
