package scenarios

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Engine runs scenarios. Only Target, or Targets, has to be set.
type Engine struct {
	// Dialer opens the sessions; nil is the zero Dialer.
	Dialer *probe.Dialer
	Target probe.Target
	// Targets are where the sessions go, in turns, when there are several; Target
	// does not matter then. AllAddresses has the addresses of each name be targets.
	Targets      []Destination
	AllAddresses bool
	// Sources are the local addresses that sessions come from, in turns at each
	// target; with none, that of Dialer, or what the system chooses.
	Sources []netip.Addr
	// SameProcess tells that the server is a part of this process, which uses as
	// much of it as the load.
	SameProcess bool
	// HalfProcessors has a load of the closed model use half of the processors
	// when a server has an address of this machine: the server needs the others,
	// and what both fight for is lost to both. It is GOMAXPROCS that changes, for
	// the whole process and while the load runs.
	HalfProcessors bool
	// Notice is called before the load with what this machine may lack for it.
	Notice func(string)
	// Progress is called with each snapshot of the load, always by the same
	// goroutine. When it takes its time, snapshots get rarer.
	Progress func(Snapshot)
	// Interval is the time between snapshots; half a second when zero.
	Interval time.Duration
	// Grace is how long sessions may take to finish the operation that they are
	// in when the time is over; 5 s when zero. What is not finished then is cut
	// off and counts as interrupted.
	Grace time.Duration
}

const defaultGrace = 5 * time.Second

func (e *Engine) grace() time.Duration {
	if e.Grace > 0 {
		return e.Grace
	}
	return defaultGrace
}

func (e *Engine) dialer() *probe.Dialer {
	if e.Dialer != nil {
		return e.Dialer
	}
	return &probe.Dialer{}
}

// Run prepares the server, puts the load on it, and removes what it made.
//
// An operation counts when it began after the warm-up, and also when it ended
// within the grace after the end; throughput and series are those of the
// measured time alone. What failed is counted, but is in no latency. In the open
// model the first operation of a session begins when the session is due.
//
// Before the load, one session sees whether the server can be reached and
// logged in to. If not, that *[probe.Error] is returned and nothing was
// measured, [report.Load.Unreached] is set; a *[NeedError] says that a file is missing. When ctx is cancelled
// the load ends at once, and the result so far comes with the error of ctx.
// What could not be removed is a *[LeftoverError], which does not impair the
// result. A *[LackError] says that this machine does not suffice for the load,
// which has not begun. Among several targets a *[TargetError] names the one.
//
// In the capacity model all of that happens once for each number of sessions that
// is tried; see [report.Capacity].
func (e *Engine) Run(ctx context.Context, s *Scenario) (load report.Load, err error) {
	if s.Load.Model == Capacity {
		return e.search(ctx, s)
	}
	to, err := e.newTargets(ctx)
	if err != nil {
		load = newCollector(&plan{}).load(s)
		load.Unreached = true
		return load, err
	}
	trees := newTrees(to)
	p, err := s.compile(trees[0].directory)
	if err != nil {
		return load, err
	}
	d := &driver{
		plan:     p,
		dial:     to.dial,
		target:   to.target,
		targets:  len(to.all),
		address:  e.dialer().Address,
		occupied: trees.occupied,
	}
	r := newRun(s, d, e.Progress, e.grace())
	r.collector.shower.every = e.Interval
	uploads := func(int) []string { return nil }
	defer func() {
		err = join(err, trees.remove(uploads))
	}()
	lacking, err := e.preflight(s, p, to)
	if err != nil {
		load = r.collector.load(s)
		load.Generator.Limits, load.Thresholds = []string{err.Error()}, []report.Threshold{}
		return load, err
	}
	if err := trees.prepare(ctx, s.Needs, p); err != nil {
		load = r.collector.load(s)
		if ctx.Err() != nil {
			return load, ctx.Err()
		}
		var need *NeedError
		if probe.CauseOf(err) == probe.Local {
			load.Generator.Limits = []string{err.Error()}
		} else {
			load.Unreached = !errors.As(err, &need)
		}
		return load, err
	}
	d.contents = p.contentSums()
	sharing := e.shares(trees)
	if e.HalfProcessors && sharing == report.SharedMachine && s.Load.Model != Open {
		n := runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS((n + 1) / 2)
		defer runtime.GOMAXPROCS(n)
	}
	r.watch = newWatch()
	err = r.execute(ctx)
	uploads = r.collector.files
	load = r.collector.load(s)
	load.Targets = r.collector.parts.load(trees, to, load.Elapsed.Duration())
	r.watch.judge(&load, &r.collector.lacked, &r.collector.dropped, sharing, lacking)
	load.Observe()
	return load, err
}

// join is errors.Join that leaves a single error as it is.
func join(a, b error) error {
	switch {
	case b == nil:
		return a
	case a == nil:
		return b
	}
	return errors.Join(a, b)
}

