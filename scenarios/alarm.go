package scenarios

import (
	"context"
	"time"
)

// alarm waits until a moment and tells whether it came to that before ctx ended.
// It is used by one goroutine that does nothing else.
type alarm func(ctx context.Context, at time.Time) bool

// coarse is an alarm of Go's timers, which are up to a millisecond late.
func coarse(ctx context.Context, at time.Time) bool {
	d := time.Until(at)
	if d <= 0 {
		return ctx.Err() == nil
	}
	return pause(ctx, d)
}
