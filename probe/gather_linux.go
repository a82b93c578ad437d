package probe

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// gatherFor is how long octets may lie in the queue so that more come. It is
	// what a server loses that ends TLS, but not TCP, and waits for our end.
	gatherFor = time.Millisecond
	// gatherMark is the low-water mark meanwhile. The kernel grows the receive
	// buffer to twice as much, and so gives a fast server room for that time.
	gatherMark = 2 << 20
	// gatherAfter is how much must have come since the last time. Small files
	// never get there, and slow servers are not waited for in vain.
	gatherAfter = 64 << 10
)

// gatherer is the TCP connection below the TLS of a data connection. Servers
// send record by record, and waking up for each costs as much as decrypting it;
// so the reader of bulk data that has read all there is sleeps for a moment, and
// a low-water mark (SO_RCVLOWAT) lets it sleep. When nothing came, it takes the
// mark away before it waits, and is woken by the first octet.
//
// Sleeping has the advantage over waiting for the mark itself that nothing is
// ever left below it, and that a server on this machine does not draw the reader
// over to its own processor by waking it.
type gatherer struct {
	*net.TCPConn
	raw    syscall.RawConn
	take   func(fd uintptr) bool // g.ready; made once, for it is an allocation
	marked bool
	came   int // octets since the reader slept

	// One Read:
	p   []byte
	n   int
	err error
}

func gather(conn *net.TCPConn) net.Conn {
	raw, err := conn.SyscallConn()
	if err != nil {
		return conn // it is closed; reading will say so
	}
	g := &gatherer{TCPConn: conn, raw: raw}
	g.take = g.ready
	return g
}

// Read reads what is there; if nothing is, it waits.
func (g *gatherer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	g.p, g.n, g.err = p, 0, nil
	err := g.raw.Read(g.take)
	g.p = nil
	if err == nil {
		err = g.err
	}
	return g.n, err
}

// ready reads once and tells whether there was anything, the end included.
func (g *gatherer) ready(fd uintptr) bool {
	for {
		n, err := receive(int(fd), g.p, unix.MSG_DONTWAIT)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN && g.came >= gatherAfter:
			g.came = 0
			g.mark(fd, true)
			time.Sleep(gatherFor)
			continue
		case err == unix.EAGAIN:
			// Should anything have come by now, the kernel tells at once.
			g.mark(fd, false)
			return false
		case err != 0:
			g.err = os.NewSyscallError("recvfrom", err)
		case n == 0:
			g.err = io.EOF
		}
		g.n = max(n, 0)
		g.came += g.n
		return true
	}
}

// mark sets the low-water mark or takes it away.
func (g *gatherer) mark(fd uintptr, high bool) {
	if g.marked == high {
		return
	}
	g.marked = high
	octets := 1
	if high {
		octets = gatherMark
	}
	// Without the mark it works just the same, only slower.
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, octets)
}