// run is one execution of a scenario.
type run struct {
	load   Model
	warmUp time.Duration
	// measured is the time after the warm-up, 0 when a number of sessions is the end.
	measured  time.Duration
	grace     time.Duration
	collector *collector
	workers   []*worker
	// open hands out the turns of the open model; nil in the closed one.
	open *openPacer
	// watch looks at this process while the load is measured; nil when nothing does.
	watch *watch
}

func newRun(s *Scenario, d *driver, progress func(Snapshot), grace time.Duration) *run {
	r := &run{load: s.Load, warmUp: time.Duration(s.WarmUp), measured: time.Duration(s.Load.For), grace: grace, collector: newCollector(d.plan)}
	r.collector.shower = shower{show: progress, atOnce: s.Load.AtOnce()}
	r.collector.share = r.share
	if d.targets > 1 {
		r.collector.parts = make(parts, d.targets)
	}
	var p pacer = &closedPacer{limit: int64(s.Load.Count)}
	if s.Load.Model == Open {
		r.measured = s.Load.total() - r.warmUp
		r.open = &openPacer{schedule: newSchedule(&s.Load), from: r.warmUp, turns: make(chan turn), alarm: precise}
		p = r.open
	}
	if r.measured > 0 {
		r.collector.shower.total = r.warmUp + r.measured
	}
	n := s.Load.AtOnce()
	for i := range n {
		w := &worker{driver: d, pacer: p, number: int64(i) + 1, after: time.Duration(s.Load.Ramp) * time.Duration(i) / time.Duration(n)}
		w.recorder.from = r.warmUp
		w.recorder.whole = w.after <= r.warmUp
		w.recorder.out = r.collector.in
		// A cache line of its own: every read of a session adds to it.
		w.recorder.moved = make([]atomic.Int64, max(d.targets, 1), max(d.targets, 8))
		r.workers = append(r.workers, w)
		r.collector.recorders = append(r.collector.recorders, &w.recorder)
	}
	return r
}

// share is the part of the run that is over.
func (r *run) share(elapsed time.Duration, sessions int64) float64 {
	if r.measured == 0 {
		return float64(sessions) / float64(r.load.Count)
	}
	return float64(elapsed) / float64(r.warmUp+r.measured)
}

// execute runs the workers and waits until all is collected. The error is that of ctx.
func (r *run) execute(ctx context.Context) error {
	soft, stop := context.WithCancel(ctx)
	defer stop()
	hard, cut := context.WithCancel(ctx)
	defer cut()

	c := r.collector
	c.epoch = time.Now()
	c.shower.begin()
	defer c.shower.end()
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		c.collect()
	}()
	if r.warmUp == 0 {
		r.measure()
	}
	done := r.start(soft, hard)

	r.wait(ctx, done)
	err := ctx.Err()
	c.reach(closing)
	r.watch.end()
	stop()
	// There is no grace after an interrupt: whoever interrupts wants an end now.
	within(ctx, done, r.grace)
	cut()
	<-done
	close(c.in)
	<-collected
	if r.open != nil {
		c.dropped[atMost] += r.open.dropped
	}
	return err
}

// measure ends the warm-up.
func (r *run) measure() {
	r.collector.reach(measuring)
	r.watch.begin()
}

// start has the workers begin. The channel is closed when all have ended.
func (r *run) start(soft, hard context.Context) <-chan struct{} {
	var working sync.WaitGroup
	begin := func(w *worker) {
		working.Go(func() { w.run(soft, hard) })
	}
	for _, w := range r.workers {
		w.recorder.epoch = r.collector.epoch
		if r.open == nil {
			begin(w)
		}
	}
	if r.open != nil {
		// A worker begins when it is needed: the most that may run can be many
		// more than ever do.
		waiting := r.workers
		r.open.more = func() {
			if len(waiting) > 0 {
				begin(waiting[0])
				waiting = waiting[1:]
			}
		}
		r.open.epoch = r.collector.epoch
		working.Go(func() { r.open.run(soft) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		working.Wait()
	}()
	return done
}

// wait returns at the end of the measured time, when all sessions are done, or
// when ctx ends. In the open model the time that comes after the last session
// belongs to the rate.
func (r *run) wait(ctx context.Context, done <-chan struct{}) {
	if r.open != nil {
		done = nil
	}
	if r.warmUp > 0 {
		if !within(ctx, done, r.warmUp) {
			return
		}
		r.measure()
	}
	if r.measured == 0 {
		select {
		case <-done:
		case <-ctx.Done():
		}
		return
	}
	within(ctx, done, r.measured)
}

// within waits for a while and reports true, or false when something else
// happens before.
func within(ctx context.Context, done <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
	case <-ctx.Done():
	}
	return false
}
