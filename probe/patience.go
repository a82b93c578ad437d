package probe

import (
	"context"
	"net"
	"time"
)

// patience bounds what is done on a connection: silence for longer than its
// span, or the end of the context, ends the operation. While bytes move it is
// renewed; that costs no allocation.
type patience struct {
	conn     net.Conn
	ctx      context.Context
	span     time.Duration
	renewed  time.Time
	stop     func() bool
	canceled chan struct{}
}

// patience begins to be patient with conn. The caller calls end before it goes
// on.
func (s *Session) patience(ctx context.Context, conn net.Conn) *patience {
	p := &patience{conn: conn, ctx: ctx, span: s.dialer.timeout()}
	p.set(time.Now())
	if ctx.Done() != nil {
		p.canceled = make(chan struct{})
		p.stop = context.AfterFunc(ctx, func() {
			p.expire()
			close(p.canceled)
		})
	}
	return p
}

// renew tells that there was no silence until now. The deadline moves only now
// and then.
func (p *patience) renew(now time.Time) {
	if now.Sub(p.renewed) < p.span/4 {
		return
	}
	p.set(now)
	if p.ctx.Err() != nil {
		p.expire()
	}
}

func (p *patience) set(now time.Time) {
	p.renewed = now
	deadline := now.Add(p.span)
	if d, ok := p.ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	// A connection that does not take deadlines is closed or closing; the
	// operation that follows says so.
	_ = p.conn.SetDeadline(deadline)
}

func (p *patience) expire() { _ = p.conn.SetDeadline(time.Unix(1, 0)) }

func (p *patience) end() {
	if p.stop != nil && !p.stop() {
		<-p.canceled
	}
}
