package scenarios

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Engine runs scenarios. Only Target has to be set.
type Engine struct {
	// Dialer opens the sessions; nil is the zero Dialer.
	Dialer *probe.Dialer
	Target probe.Target
	// Progress is called about twice a second while the load runs, always by
	// the same goroutine. The run's figures wait for it: it should be quick.
	Progress func(Snapshot)
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
// result.
func (e *Engine) Run(ctx context.Context, s *Scenario) (load report.Load, err error) {
	tree := newTree(e.dialer(), e.Target)
	p, err := s.compile(tree.directory)
	if err != nil {
		return load, err
	}
	d := &driver{
		plan:     p,
		dial:     e.dial,
		address:  e.dialer().Address,
		occupied: tree.occupied,
	}
	r := newRun(s, d, e.Progress, e.grace())
	var uploads []string
	defer func() {
		err = join(err, tree.remove(uploads))
	}()
	if err := tree.prepare(ctx, s.Needs, p); err != nil {
		load = r.collector.load(s)
		if ctx.Err() != nil {
			return load, ctx.Err()
		}
		var need *NeedError
		load.Unreached = !errors.As(err, &need)
		return load, err
	}
	d.contents = p.contentSums()
	err = r.execute(ctx)
	uploads = r.collector.files()
	return r.collector.load(s), err
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

func (e *Engine) dial(ctx context.Context) (conversation, error) {
	s, err := e.dialer().Dial(ctx, e.Target)
	if err != nil {
		return nil, err
	}
	return s, nil
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
}

func newRun(s *Scenario, d *driver, progress func(Snapshot), grace time.Duration) *run {
	r := &run{load: s.Load, warmUp: time.Duration(s.WarmUp), measured: time.Duration(s.Load.For), grace: grace, collector: newCollector(d.plan)}
	r.collector.progress = progress
	r.collector.share = r.share
	var p pacer = &closedPacer{limit: int64(s.Load.Count)}
	if s.Load.Model == Open {
		r.measured = s.Load.total() - r.warmUp
		r.open = &openPacer{schedule: newSchedule(&s.Load), from: r.warmUp, turns: make(chan turn), alarm: precise}
		p = r.open
	}
	n := s.Load.atOnce()
	for i := range n {
		w := &worker{driver: d, pacer: p, number: int64(i) + 1, after: time.Duration(s.Load.Ramp) * time.Duration(i) / time.Duration(n)}
		w.recorder.from = r.warmUp
		w.recorder.out = r.collector.in
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
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		c.collect()
	}()
	if r.warmUp == 0 {
		c.reach(measuring)
	}
	done := r.start(soft, hard)

	r.wait(ctx, done)
	err := ctx.Err()
	c.reach(closing)
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
		r.collector.reach(measuring)
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
