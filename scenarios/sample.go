package scenarios

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// kind says what a sample counts.
type kind uint8

const (
	// operationDone: an operation, with its time and its octets.
	operationDone kind = iota
	// operationRefused: an operation that was refused as it had to be.
	operationRefused
	// operationFailed: an operation that did not succeed, with its octets.
	operationFailed
	// phaseDone: the time that one operation spent in a phase.
	phaseDone
	// transferDone: how long the payload of a data connection moved, with its
	// octets and what limited it.
	transferDone
	// sessionStarted: how much later than it was due a session began.
	sessionStarted
	// The ends of a session.
	sessionCompleted
	sessionFailed
	sessionInterrupted
	// sessionDropped: it could not begin because of this machine.
	sessionDropped
	// portOffered: the server named a passive port, which stands for the octets.
	portOffered
	// roundTrip: the kernel's estimate of a data connection's round trip.
	roundTrip
)

// sample is one thing that a session measured.
type sample struct {
	kind kind
	// which is an index into plan.names, a probe.Phase, a probe.Limit, or a reason.
	which uint8
	// target is where the session went.
	target uint16
	// at is when it ended, since the run began.
	at, took time.Duration
	octets   int64
}

// batch is what a recorder hands to the collector in one go.
type batch struct {
	samples  [64]sample
	n        int
	sums     sums
	failures []failure
	made     []made
}

// made is a file that a session has made at a target, or was about to.
type made struct {
	target uint16
	path   string
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// recorder takes the samples of one worker. It belongs to the worker's
// goroutine, apart from the counters, which the collector reads.
type recorder struct {
	epoch time.Time
	// from is when measuring begins, since the epoch. What began before is not
	// recorded.
	from time.Duration
	out  chan<- *batch

	current *batch
	flushed time.Duration
	seen    map[group]bool

	moved   []atomic.Int64 // payload by target, while it moves
	active  atomic.Int32   // sessions open now
	entered atomic.Int32   // of them, those that are logged in
	done    atomic.Int64   // operations that came out as they had to

	// target is where the present session goes.
	target uint16
	// peer is where the last control connection went, for when all is over.
	peer netip.AddrPort
	// whole tells that there are sessions for the whole measured time, reached that
	// one of them got past its login, in the warm-up too.
	whole, reached bool
}

// stale is how long samples may wait for more before they are handed over.
const stale = 200 * time.Millisecond

// payload is what has moved to and from all targets.
func (r *recorder) payload() (octets int64) {
	for i := range r.moved {
		octets += r.moved[i].Load()
	}
	return octets
}

func (r *recorder) now() time.Duration { return time.Since(r.epoch) }

func (r *recorder) batch() *batch {
	if r.current == nil {
		r.current = batches.Get().(*batch)
	}
	return r.current
}

func (r *recorder) add(s sample) {
	s.target = r.target
	b := r.batch()
	b.samples[b.n] = s
	if b.n++; b.n == len(b.samples) || s.at-r.flushed > stale {
		r.flush()
		r.flushed = s.at
	}
}

// flush hands over what there is.
func (r *recorder) flush() {
	if r.current != nil {
		r.out <- r.current
		r.current = nil
	}
}

// operation records an operation that succeeded, and the phases that it went through.
func (r *recorder) operation(name int, began time.Duration, octets int64, t *probe.Timeline) {
	r.done.Add(1)
	if began < r.from {
		return
	}
	end := r.now()
	totals, seen := t.Totals()
	for p, took := range totals {
		if seen[p] {
			r.add(sample{kind: phaseDone, which: uint8(p), at: end, took: took})
		}
	}
	r.add(sample{kind: operationDone, which: uint8(name), at: end, took: end - began, octets: octets})
}

// refused records an operation that was refused as it had to be.
func (r *recorder) refused(name int, began time.Duration) {
	r.done.Add(1)
	if began >= r.from {
		r.add(sample{kind: operationRefused, which: uint8(name), at: r.now()})
	}
}

// limitPace is the limit of a transfer that a step of the scenario slowed down.
const limitPace = probe.LimitClient + 1

// transfer records how the payload of a data connection moved.
func (r *recorder) transfer(began time.Duration, by probe.Limit, octets int64, took time.Duration) {
	if began >= r.from {
		r.add(sample{kind: transferDone, which: uint8(by), at: r.now(), took: took, octets: octets})
	}
}

// started records a session that begins now and was due.
func (r *recorder) started(due time.Duration) {
	if due >= r.from {
		now := r.now()
		r.add(sample{kind: sessionStarted, at: now, took: max(now-due, 0)})
	}
}

// dropped records a session that was due and could not begin.
func (r *recorder) dropped(due time.Duration, why reason) {
	if due >= r.from {
		r.add(sample{kind: sessionDropped, which: uint8(why), at: r.now()})
	}
}

// failed records an operation that did not succeed.
func (r *recorder) failed(name int, began time.Duration, octets int64, err error, t *probe.Transcript) {
	if began < r.from {
		return
	}
	b := r.batch()
	f := failure{group: groupOf(err), lacking: lack(err)}
	if !r.seen[f.group] {
		f.example(err, t)
		if len(r.seen) < maxGroups {
			if r.seen == nil {
				r.seen = map[group]bool{}
			}
			r.seen[f.group] = true
		}
	}
	b.failures = append(b.failures, f)
	r.add(sample{kind: operationFailed, which: uint8(name), at: r.now(), octets: octets})
}

// session records how a session ended. One that was dropped is recorded already.
func (r *recorder) session(k kind) {
	if k == sessionDropped {
		return
	}
	if now := r.now(); now >= r.from {
		r.add(sample{kind: k, at: now})
	}
}

// made books a file that the run has made, or is about to make.
func (r *recorder) made(path string) {
	b := r.batch()
	b.made = append(b.made, made{r.target, path})
	if len(b.made) >= len(b.samples) {
		r.flush()
	}
}
