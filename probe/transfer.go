package probe

import (
	"context"
	"io"
	"net/netip"
)

// Transfer is one exchange over a data connection.
type Transfer struct {
	// Command is the transfer command, for example "RETR pub/file".
	Command string
	Offer   Offer
	// Dialled is where the data connection was opened to.
	Dialled netip.AddrPort
	// Opening is the 1yz reply, Final the reply after the data. A command that
	// was refused at once has only Final.
	Opening, Final Reply
	// Bytes is the payload that went over the data connection.
	Bytes int64
	// Resumed tells that the data connection resumed a TLS session.
	Resumed bool
}

// Retrieve runs RETR, LIST, NLST or MLSD and writes the data to w; nil discards
// them. It returns when the final reply is there. A refusal at any step is an
// *[Error] of cause [Refusal].
func (s *Session) Retrieve(ctx context.Context, command string, w io.Writer) (Transfer, error) {
	return s.transfer(ctx, command, func(c *DataConn) error { return c.Receive(ctx, w) })
}

// Store runs STOR, APPE or STOU with the data of r, and returns when the final
// reply is there. Errors are those of [Session.Retrieve].
func (s *Session) Store(ctx context.Context, command string, r io.Reader) (Transfer, error) {
	return s.transfer(ctx, command, func(c *DataConn) error {
		if err := c.Send(ctx, r); err != nil {
			return err
		}
		return c.Finish(ctx)
	})
}

func (s *Session) transfer(ctx context.Context, command string, move func(*DataConn) error) (t Transfer, err error) {
	t.Command = command
	if t.Offer, err = s.Passive(ctx); err != nil {
		return t, err
	}
	t.Dialled = t.Offer.Dial(s.dialer.Address, s.peer)
	// The data connection comes first: many servers send the 1yz only when
	// they have accepted it (RFC 4217 §12.5 shows that order).
	c, err := s.DialData(ctx, t.Dialled)
	if err != nil {
		return t, err
	}
	defer c.Close()
	if t.Opening, err = s.Do(ctx, command); err != nil {
		return t, err
	}
	if !t.Opening.Preliminary() {
		t.Final, t.Opening = t.Opening, Reply{}
		return t, s.refusal(Opening, t.Final)
	}
	err = s.move(ctx, c, move)
	t.Bytes = c.Bytes()
	if state := c.TLS(); state != nil {
		t.Resumed = state.DidResume
	}
	_ = c.Close()
	if CauseOf(err) == Canceled {
		return t, err
	}
	// A data connection that failed does not end the dialogue: the server still
	// owes the final reply, and what it says explains more than a reset does.
	final, ferr := s.Complete(ctx)
	t.Final = final
	switch {
	case err != nil:
		return t, err
	case ferr != nil:
		return t, ferr
	case !final.Positive():
		return t, s.refusal(Completion, final)
	}
	return t, nil
}

func (s *Session) move(ctx context.Context, c *DataConn, move func(*DataConn) error) error {
	if s.protected {
		if err := c.Handshake(ctx); err != nil {
			return err
		}
	}
	c.Begin()
	return move(c)
}
