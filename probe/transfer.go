package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// Transfer is one exchange over a data connection.
type Transfer struct {
	// Command is the transfer command, for example "RETR pub/file".
	Command string
	// Offer is the passive port, or in active mode the place where the client
	// listened.
	Offer Offer
	// Dialled is where the data connection was opened to, or in active mode came
	// from.
	Dialled netip.AddrPort
	// Opening is the 1yz reply, Final the reply after the data. A command that
	// was refused at once has only Final.
	Opening, Final Reply
	// Bytes is the payload that went over the data connection.
	Bytes int64
	// Resumed tells that the data connection resumed a TLS session.
	Resumed bool
	// TLS is what is known of the data connection's TLS, nil when it was clear.
	TLS *TLSFacts
}

// Retrieve runs RETR, LIST, NLST or MLSD and writes the data to w; nil discards
// them. It returns when the final reply is there. A refusal at any step is an
// *[Error] of cause [Refusal].
func (s *Session) Retrieve(ctx context.Context, command string, w io.Writer) (Transfer, error) {
	return s.RetrieveAt(ctx, 0, command, w)
}

// RetrieveAt is [Session.Retrieve] of what there is from an offset on.
//
// REST goes out when the data connection is there: it must be the last command
// before the transfer command (RFC 3659 §5.3), and some servers forget it over a
// PASV.
func (s *Session) RetrieveAt(ctx context.Context, offset int64, command string, w io.Writer) (Transfer, error) {
	return s.transfer(ctx, offset, command, func(c *DataConn) error { return c.Receive(ctx, w) })
}

// Listing runs LIST, NLST or MLSD and returns the data, up to [Limits.Listing]
// octets; more is an *[Error] of cause [Excess] and [ErrTooMuchData]. Other errors
// are those of [Session.Retrieve].
func (s *Session) Listing(ctx context.Context, command string) ([]byte, error) {
	w := &bounded{limit: s.dialer.Limits.withDefaults().Listing}
	t, err := s.Retrieve(ctx, command, w)
	if errors.Is(err, errBound) {
		err = &Error{Phase: Transferring, Addr: t.Dialled.String(), Cause: Excess, Err: fmt.Errorf("%w: more than %d octets", ErrTooMuchData, w.limit)}
	}
	return w.data, err
}

// Store runs STOR, APPE or STOU with the data of r, and returns when the final
// reply is there. Errors are those of [Session.Retrieve].
func (s *Session) Store(ctx context.Context, command string, r io.Reader) (Transfer, error) {
	return s.StoreAt(ctx, 0, command, r)
}

// StoreAt is [Session.Store] from an offset of the file on, with REST as in
// [Session.RetrieveAt].
func (s *Session) StoreAt(ctx context.Context, offset int64, command string, r io.Reader) (Transfer, error) {
	return s.transfer(ctx, offset, command, func(c *DataConn) error {
		if err := c.Send(ctx, r); err != nil {
			return err
		}
		return c.Finish(ctx)
	})
}

func (s *Session) transfer(ctx context.Context, offset int64, command string, move func(*DataConn) error) (t Transfer, err error) {
	t.Command = command
	var c *DataConn
	var l *Listener
	if s.dialer.Active == NotActive {
		if t.Offer, err = s.Passive(ctx); err != nil {
			return t, err
		}
		t.Dialled = t.Offer.Dial(s.dialer.Address, s.peer)
		// The data connection comes first: many servers send the 1yz only when
		// they have accepted it (RFC 4217 §12.5 shows that order).
		if c, err = s.DialData(ctx, t.Dialled); err != nil {
			return t, err
		}
		defer func() { _ = c.Close() }()
	} else {
		if l, err = s.Active(ctx); err != nil {
			return t, err
		}
		defer l.Close()
		t.Offer = l.Offer
	}
	if offset > 0 {
		if err = s.Restart(ctx, offset); err != nil {
			return t, err
		}
	}
	if t.Opening, err = s.Do(ctx, command); err != nil {
		return t, err
	}
	if !t.Opening.Preliminary() {
		t.Final, t.Opening = t.Opening, Reply{}
		return t, s.refusal(Opening, t.Final)
	}
	if l != nil {
		if c, t.Final, err = l.acceptUnlessRefused(ctx); err == nil {
			defer func() { _ = c.Close() }()
			t.Dialled = c.Addr()
		}
	}
	if err == nil {
		err = s.move(ctx, c, move)
		t.Bytes = c.Bytes()
		_ = c.Close()
		if t.TLS = c.TLSFacts(); t.TLS != nil {
			t.Resumed = t.TLS.Resumed
		}
	}
	if CauseOf(err) == Canceled {
		return t, err
	}
	// A data connection that failed does not end the dialogue: the server still
	// owes the final reply, and what it says explains more than a reset does.
	var ferr error
	if t.Final.IsZero() {
		t.Final, ferr = s.Complete(ctx)
	}
	s.lastByte = 0
	var e *Error
	switch {
	case errors.As(err, &e) && e.Phase == DataTLS && e.Cause == Stalled && ferr == nil && t.Final.Negative():
		// Whoever refuses after the 1yz reply may not care for TLS any more.
		return t, s.refusal(Completion, t.Final)
	case err != nil:
		return t, err
	case ferr != nil:
		return t, ferr
	case !t.Final.Positive():
		return t, s.refusal(Completion, t.Final)
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
