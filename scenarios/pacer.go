package scenarios

import (
	"context"
	"sync/atomic"
	"time"
)

// turn is a session that may begin.
type turn struct {
	// session is its number, from 1.
	session int64
	// due is when it was to begin, since the run began; negative when there is no
	// such time.
	due time.Duration
}

// pacer says when sessions begin.
type pacer interface {
	// next waits for the next turn, and calls idle before. It is false when there
	// are no more.
	next(idle func()) (turn, bool)
}

// closedPacer has a session begin at once when the one before has ended, until
// there have been enough.
type closedPacer struct {
	// limit is how many sessions there are in all, 0 for any number.
	limit   int64
	started atomic.Int64
}

func (p *closedPacer) next(func()) (turn, bool) {
	n := p.started.Add(1)
	return turn{n, -1}, p.limit == 0 || n <= p.limit
}

// openPacer has sessions begin when they are due. One that is due while as many
// run as may begins as soon as one of them has ended: it is late, and never
// left out before the load is over.
type openPacer struct {
	schedule *schedule
	epoch    time.Time
	// from is when measuring begins, since the epoch.
	from  time.Duration
	turns chan turn
	// alarm is made by the goroutine that uses it.
	alarm func() alarm
	// more starts another worker, if there may be more.
	more func()
	// dropped is how many sessions were due and could not begin before the end.
	dropped int64
}

// run hands out turns until the schedule is over or soft ends.
func (p *openPacer) run(soft context.Context) {
	defer close(p.turns)
	until := p.alarm()
	for n := int64(1); ; n++ {
		due, ok := p.schedule.next()
		if !ok {
			return
		}
		if !until(soft, p.epoch.Add(due)) {
			p.drop(due)
			return
		}
		t := turn{n, due}
		select {
		case p.turns <- t:
			continue
		default:
		}
		p.more()
		select {
		case p.turns <- t:
		case <-soft.Done():
			p.drop(due)
			return
		}
	}
}

// drop counts the sessions that have become due since and could not begin, of
// which the first was due then.
func (p *openPacer) drop(due time.Duration) {
	now := time.Since(p.epoch)
	for ok := true; ok && due <= now; due, ok = p.schedule.next() {
		if due >= p.from {
			p.dropped++
		}
	}
}

func (p *openPacer) next(idle func()) (turn, bool) {
	select {
	case t, ok := <-p.turns:
		return t, ok
	default:
	}
	idle()
	t, ok := <-p.turns
	return t, ok
}
