package scenarios

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/passiveftp/pasv/report"
)

const (
	// watchGap is how often the watch is due, to see how late it comes.
	watchGap = 20 * time.Millisecond
	// watchWindow is the time over which the processor use is a peak; what is left
	// of it at the end counts from half of it.
	watchWindow = time.Second
)

// watch looks at how this process fares while the load is measured. One
// goroutine does, fifty times a second: what makes it late makes sessions late
// that have something to do. Begin and end belong to one goroutine.
//
// It waits with Go's timers, which are up to a millisecond late while the process
// has nothing to do. The pacer's alarm would not be, and costs a busy process more
// than the watch is worth.
type watch struct {
	// processor is the processor time of the process, files the number of
	// descriptors it has open.
	processor func() time.Duration
	files     func() int
	cores     int

	stop    context.CancelFunc
	stopped sync.WaitGroup

	// What it has seen, to be read after end.
	seen    report.Generator
	lag     report.Histogram
	elapsed time.Duration
}

func newWatch() *watch {
	return &watch{processor: processorTime, files: filesOpen, cores: runtime.GOMAXPROCS(0)}
}

func (w *watch) begin() {
	if w == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.seen.Cores = stop, w.cores
	w.stopped.Go(func() { w.run(ctx) })
}

// end waits until the watch has ended; it need not have begun.
func (w *watch) end() {
	if w != nil && w.stop != nil {
		w.stop()
		w.stopped.Wait()
	}
}

func (w *watch) run(ctx context.Context) {
	begun, used := time.Now(), w.processor()
	var before debug.GCStats
	debug.ReadGCStats(&before)
	collections, paused := before.NumGC, before.PauseTotal

	due := begun.Add(watchGap)
	windowBegun, windowUsed := begun, used
	for open := true; open; {
		open = coarse(ctx, due)
		now := time.Now()
		if open {
			due = w.late(due, now)
		}
		if now.Sub(windowBegun) >= watchWindow || !open {
			total := w.processor()
			w.window(total-windowUsed, now.Sub(windowBegun))
			windowBegun, windowUsed = now, total
			collections = w.pauses(collections)
		}
	}
	w.elapsed = time.Since(begun)
	w.seen.CPU = report.InSeconds(w.processor() - used)
	var after debug.GCStats
	debug.ReadGCStats(&after)
	w.seen.GC.Count = after.NumGC - before.NumGC
	w.seen.GC.Total = report.InSeconds(after.PauseTotal - paused)
	if w.elapsed > 0 {
		w.seen.Share = w.share(w.seen.CPU.Duration(), w.elapsed)
	}
	w.seen.Lag = w.lag.Distribution()
}

// late counts how late the watch was at what was due, and at all that has become
// due since: a second in which the process stood still counts as often as it would
// have been seen. It returns what is due next.
func (w *watch) late(due, now time.Time) time.Time {
	for !due.After(now) {
		w.lag.Record(now.Sub(due))
		due = due.Add(watchGap)
	}
	return due
}

// window counts what was used of the processors in a while.
func (w *watch) window(used, took time.Duration) {
	w.seen.FilesOpen = max(w.seen.FilesOpen, w.files())
	if took < watchWindow/2 {
		return
	}
	share := w.share(used, took)
	w.seen.Watched++
	w.seen.Peak = max(w.seen.Peak, share)
	if share > report.SaturatedShare {
		w.seen.Saturated++
	}
}

// share is a processor time as a part of what there was in a while. Clocks that
// tick at different moments can make it more than all.
func (w *watch) share(used, took time.Duration) float64 {
	return min(float64(used)/float64(took)/float64(w.seen.Cores), 1)
}

// pauses takes in the longest pause of the collections since a number of them.
func (w *watch) pauses(since int64) int64 {
	var s debug.GCStats
	debug.ReadGCStats(&s)
	for _, p := range s.Pause[:min(int(s.NumGC-since), len(s.Pause))] {
		w.seen.GC.Max = max(w.seen.GC.Max, report.InSeconds(p))
	}
	return s.NumGC
}

// judge puts what was seen into the report, and decides whether this process was
// the limit. Warnings are those from before the load.
func (w *watch) judge(l *report.Load, lacked, dropped *[reasons]int64, shares string, warnings []string) {
	g := w.seen
	g.Cores, g.OpenFiles, g.Shares, g.Warnings = w.cores, openFiles(), shares, warnings
	for why := range reasons {
		n := lacked[why]
		if reason(why) != atMost {
			n += dropped[why]
		}
		if n > 0 {
			if g.Lacked == nil {
				g.Lacked = map[string]int64{}
			}
			g.Lacked[reason(why).String()] = n
		}
	}
	l.Generator = g
	l.DecideGenerator()
}
