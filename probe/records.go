package probe

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
)

// wire lies between TLS and TCP and sees what crypto/tls does not tell: whether
// TCP ended before TLS did, and whether the last thing sent, which crypto/tls
// sees to be the close_notify, could be sent.
type wire struct {
	net.Conn
	ended bool // TCP was read to its end
	// A handshake whose context ends is closed while it writes.
	failed   atomic.Bool // the last write failed
	closed   atomic.Bool
	notified atomic.Bool // closed with a close_notify
}

// Read reads from TCP.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.ended = w.ended || err == io.EOF
	return n, err
}

// Write writes to TCP.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.failed.Store(err != nil)
	return n, err
}

// Close closes TCP. A [tls.Conn] whose handshake is complete calls it behind its
// close_notify.
func (w *wire) Close() error {
	if !w.closed.Swap(true) {
		w.notified.Store(!w.failed.Load())
	}
	return w.Conn.Close()
}

func (w *wire) tap() *wire { return w }

// wireOf is the wire below conn, nil when conn has no TLS.
func wireOf(conn net.Conn) *wire {
	if t, ok := conn.(*tls.Conn); ok {
		if below, ok := t.NetConn().(interface{ tap() *wire }); ok {
			return below.tap()
		}
	}
	return nil
}

// records is the wire of a control connection. It hands the octets to TLS record
// by record, since crypto/tls takes all it can get, and would swallow the clear
// text behind TLS after CCC.
type records struct {
	wire
	buf    [4096]byte
	unread []byte  // the part of buf that TLS has not got
	header [5]byte // type, version and length of the record
	have   int     // octets of the header that went through
	body   int     // octets of the record that are still to go through
}

// Read hands out octets up to the end of a record's header or body.
func (r *records) Read(p []byte) (int, error) {
	if len(r.unread) == 0 {
		n, err := r.wire.Read(r.buf[:])
		r.unread = r.buf[:n]
		if n == 0 {
			return 0, err
		}
	}
	n := min(len(p), len(r.unread))
	if r.body > 0 {
		n = min(n, r.body)
		r.body -= n
	} else {
		n = copy(r.header[r.have:], r.unread[:n])
		if r.have += n; r.have == len(r.header) {
			r.have, r.body = 0, int(r.header[3])<<8|int(r.header[4])
		}
	}
	copy(p, r.unread[:n])
	r.unread = r.unread[n:]
	return n, nil
}
