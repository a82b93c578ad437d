package scenarios

import (
	"time"

	"github.com/passiveftp/pasv/report"
)

// Snapshot is how a run stands, for whoever watches it.
type Snapshot struct {
	// Elapsed is the time since the load began, the warm-up included, and Total the
	// time that it takes; 0 when a number of sessions is its end.
	Elapsed, Total time.Duration
	// Warming tells that nothing is measured yet, Ending that nothing is measured
	// any more: sessions come to their end.
	Warming, Ending bool
	// Done is the share of the run that is over, from 0 to 1.
	Done float64
	// Step is the number of the run in a search for capacity, from 1; 0 elsewhere.
	Step int
	// Active is the number of sessions that are open, AtOnce how many may be.
	Active, AtOnce int
	// Completed and Failed count sessions, Operations what came out in them as it
	// had to, and Failures what did not. They lag behind by a fraction of a second.
	Completed, Failed, Operations, Failures int64
	// Late counts sessions of an open model that began late; see [report.Starts].
	Late int64
	// Dropped counts sessions that could not begin because of this machine; those of
	// which there were too many at once are known at the end only.
	Dropped int64
	// Bytes is the payload since measuring began.
	Bytes int64
	// Latest is what happened since the snapshot before.
	Latest Interval
}

// Interval is what happened in a part of a run. Its counts are those that were
// reported in it: a session reports with a delay of a fraction of a second.
type Interval struct {
	// At is its begin since measuring began, or in the warm-up since the load began;
	// Took is its length.
	At, Took time.Duration
	// Operations, Failures, Dropped and Bytes are as in [Snapshot].
	Operations, Failures, Dropped, Bytes int64
	// Latency is that of the operations, without the histogram itself.
	Latency report.Distribution
}

// Rate is the number of operations per second.
func (i Interval) Rate() float64 { return i.per(i.Operations) }

// Throughput is the payload per second.
func (i Interval) Throughput() float64 { return i.per(i.Bytes) }

func (i Interval) per(n int64) float64 {
	if i.Took <= 0 {
		return 0
	}
	return float64(n) / i.Took.Seconds()
}

// shower makes snapshots for the collector, and has another goroutine show them:
// who shows them may be kept waiting by a terminal or a pipe, and the collector
// may not.
type shower struct {
	// show is called with each snapshot; nil when nobody watches.
	show func(Snapshot)
	// every is how often.
	every  time.Duration
	atOnce int
	total  time.Duration

	out   chan Snapshot
	shown chan struct{} // closed when all has been shown
	// next is when the next snapshot is due.
	next time.Duration
	// last is what the last one said, of which the latest interval is the rest.
	last    Snapshot
	octets  int64
	latency report.Histogram // since then
}

// ahead is how many snapshots may wait to be shown. When as many wait, the next is
// about a longer time.
const ahead = 4

// begin has snapshots shown from now on.
func (w *shower) begin() {
	if w.every <= 0 {
		w.every = progressGap
	}
	w.next = w.every
	if w.show == nil {
		return
	}
	w.out, w.shown = make(chan Snapshot, ahead), make(chan struct{})
	go func() {
		defer close(w.shown)
		for s := range w.out {
			w.show(s)
		}
	}()
}

// record adds the time of an operation to the latest interval.
func (w *shower) record(took time.Duration) {
	if w.show != nil {
		w.latency.Record(took)
	}
}

// end waits until all has been shown.
func (w *shower) end() {
	if w.show != nil {
		close(w.out)
		<-w.shown
	}
}

// take makes a snapshot of the totals in s, given the payload of all sessions so
// far. It is passed over when too many wait: the next one makes up for it.
func (w *shower) take(s Snapshot, begin time.Duration, octets int64) {
	for w.next <= s.Elapsed {
		w.next += w.every
	}
	if w.show == nil || s.Elapsed-w.last.Elapsed < w.every/10 {
		return // what is left over because a timer came late is too short to tell
	}
	s.AtOnce, s.Total = w.atOnce, w.total
	s.Latest = Interval{
		At:         w.last.Elapsed - begin,
		Took:       s.Elapsed - w.last.Elapsed,
		Operations: s.Operations - w.last.Operations,
		Failures:   s.Failures - w.last.Failures,
		Dropped:    s.Dropped - w.last.Dropped,
		Bytes:      octets - w.octets,
		Latency:    w.latency.Summary(),
	}
	select {
	case w.out <- s:
		w.last, w.octets = s, octets
		w.latency.Reset()
	default:
	}
}

// restart has the next snapshot be about what happens from now on.
func (w *shower) restart(now time.Duration, octets int64) {
	w.last, w.octets, w.next = Snapshot{Elapsed: now}, octets, now+w.every
}

// show takes a snapshot.
func (c *collector) show(now time.Duration) {
	octets, active := c.moved()
	s := Snapshot{
		Elapsed: now, Warming: c.state == warming, Ending: c.state == closing, Active: active,
		Completed:  c.ends[0],
		Failed:     c.ends[sessionFailed-sessionCompleted],
		Operations: c.done + c.refused,
		Failures:   c.failed,
		Late:       c.late,
	}
	for _, n := range c.dropped {
		s.Dropped += n
	}
	switch c.state {
	case measuring:
		s.Bytes = octets - c.bytes
	case closing:
		s.Bytes = c.total
	}
	s.Done = min(c.share(now, c.ends[0]+c.ends[1]+c.ends[2]), 1)
	c.shower.take(s, c.begin, octets)
}
