package scenarios

import (
	"context"
	"sync/atomic"
	"time"
)

// pacer says when sessions begin, in the closed model: at once when the one
// before has ended, until there have been enough.
type pacer struct {
	// limit is how many sessions there are in all, 0 for any number.
	limit   int64
	started atomic.Int64
}

// next claims a session. It reports its number, from 1, and whether there is one.
func (p *pacer) next() (int64, bool) {
	n := p.started.Add(1)
	return n, p.limit == 0 || n <= p.limit
}

// Bounds of the pause after a session that failed. A server in trouble is not
// to be kept there by the load's own attempts, nor the load to spin.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = time.Second
)

// worker runs one session after the other.
type worker struct {
	driver   *driver
	pacer    *pacer
	recorder recorder
	number   int64
}

// run returns when there are no more sessions, or when soft has ended.
func (w *worker) run(soft, hard context.Context) {
	defer w.recorder.flush()
	wait := firstPause
	for soft.Err() == nil {
		n, ok := w.pacer.next()
		if !ok {
			return
		}
		if w.driver.run(soft, hard, &w.recorder, place{session: n, worker: w.number}) != sessionFailed {
			wait = firstPause
			continue
		}
		w.recorder.flush()
		if !pause(soft, wait) {
			return
		}
		wait = min(2*wait, lastPause)
	}
}
