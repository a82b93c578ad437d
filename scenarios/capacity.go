package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Bounds of a search for capacity.
const (
	// maxSteps is how many numbers of sessions are tried at most.
	maxSteps = 20
	// fineness is the part of a number below which two numbers of sessions are taken
	// for the same: what lies between them is noise.
	fineness = 50
	// recovery is what a server is given after a step that was too much for it.
	recovery = time.Second
)

// bracket is what a search for the largest number that holds knows so far.
type bracket struct {
	from, to int
	// held is the largest number that held, broke the smallest that did not; zero
	// when there is none.
	held, broke int
}

// next is the number to try: twice the largest that held, until one does not;
// then the middle between the two. It is 0 when the search is over.
func (b *bracket) next() int {
	switch {
	case b.held == 0 && b.broke == 0:
		return b.from
	case b.held == 0 || b.held == b.to:
		return 0
	case b.broke == 0:
		return min(2*b.held, b.to)
	case b.broke-b.held <= max(1, b.held/fineness):
		return 0
	}
	return b.held + (b.broke-b.held)/2
}

// tell notes how a number fared.
func (b *bracket) tell(n int, held bool) {
	if held {
		b.held = n
	} else {
		b.broke = n
	}
}

// search runs the scenario with one number of sessions after the other, each
// time anew, until the largest is found at which its conditions hold. The result
// is that of the best run, with all of them in its Capacity.
//
// A run in which this machine was the limit ends the search: it says nothing
// about the server, and more sessions would say no more.
func (e *Engine) search(ctx context.Context, s *Scenario) (best report.Load, err error) {
	b := bracket{from: int(s.Load.From), to: int(s.Load.To)}
	answer := &report.Capacity{Steps: []report.CapacityStep{}}
	var leftover error
	for n := b.next(); n > 0 && len(answer.Steps) < maxSteps; n = b.next() {
		load, err := e.attempt(ctx, s, n, len(answer.Steps))
		if left := (*LeftoverError)(nil); errors.As(err, &left) {
			leftover = join(leftover, left)
			err = nil
		}
		// This machine may be too small for more, and the server too busy.
		if err != nil && (len(answer.Steps) == 0 || ctx.Err() != nil || !overloaded(err) && !load.GeneratorLimited()) {
			if len(answer.Steps) == 0 {
				best = load
			}
			return finished(best, s, answer, b), join(err, leftover)
		}
		step := stepOf(n, &load, err)
		answer.Steps = append(answer.Steps, step)
		b.tell(n, step.Held)
		if step.Held || b.held == 0 {
			best = load
		}
		if !step.Held {
			answer.BrokenAt, answer.BrokenBy = n, step.BrokenBy
		}
		if load.GeneratorLimited() {
			answer.Generator = true
			break
		}
		if !step.Held && !pause(ctx, recovery) {
			return finished(best, s, answer, b), join(ctx.Err(), leftover)
		}
	}
	return finished(best, s, answer, b), leftover
}

// attempt runs the scenario with a number of sessions.
func (e *Engine) attempt(ctx context.Context, s *Scenario, n, step int) (report.Load, error) {
	one := *s
	one.Load = Model{Model: Closed, Sessions: Count(n), Ramp: s.Load.Ramp, For: s.Load.For}
	engine := *e
	if e.Progress != nil {
		engine.Progress = func(now Snapshot) {
			now.Step = step + 1
			// How many steps there are shows at the end.
			now.Done = (float64(step) + now.Done) / maxSteps
			e.Progress(now)
		}
	}
	return engine.Run(ctx, &one)
}

// overloaded tells that an error before the load may come from the load before it.
func overloaded(err error) bool {
	var wire *probe.Error
	return errors.As(err, &wire)
}

// stepOf is a run as a row, where err is why it could not begin.
func stepOf(n int, l *report.Load, err error) report.CapacityStep {
	step := report.CapacityStep{Sessions: n, Throughput: l.Throughput, LimitedBy: l.LimitedBy}
	for name, o := range l.Operations {
		step.Rate += o.Rate
		step.Failed += o.Failures
		if p99 := o.Latency.P99; p99 > step.P99 || p99 == step.P99 && p99 > 0 && name < step.Slowest {
			step.P99, step.Slowest = p99, name
		}
	}
	for _, t := range l.Thresholds {
		if !t.Met {
			step.BrokenBy = append(step.BrokenBy, t.Want+", measured "+t.Value)
		}
	}
	switch {
	case err != nil:
		step.BrokenBy = []string{err.Error()}
	case l.Unreached:
		step.BrokenBy = append(step.BrokenBy, "not one session got past its login")
	case l.Sessions.Failed > 0 && len(l.Thresholds) == 0:
		step.BrokenBy = append(step.BrokenBy, fmt.Sprintf("%d sessions failed", l.Sessions.Failed))
	}
	step.Held = len(step.BrokenBy) == 0
	if l.GeneratorLimited() {
		step.LimitedBy = report.LimitGenerator
	}
	return step
}

// finished is the result of a search.
func finished(best report.Load, s *Scenario, answer *report.Capacity, b bracket) report.Load {
	answer.Sessions = b.held
	answer.AtLeast = answer.Generator || b.held > 0 && b.held == b.to
	best.Model = string(s.Load.Model)
	best.Capacity = answer
	best.Observe()
	return best
}
