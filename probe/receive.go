package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// block is the size of a read or a write of bulk data.
const block = 256 << 10

var blocks = sync.Pool{New: func() any { b := make([]byte, block); return &b }}

// Receive reads to the end of the data and writes it to w; nil discards it,
// which on Linux means that the bytes are counted and never copied.
func (c *DataConn) Receive(ctx context.Context, w io.Writer) error {
	patience := c.session.patience(ctx, c.conn)
	defer patience.end()
	start := time.Now()
	err := c.pull(ctx, patience, w)
	c.elapsed = time.Since(start)
	if err == io.EOF {
		return nil
	}
	return err
}

// pullPortably reads with a buffer of this process. The result is never nil;
// io.EOF is the end of the data.
func (c *DataConn) pullPortably(ctx context.Context, patience *patience, w io.Writer) error {
	b := blocks.Get().(*[]byte)
	defer blocks.Put(b)
	parked := time.Now()
	for {
		n, err := c.conn.Read(*b)
		now := time.Now()
		c.waited += now.Sub(parked)
		if w != nil && n > 0 {
			if _, werr := w.Write((*b)[:n]); werr != nil {
				return werr
			}
		}
		if err = c.count(ctx, n, err); err != nil {
			return err
		}
		patience.renew(now)
		parked = time.Now()
	}
}

// ReadAll reads to the end of the data and returns it, up to limit octets, or
// [Limits.Listing] when limit is zero; more is an *[Error] of cause [Excess] and
// [ErrTooMuchData].
func (c *DataConn) ReadAll(ctx context.Context, limit int) ([]byte, error) {
	if limit == 0 {
		limit = c.session.dialer.Limits.withDefaults().Listing
	}
	w := &bounded{limit: limit}
	err := c.Receive(ctx, w)
	if errors.Is(err, errBound) {
		err = &Error{Phase: Transferring, Addr: c.addr.String(), Cause: Excess, Err: fmt.Errorf("%w: more than %d octets", ErrTooMuchData, limit)}
	}
	return w.data, err
}

type bounded struct {
	data  []byte
	limit int
}

var errBound = errors.New("bound exceeded")

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.data)+len(p) > b.limit {
		return 0, errBound
	}
	b.data = append(b.data, p...)
	return len(p), nil
}
