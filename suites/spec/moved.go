package spec

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/passiveftp/pasv/probe"
)

// maxData bounds what a check keeps of one transfer, in octets.
const maxData = 64 << 20

// Open asks for a passive port and connects to it, for checks to which it does
// not matter how: by PASV over IPv4 and EPSV over IPv6, unless the run is to use
// one of them only, and by the other one where that fails. When neither works
// the check is skipped, since both have requirements of their own.
func (t *T) Open(ctx context.Context, s *probe.Session) *probe.DataConn {
	order := []string{"PASV", "EPSV"}
	switch t.judge.Dialer.Passive {
	case probe.OnlyEPSV:
		order = order[1:]
	case probe.OnlyPASV:
		order = order[:1]
	}
	if !s.Peer().Addr().Is4() {
		order = []string{"EPSV"}
	}
	var failed error
	for i, verb := range order {
		c, err := t.try(ctx, s, verb)
		if err == nil {
			if i > 0 {
				t.Note("used %s, because of %v", verb, failed)
			}
			return c
		}
		t.Blame(err)
		if failed == nil {
			failed = err
		}
		if cause := probe.CauseOf(err); cause == probe.Closed || cause == probe.Reset {
			break
		}
	}
	t.Skip("no passive data connection: %v", failed)
	return nil
}

func (t *T) try(ctx context.Context, s *probe.Session, verb string) (*probe.DataConn, error) {
	ask := s.PASV
	if verb == "EPSV" {
		ask = s.EPSV
	}
	o, err := ask(ctx)
	if probe.CauseOf(err) == probe.Refusal && o.Reply.Class() == 4 && o.Reply.Code != 421 {
		t.Sleep(ctx, RetryAfter)
		o, err = ask(ctx)
	}
	if err != nil {
		return nil, err
	}
	return t.DialData(ctx, s, o)
}

// Moved is what a transfer brought. Nothing of it is judged yet.
type Moved struct {
	Command string
	// Opening is the 1yz reply; zero when the command was refused at once.
	Opening probe.Reply
	// Data is what was received.
	Data []byte
	// DataErr is how the data connection failed, if it did.
	DataErr error
	// Final is the reply after the data, or instead of the 1yz reply.
	Final probe.Reply
	// Err is why a reply is missing.
	Err error
}

// Take runs a command that brings data: RETR, LIST, NLST, MLSD.
func (t *T) Take(ctx context.Context, s *probe.Session, line string) Moved {
	return t.TakeOn(ctx, s, t.Open(ctx, s), line)
}

// TakeOn is [T.Take] on a data connection that is open.
func (t *T) TakeOn(ctx context.Context, s *probe.Session, c *probe.DataConn, line string) Moved {
	return t.move(ctx, s, c, line, func(m *Moved) (err error) {
		m.Data, err = c.ReadAll(ctx, maxData)
		return err
	})
}

// Give runs a command that takes data: STOR, APPE, STOU.
func (t *T) Give(ctx context.Context, s *probe.Session, line string, content []byte) Moved {
	return t.GiveOn(ctx, s, t.Open(ctx, s), line, content)
}

// GiveOn is [T.Give] on a data connection that is open.
func (t *T) GiveOn(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, content []byte) Moved {
	return t.move(ctx, s, c, line, func(*Moved) error {
		if err := c.Send(ctx, bytes.NewReader(content)); err != nil {
			return err
		}
		return c.Finish(ctx)
	})
}

func (t *T) move(ctx context.Context, s *probe.Session, c *probe.DataConn, line string, move func(*Moved) error) Moved {
	defer c.Close()
	m := Moved{Command: line}
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
	if s.Protected() {
		m.DataErr = c.Handshake(ctx)
	}
	if m.DataErr == nil {
		c.Begin()
		m.DataErr = move(&m)
	}
	// Many servers answer only when the client has closed.
	_ = c.Close()
	m.Final, m.Err = s.Complete(ctx)
	for _, err := range []error{m.Err, m.DataErr} {
		if probe.CauseOf(err) == probe.Stalled {
			t.stalls = append(t.stalls, err.Error())
		}
	}
	return m
}

// ExpectComplete expects a whole transfer: 125 or 150, data to their end, 226 or
// 250. An upload for which there is no room (see [Moved.NoRoom]) ends the check as
// a skip: an account may be full, and checks that run at the same time fill it.
func (t *T) ExpectComplete(m Moved) {
	verb, _, _ := bytes.Cut([]byte(m.Command), []byte(" "))
	t.expectNo(m.Err, "a reply to "+string(verb))
	if m.NoRoom() {
		t.Skip("missing: write (there is no room for more: %s)", m.Final)
	}
	if m.Opening.IsZero() {
		t.Fail("reply code 125 or 150", m.Final.String())
	}
	t.ExpectCode(m.Opening, 125, 150)
	if m.DataErr != nil && m.Final.Negative() {
		t.Fail("a transfer to its end", fmt.Sprintf("%v, then %s", m.DataErr, m.Final))
	}
	t.expectNo(m.DataErr, "data up to the end of the data connection")
	t.ExpectCode(m.Final, 226, 250)
}

// NoRoom tells that the server has no storage left for an upload (RFC 959 §4.2.1).
func (m Moved) NoRoom() bool {
	switch verb, _, _ := strings.Cut(m.Command, " "); strings.ToUpper(verb) {
	case "STOR", "APPE", "STOU":
		return m.Err == nil && (m.Final.Code == 552 || m.Final.Code == 452)
	}
	return false
}

// ExpectRefused expects that a transfer is refused with a 4yz or 5yz reply, with
// or without a 1yz reply before it (RFC 959 §6), and that no data come. Codes are
// those that the requirement names.
func (t *T) ExpectRefused(m Moved, codes ...int) {
	verb, _, _ := bytes.Cut([]byte(m.Command), []byte(" "))
	t.expectNo(m.Err, "a reply to "+string(verb))
	if len(m.Data) > 0 {
		t.Fail("no data", fmt.Sprintf("%d octets of data, which begin with %s", len(m.Data), probe.Printable(string(m.Data[:min(len(m.Data), 100)]))))
	}
	t.ExpectRefusal(m.Final, codes...)
}

// Download is [T.Take] of a command that has to succeed.
func (t *T) Download(ctx context.Context, s *probe.Session, line string) []byte {
	m := t.Take(ctx, s, line)
	t.ExpectComplete(m)
	return m.Data
}

// Upload is [T.Give] of a command that has to succeed. It returns the final reply.
func (t *T) Upload(ctx context.Context, s *probe.Session, line string, content []byte) probe.Reply {
	m := t.Give(ctx, s, line, content)
	t.ExpectComplete(m)
	return m.Final
}

// ExpectContent expects data to be exactly what they ought to be, and says where
// they are not. What tells in which situation.
func (t *T) ExpectContent(got, want []byte, what string) {
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	seen := fmt.Sprintf("%d octets", len(got))
	switch {
	case at == len(got):
		seen += ", which end too early"
	case at == len(want):
		seen += ", more than there are"
	default:
		seen += fmt.Sprintf("; octet %d is %#02x, not %#02x", at, got[at], want[at])
	}
	t.Fail(fmt.Sprintf("%s: %d octets as they are", what, len(want)), seen)
}
