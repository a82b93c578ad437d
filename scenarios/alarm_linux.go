package scenarios

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// blind is the last part of a wait, which nothing can cut short. It is longer
// than Go's timers can be late.
const blind = 2 * time.Millisecond

// precise makes an alarm that is late by some hundredths of a millisecond. Go's
// poller rounds timers up to whole milliseconds, so the rest of a wait is slept by
// the system, with the least slack, on a thread that belongs to the caller from
// now on: it must be the goroutine that uses the alarm. The thread ends with it.
func precise() alarm {
	runtime.LockOSThread()
	// Without it sleeps are late by another 0.05 ms.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	return func(ctx context.Context, at time.Time) bool {
		if d := time.Until(at) - blind; d > 0 && !pause(ctx, d) {
			return false
		}
		for ctx.Err() == nil {
			d := time.Until(at)
			if d <= 0 {
				return true
			}
			rest := unix.NsecToTimespec(int64(d))
			_ = unix.Nanosleep(&rest, nil) // a signal cuts it short; the loop goes on
		}
		return false
	}
}
