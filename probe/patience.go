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
	until    time.Time // the end of all patience, if not zero
	renewed  time.Time
	stop     func() bool
	canceled chan struct{}
}

// patience begins to be patient with conn. The caller calls end before it goes
// on.
func (s *Session) patience(ctx context.Context, conn net.Conn) *patience {
	p := &patience{conn: conn, ctx: ctx, span: s.dialer.timeout()}
	p.begin()
	return p
}

// replyPatience is patience for one reply on the control connection, or for one
// command: it is not renewed for ever. Only one at a time is used, so that it
// costs no allocation.
func (s *Session) replyPatience(ctx context.Context) *patience {
	p := &s.waiting
	*p = patience{conn: s.conn, ctx: ctx, span: s.dialer.timeout(), until: time.Now().Add(s.dialer.replyTimeout())}
	p.begin()
	return p
}

func (p *patience) begin() {
	p.set(time.Now())
	if p.ctx.Done() != nil {
		p.canceled = make(chan struct{})
		p.stop = context.AfterFunc(p.ctx, func() {
			p.expire()
			close(p.canceled)
		})
	}
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
	if !p.until.IsZero() && p.until.Before(deadline) {
		deadline = p.until
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
	p.stop, p.canceled, p.ctx = nil, nil, nil // what waits for its next command keeps none of them
}
