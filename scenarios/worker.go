package scenarios

import (
	"context"
	"time"
)

// Bounds of the pause after a session of the closed model that failed. A server
// in trouble is not to be kept there by the load's own attempts, nor the load to
// spin.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = time.Second
)

// worker runs one session after the other.
type worker struct {
	driver   *driver
	pacer    pacer
	recorder recorder
	number   int64
	// after is how long it waits before its first session.
	after time.Duration
}

// run returns when there are no more sessions, or when soft has ended.
func (w *worker) run(soft, hard context.Context) {
	defer w.recorder.flush()
	if w.after > 0 && !pause(soft, w.after) {
		return
	}
	wait := firstPause
	for soft.Err() == nil {
		t, ok := w.pacer.next(w.recorder.flush)
		if !ok {
			return
		}
		end := w.driver.run(soft, hard, &w.recorder, place{session: t.session, worker: w.number}, t.due)
		if end != sessionFailed || t.due >= 0 {
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
