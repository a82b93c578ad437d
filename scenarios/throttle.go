package scenarios

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// throttle has octets move at a rate. It looks at the whole transfer, so that
// what was lost by waiting too long is made up for.
type throttle struct {
	rate  int64 // octets per second
	begun time.Time
	moved int64
}

// blocks are read into, where the octets have to pass through this process.
var blocks = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// chunk is how much moves at a time: what is due in 20 ms.
func (t *throttle) chunk(most int) int {
	return int(min(max(t.rate/50, 1), int64(most)))
}

// wait counts octets that have moved, or are about to, and waits until they are
// due. It fails when ctx ends.
func (t *throttle) wait(ctx context.Context, octets int) error {
	if t.begun.IsZero() {
		t.begun = time.Now()
	}
	t.moved += int64(octets)
	due := time.Duration(float64(t.moved) / float64(t.rate) * float64(time.Second))
	if ahead := due - time.Since(t.begun); ahead > 0 {
		pause(ctx, ahead)
	}
	return ctx.Err()
}

// slowReader reads no faster than the throttle lets it.
type slowReader struct {
	throttle
	ctx context.Context
	r   io.Reader
}

func (s *slowReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p[:s.chunk(len(p))])
	if werr := s.wait(s.ctx, n); werr != nil {
		return 0, werr
	}
	return n, err
}

// drain receives at a rate, to the end of the data or until so many octets have
// come; zero: to the end. A rate of zero is none. The octets are written to w
// unless that is nil.
func drain(ctx context.Context, c *probe.DataConn, rate, until int64, w io.Writer) error {
	b := blocks.Get().(*[]byte)
	defer blocks.Put(b)
	p, t := *b, throttle{rate: rate}
	if rate > 0 {
		p = p[:t.chunk(len(p))]
	}
	for until == 0 || c.Bytes() < until {
		n, err := c.Read(ctx, p)
		if w != nil {
			_, _ = w.Write(p[:n]) // sums never fail
		}
		if err == io.EOF {
			return nil
		}
		if err == nil && rate > 0 {
			err = t.wait(ctx, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
