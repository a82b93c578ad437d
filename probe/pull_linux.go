package probe

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// discardable is how much one call throws away at most.
	discardable = 4 << 20
	// highWater bounds the low-water mark. The kernel grows the receive buffer
	// to twice the mark, so this is also what a connection may cost.
	highWater = 2 << 20
	// tuneAfter is how much must have come before the rate is worth a system
	// call; small files never get there.
	tuneAfter = 512 << 10
	// tuneEvery is the least time between two looks at the rate.
	tuneEvery = 5 * time.Millisecond
	// wakeEvery is how often the reader wants to be woken: often enough for
	// progress, seldom enough that waking costs nothing.
	wakeEvery = 20 * time.Millisecond
)

// void is where discarded bytes would go if they were copied. With MSG_TRUNC
// they are not, so its pages are never touched, and it is no part of the heap.
var void [discardable]byte

// pull reads to the end of the data. On TCP it has the kernel throw the bytes
// away (MSG_TRUNC) if nobody wants them, and wake the reader only when a good
// deal has come (SO_RCVLOWAT): copying is half of the cost, waking up the other
// half.
func (c *DataConn) pull(ctx context.Context, patience *patience, w io.Writer) error {
	if !c.plain() {
		return c.pullPortably(ctx, patience, w)
	}
	raw, err := c.tcp.SyscallConn()
	if err != nil {
		return c.count(ctx, 0, err)
	}
	p := puller{c: c, ctx: ctx, patience: patience, w: w, buf: void[:], flags: unix.MSG_TRUNC | unix.MSG_DONTWAIT}
	if w != nil {
		b := blocks.Get().(*[]byte)
		defer blocks.Put(b)
		p.buf, p.flags = *b, unix.MSG_DONTWAIT
	}
	p.parked = time.Now()
	for {
		err := raw.Read(p.ready)
		switch {
		case p.err != nil:
			return p.err
		case err == nil:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
			// Below the low-water mark bytes may lie in the queue, and it may
			// be the mark that was too high, not the server that is silent.
			before := c.bytes
			_ = raw.Control(func(fd uintptr) {
				p.fd = int(fd)
				p.retune(0)
				p.take()
			})
			if p.err != nil {
				return p.err
			}
			if c.bytes > before && patience.again() {
				continue
			}
		}
		return c.count(ctx, 0, err)
	}
}

// puller is one pull. Its methods run within one call of RawConn.Read, which
// parks the goroutine between two of them.
type puller struct {
	c        *DataConn
	ctx      context.Context
	patience *patience
	w        io.Writer
	buf      []byte
	flags    int

	fd     int
	begun  time.Time // when the first byte came
	parked time.Time // since when the reader waits, zero while it does not
	tuned  time.Time
	mark   int
	err    error // ends the pull; io.EOF at the end of the data
}

// ready reads once for each time it is woken and tells whether the pull is over.
func (p *puller) ready(fd uintptr) bool {
	p.fd = int(fd)
	return p.take()
}

// take reads until the queue is empty, and tells whether the pull is over.
func (p *puller) take() bool {
	for {
		n, err := receive(p.fd, p.buf, p.flags)
		switch err {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			p.parked = time.Now()
			return false
		}
		now := time.Now()
		// Taking what is there already, and what is done with it, is no waiting.
		if !p.parked.IsZero() {
			p.c.waited += now.Sub(p.parked)
			p.parked = time.Time{}
		}
		if p.w != nil && n > 0 {
			if _, werr := p.w.Write(p.buf[:n]); werr != nil {
				p.err = werr
				return true
			}
		}
		var end error
		switch {
		case err != 0:
			n, end = 0, os.NewSyscallError("recvfrom", err)
		case n == 0:
			end = io.EOF
		}
		if p.err = p.c.count(p.ctx, n, end); p.err != nil {
			return true
		}
		p.patience.renew(now)
		p.tune(now)
		// Only an empty queue is waited for: the end of the data may lie there
		// already, and nothing would tell again.
	}
}

// receive is recvfrom(2) without an address. The wrapper in x/sys allocates one
// for every call.
func receive(fd int, buf []byte, flags int) (int, syscall.Errno) {
	n, _, err := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), uintptr(flags), 0, 0)
	return int(n), err
}

// tune sets the low-water mark to what comes between two wake-ups.
func (p *puller) tune(now time.Time) {
	if p.begun.IsZero() {
		p.begun, p.tuned = now, now
		return
	}
	if p.c.bytes < tuneAfter || now.Sub(p.tuned) < tuneEvery {
		return
	}
	p.tuned = now
	rate := float64(p.c.bytes) / now.Sub(p.begun).Seconds()
	mark := int(min(rate*wakeEvery.Seconds(), highWater))
	if mark > 2*p.mark || mark < p.mark/2 {
		p.retune(mark)
	}
}

func (p *puller) retune(mark int) {
	p.mark = mark
	// Without the mark it works just the same, only slower.
	_ = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, max(mark, 1))
}
