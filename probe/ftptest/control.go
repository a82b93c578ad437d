package ftptest

import (
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// writeTimeout is how long a client may let its control connection be full.
const writeTimeout = 30 * time.Second

// control is a control connection: lines in, replies out, with or without TLS.
// One goroutine at a time reads; replies may come from two.
type control struct {
	tcp     *net.TCPConn
	records *records  // between TLS and tcp; nil without TLS
	secure  *tls.Conn // nil without TLS
	conn    net.Conn  // tcp or secure

	in       []byte                // read and not yet used
	received []func([]byte) []byte // hooks.octets
	buf      [4096]byte
	telnet   telnet

	write sync.Mutex
}

// line reads one command line. After a timeout it can go on where it stopped. errLineTooLong is
// the only other error that leaves the connection usable.
func (c *control) line() (string, error) {
	for {
		for i, b := range c.in {
			if c.telnet.feed(b) {
				c.in = c.in[i+1:]
				c.refuseOptions()
				return c.telnet.take()
			}
		}
		c.in = nil
		c.refuseOptions()
		n, err := c.conn.Read(c.buf[:])
		c.in = c.buf[:n]
		for _, f := range c.received {
			c.in = f(c.in)
		}
		if n == 0 && err != nil {
			return "", err
		}
	}
}

// within limits the reads that follow; zero: no limit.
func (c *control) within(d time.Duration) {
	deadline := time.Time{}
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	c.conn.SetReadDeadline(deadline)
}

// interrupt makes a read of another goroutine end with a timeout, whether it runs or is still
// to come.
func (c *control) interrupt() { c.conn.SetReadDeadline(time.Unix(1, 0)) }

func (c *control) refuseOptions() {
	if len(c.telnet.answer) > 0 {
		c.send(c.telnet.answer)
		c.telnet.answer = c.telnet.answer[:0]
	}
}

// send writes to the client. An error is not reported: the next read will find it.
func (c *control) send(b []byte) {
	c.write.Lock()
	defer c.write.Unlock()
	c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, _ = c.conn.Write(b)
}

// protect starts TLS. Octets that came before the handshake are dropped: they were not
// protected, so they must not count as commands of the protected session.
func (c *control) protect(cfg *tls.Config, timeout time.Duration) error {
	c.in, c.telnet = nil, telnet{}
	rec := &records{Conn: c.tcp}
	secure := tls.Server(rec, cfg)
	secure.SetDeadline(time.Now().Add(timeout))
	if err := secure.Handshake(); err != nil {
		return err
	}
	secure.SetDeadline(time.Time{})
	c.records, c.secure, c.conn = rec, secure, secure
	return nil
}

// unprotect ends TLS and goes on in clear text (RFC 4217 §5, §13). Commands that came with the
// last protected ones are dropped.
func (c *control) unprotect(timeout time.Duration) error {
	if err := c.secure.CloseWrite(); err != nil {
		return err
	}
	c.records.ending = true
	c.secure.SetReadDeadline(time.Now().Add(timeout))
	for {
		if _, err := c.secure.Read(c.buf[:]); err != nil {
			if c.records.ended(err) {
				break
			}
			return err
		}
	}
	c.in, c.telnet = nil, telnet{}
	if b, ok := c.records.clear(); ok {
		c.buf[0] = b
		c.in = c.buf[:1]
	}
	c.secure, c.records, c.conn = nil, nil, c.tcp
	return nil
}

// shut closes the connection so that what was sent last arrives: FIN first, then what the
// client still sends is read and dropped for a while.
func (c *control) shut() {
	if c.secure != nil {
		c.secure.SetWriteDeadline(time.Now().Add(lingerLimit))
		c.secure.CloseWrite()
	}
	c.tcp.CloseWrite()
	drain(c.tcp)
}
