package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Send writes all of r. End the upload with [DataConn.Finish].
func (c *DataConn) Send(ctx context.Context, r io.Reader) error {
	b := blocks.Get().(*[]byte)
	defer blocks.Put(b)
	return c.push(ctx, func() ([]byte, error) {
		n, err := r.Read(*b)
		return (*b)[:n], err
	})
}

// feedBlock is [contentBlock] a few times over. Large writes wake a fast server
// less often; this size is the best that still lies in a processor's cache, and
// more than it costs more again.
var feedBlock = sync.OnceValue(func() []byte { return bytes.Repeat(contentBlock(), 3) })

// Feed writes the first size bytes of [Content], straight from the memory that
// all sessions share. End the upload with [DataConn.Finish].
func (c *DataConn) Feed(ctx context.Context, size int64) error {
	whole := contentBlock()
	if c.plain() && size > block {
		whole = feedBlock()
	}
	return c.push(ctx, func() ([]byte, error) {
		if size == 0 {
			return nil, io.EOF
		}
		p := whole[:min(size, int64(len(whole)))]
		size -= int64(len(p))
		return p, nil
	})
}

// push writes what next gives until it gives an error; io.EOF is the end.
func (c *DataConn) push(ctx context.Context, next func() ([]byte, error)) error {
	s := c.session
	start := s.timeline.now()
	c.sent = true
	defer func() { c.elapsed = s.timeline.now() - start }()
	patience := s.patience(ctx, c.conn)
	defer patience.end()
	for {
		p, end := next()
		for len(p) > 0 {
			n, err := c.conn.Write(p)
			c.moved(n)
			p = p[n:]
			// A slow server that took a part is not silent. TLS does not go on
			// after a write that ran out of time.
			slow := n > 0 && c.plain() && errors.Is(err, os.ErrDeadlineExceeded)
			if err != nil && !(slow && patience.again()) {
				s.lastByte = s.timeline.add(Transferring, start)
				return s.failure(ctx, Transferring, c.addr.String(), fmt.Errorf("after %d bytes: %w", c.bytes, err))
			}
			patience.renew(time.Now())
		}
		if end != nil {
			s.lastByte = s.timeline.add(Transferring, start)
			if end == io.EOF {
				return nil
			}
			return end
		}
	}
}

// plain tells that there is nothing between the payload and TCP.
func (c *DataConn) plain() bool { return c.conn == net.Conn(c.tcp) }

// Finish ends an upload in order: close_notify under TLS, then the end of the
// connection.
func (c *DataConn) Finish(ctx context.Context) error {
	if t, ok := c.conn.(*tls.Conn); ok {
		patience := c.session.patience(ctx, c.conn)
		err := t.CloseWrite()
		patience.end()
		if err != nil {
			return c.session.handshakeFailure(ctx, Transferring, c.addr.String(), err)
		}
		// Session tickets that nobody has read would turn the close into a
		// reset, which can destroy the end of the upload. So only this
		// direction is closed, and the server's is read to its end.
		if err := c.tcp.CloseWrite(); err != nil {
			return c.session.failure(ctx, Transferring, c.addr.String(), err)
		}
		c.outlast(ctx)
	}
	return c.Close()
}

// endGrace is how long a server may take to close its direction of an upload
// that has ended.
const endGrace = 2 * time.Second

// outlast reads the server's direction to its end. Some servers leave it open: a
// reply to the command says as well that they have read everything.
func (c *DataConn) outlast(ctx context.Context) {
	until := time.Now().Add(endGrace)
	buf := make([]byte, 512)
	for turn := 5 * time.Millisecond; ; turn *= 2 {
		left := time.Until(until)
		ending, cancel := context.WithTimeout(ctx, min(turn, left))
		patience := c.session.patience(ending, c.conn)
		_, err := io.CopyBuffer(io.Discard, io.LimitReader(c.conn, block), buf)
		patience.end()
		cancel()
		if left <= turn || ctx.Err() != nil || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(c.session.socket.peek(), os.ErrDeadlineExceeded) {
			return
		}
	}
}

// Close closes the connection; under TLS with a close_notify.
func (c *DataConn) Close() error { return c.conn.Close() }
