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
	// The end of another context is none of this one's business.
	if s.waiting.watches() && s.waiting.ctx.Done() != ctx.Done() {
		s.waiting.end()
	}
	p := &patience{conn: conn, ctx: ctx, span: s.dialer.timeout()}
	p.watch()
	p.set(time.Now())
	return p
}

// replyPatience is patience for one reply on the control connection, or for one
// command: it is not renewed for ever. Only one at a time is used, and it goes on
// watching the context until another one comes or the session is closed, so that
// a command costs neither allocations nor the lock of a context that sessions share.
func (s *Session) replyPatience(ctx context.Context) *patience {
	p, now := &s.waiting, time.Now()
	if p.watches() && (p.conn != s.conn || p.ctx.Done() != ctx.Done()) {
		p.end()
	}
	p.conn, p.ctx, p.span, p.until = s.conn, ctx, s.dialer.timeout(), now.Add(s.dialer.replyTimeout())
	if !p.watches() {
		p.watch()
	}
	p.set(now)
	return p
}

// watch has the end of the context end what is done on the connection.
func (p *patience) watch() {
	if p.ctx.Done() == nil {
		return
	}
	conn, canceled := p.conn, make(chan struct{})
	p.canceled = canceled
	p.stop = context.AfterFunc(p.ctx, func() {
		expire(conn)
		close(canceled)
	})
}

func (p *patience) watches() bool { return p.stop != nil }

// renew tells that there was no silence until now. The deadline moves only now
// and then.
func (p *patience) renew(now time.Time) {
	if now.Sub(p.renewed) >= p.span/4 {
		p.set(now)
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
	// The context may have ended before: then its end was undone just now.
	if p.ctx.Err() != nil {
		expire(p.conn)
	}
}

func expire(conn net.Conn) { _ = conn.SetDeadline(time.Unix(1, 0)) }

// end stops watching the context.
func (p *patience) end() {
	if p.watches() && !p.stop() {
		<-p.canceled
	}
	p.stop, p.canceled = nil, nil
}
