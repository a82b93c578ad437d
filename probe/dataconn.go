package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// DataConn is a data connection: the bytes of one transfer.
type DataConn struct {
	session *Session
	conn    net.Conn // TCP or TLS
	tcp     *net.TCPConn
	addr    netip.AddrPort
	bytes   int64
	first   bool // the first byte has come
	cut     bool // TLS ended without a close_notify
	begun   time.Duration
	waited  time.Duration // for data, while receiving in bulk
	sent    bool          // payload went from here to there
	elapsed time.Duration // while payload moved, in bulk
}

// errNotHere explains why an address was not dialled.
var errNotHere = errors.New("the control connection stays on this machine, and no network of it has this address")

// DialData opens a data connection. An address that cannot be the server's is
// not dialled, but reported as [Unreachable] at once: 0.0.0.0, and, when the
// control connection is on loopback, an address on none of this machine's
// networks. Whoever tests a server on their own machine does not want packets
// sent to a third host because a reply named it.
func (s *Session) DialData(ctx context.Context, to netip.AddrPort) (*DataConn, error) {
	if err := s.plausible(to.Addr()); err != nil {
		s.Note(fmt.Sprintf("data connection to %s: %v", to, err))
		return nil, &Error{Phase: DataConnect, Addr: to.String(), Cause: Unreachable, Err: err}
	}
	start := s.timeline.now()
	conn, err := s.dialer.connect(ctx, DataConnect, to)
	end := s.timeline.add(DataConnect, start)
	if err != nil {
		s.Note(err.Error())
		return nil, err
	}
	s.Note("data connection to " + to.String())
	return &DataConn{session: s, conn: conn, tcp: conn.(*net.TCPConn), addr: to, begun: end}, nil
}

func (s *Session) plausible(addr netip.Addr) error {
	if addr.IsUnspecified() {
		return errors.New("no host has this address")
	}
	if !s.peer.Addr().IsLoopback() || addr.IsLoopback() {
		return nil
	}
	nets, err := net.InterfaceAddrs()
	if err != nil {
		return nil //nolint:nilerr // what cannot be known is not held against the address
	}
	for _, n := range nets {
		if p, ok := n.(*net.IPNet); ok && p.Contains(addr.AsSlice()) {
			return nil
		}
	}
	return errNotHere
}

// Addr is the place that was dialled.
func (c *DataConn) Addr() netip.AddrPort { return c.addr }

// Local is the client's end of the connection.
func (c *DataConn) Local() netip.AddrPort { return addrPort(c.tcp.LocalAddr()) }

// Bytes is how many bytes of payload went either way.
func (c *DataConn) Bytes() int64 { return c.bytes }

// TLS is the state of the connection's TLS, nil when it is clear.
func (c *DataConn) TLS() *tls.ConnectionState {
	if t, ok := c.conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		return &state
	}
	return nil
}

// Handshake puts TLS on the connection, resuming the control connection's
// session where the server lets it. The server expects it only after the
// transfer command (RFC 4217 §12.7).
func (c *DataConn) Handshake(ctx context.Context) error {
	s := c.session
	if s.tlsConfig == nil {
		return &Error{Phase: DataTLS, Addr: c.addr.String(), Cause: Handshake, Err: errors.New("the control connection has no TLS")}
	}
	start := s.timeline.now()
	conn := tls.Client(&wire{Conn: gather(c.tcp)}, s.tlsConfig)
	err := s.shake(ctx, conn)
	c.begun = s.timeline.add(DataTLS, start)
	if err != nil {
		return s.handshakeFailure(ctx, DataTLS, c.addr.String(), err)
	}
	c.conn = conn
	return nil
}

// Begin marks the moment from which the first byte is waited for. Without it
// that is the end of the last handshake.
func (c *DataConn) Begin() { c.begun = c.session.timeline.now() }

// Read reads once, for at most the dialer's patience. Silence until then is an
// *[Error] of cause [Stalled], the end of the data io.EOF.
func (c *DataConn) Read(ctx context.Context, p []byte) (int, error) {
	patience := c.session.patience(ctx, c.conn)
	n, err := c.conn.Read(p)
	patience.end()
	return n, c.count(ctx, n, err)
}

// count books what came of a read.
func (c *DataConn) count(ctx context.Context, n int, err error) error {
	s := c.session
	if n > 0 && !c.first {
		c.first = true
		c.begun = s.timeline.add(FirstByte, c.begun)
	}
	c.moved(n)
	if err == nil {
		return nil
	}
	phase := FirstByte
	if c.first {
		phase = Transferring
	}
	s.lastByte = s.timeline.add(phase, c.begun)
	c.begun = s.lastByte
	if w := wireOf(c.conn); w != nil && w.ended && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		// Many servers close without a close_notify. Whether the data are
		// complete is then the final reply's word alone.
		c.cut = true
		return io.EOF
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return s.failure(ctx, phase, c.addr.String(), fmt.Errorf("after %d bytes: %w", c.bytes, err))
}

// moved counts payload.
func (c *DataConn) moved(n int) {
	c.bytes += int64(n)
	if c.session.moved != nil {
		c.session.moved.Add(int64(n))
	}
}

// Cut tells that TLS ended without a close_notify, so that the end of the data
// proves nothing (RFC 4217 §12.7).
func (c *DataConn) Cut() bool { return c.cut }

// again begins anew after the patience ran out although bytes had moved, and
// tells whether there is a point in it: there is none when the context has ended.
func (p *patience) again() bool {
	now := time.Now()
	if d, ok := p.ctx.Deadline(); ok && !now.Before(d) {
		return false
	}
	p.set(now)
	return p.ctx.Err() == nil
}
