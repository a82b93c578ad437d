package spec

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Judge tries requirements on one server and weighs what they saw. The Dialer
// and Target must be set; it may be used by many goroutines at once. It tries
// every requirement once and remembers the result.
type Judge struct {
	Dialer *probe.Dialer
	Target probe.Target
	// Strict weighs as section "strict mode" of the catalogue says: what is
	// only tolerated, or only recommended, fails.
	Strict bool
	// FailOn says which verdicts count against the server.
	FailOn report.FailOn
	// Declared is what the operator knows about the server.
	Declared Declared
	// Slow and Intrusive allow the requirements that need it; ReadOnly forbids to
	// write to the account.
	Slow, Intrusive, ReadOnly bool
	// Repeat judges every requirement so many times, once when zero. Times that
	// differ make it inconclusive.
	Repeat int
	// Shorten divides the waits of slow requirements. It is for tests of the
	// requirements, against a server whose timeouts are divided likewise.
	Shorten int

	mu       sync.Mutex
	tried    map[string]*trial
	strange  map[netip.Addr]bool // announced addresses that do not answer
	failures int                 // connects in a row that failed
	atOnce   int                 // as many requirements were judged
	watchers []*Requirement
	findings map[string]*finding // of watching requirements, by ID

	company company

	reach   sync.Once
	reached error
	facts   facts
	work    workplace
}

// trial is one requirement being tried, and then what came of it.
type trial struct {
	done chan struct{}
	t    *T
}

const (
	defaultTimeout = 2 * time.Minute
	// farewell is how long a check's sessions may take to say goodbye.
	farewell = 2 * time.Second
)

// Reach opens a session once to see that there is something to judge. The
// error is that of [probe.Dialer.Open]. A server that lets nobody in because it
// breaks a rule on the way can be judged, and is no error.
func (j *Judge) Reach(ctx context.Context) error {
	j.reach.Do(func() { j.reached = j.reachOnce(ctx) })
	return j.reached
}

func (j *Judge) reachOnce(ctx context.Context) error {
	s, err := j.Dialer.Connect(ctx, j.Target)
	if err != nil {
		return err
	}
	j.facts.peer = s.Peer()
	s.Close()
	// A server with room for one session may not have noticed yet that this one has gone.
	s, err = j.patiently(ctx, func(ctx context.Context) (*probe.Session, error) { return j.Dialer.Dial(ctx, j.Target) })
	if err == nil {
		j.facts.greeting = s.Greeting()
		defer goodbye(ctx, s)
		err = s.Enter(ctx)
		j.facts.roundTrip = roundTrip(s.Transcript().Lines())
	}
	if err != nil && unreachable(err) {
		return err
	}
	j.facts.login = err
	return nil
}

// Expect tells which requirements will be judged. Those among them that watch
// every session see those of all checks from then on, so that they should be
// asked for last.
func (j *Judge) Expect(requirements []*Requirement) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.watchers = nil
	for _, r := range requirements {
		if r.Watch != nil {
			j.watchers = append(j.watchers, r)
		}
	}
}

// Greeting is the greeting that [Judge.Reach] saw.
func (j *Judge) Greeting() probe.Reply { return j.facts.greeting }

// Peer is the server's address that [Judge.Reach] saw.
func (j *Judge) Peer() netip.AddrPort { return j.facts.peer }

// Judge tries a requirement, or waits for the one who is trying it, and
// returns the result. A result that an interrupted ctx cut short is
// inconclusive. That of a requirement that watches every session is of those that
// have ended by now.
func (j *Judge) Judge(ctx context.Context, r *Requirement) report.Result {
	t := j.try(ctx, r)
	if r.Watch != nil {
		t = j.conclude(r, t)
	}
	return j.result(r, t)
}

// Counts tells whether a result is one against the server, by [Judge.FailOn].
func (j *Judge) Counts(r report.Result) bool { return j.FailOn.Counts(r.Verdict, r.Severity) }

func (j *Judge) try(ctx context.Context, r *Requirement) *T {
	j.mu.Lock()
	if j.tried == nil {
		j.tried = map[string]*trial{}
	}
	tr, begun := j.tried[r.ID]
	if !begun {
		tr = &trial{done: make(chan struct{})}
		j.tried[r.ID] = tr
	}
	j.mu.Unlock()
	if begun {
		<-tr.done
		return tr.t
	}
	defer close(tr.done)
	tr.t = j.run(ctx, r)
	return tr.t
}

// run looks at the preconditions and tries the requirement, a second time when
// a 421 came between (RFC 959 §4.2.1 allows it at any moment; in the same place
// twice it is the server's answer).
func (j *Judge) run(ctx context.Context, r *Requirement) *T {
	if reason, outcome := j.missing(ctx, r, cheap); reason != "" {
		return &T{outcome: outcome, reason: reason}
	}
	for _, blocker := range r.BlockedBy {
		switch t := j.try(ctx, blocker); t.outcome {
		case report.NotMet:
			return &T{outcome: report.Skipped, reason: "blocked by " + blocker.ID}
		case report.Skipped, report.Broken, report.Undecided:
			return &T{outcome: report.Skipped, reason: fmt.Sprintf("blocked by %s: %s", blocker.ID, t.reason)}
		}
	}
	// Fixtures and features take transfers, which may be what is blocked.
	if reason, outcome := j.missing(ctx, r, ^cheap); reason != "" {
		return &T{outcome: outcome, reason: reason}
	}
	if !j.mayHaveCompany(ctx, r) {
		return j.times(ctx, r, r.Alone)
	}
	t := j.times(ctx, r, false)
	if t.outcome != report.Met && ctx.Err() == nil {
		why := t.reason
		t = j.times(ctx, r, true)
		t.Note("tried again alone: %s", why)
	}
	return t
}

// times tries the requirement as often as it is to be, alone or beside others.
func (j *Judge) times(ctx context.Context, r *Requirement, alone bool) *T {
	j.company.enter(r, alone)
	defer j.company.leave(r)
	t := j.attempt(ctx, r)
	for n := 1; n < j.Repeat && ctx.Err() == nil; n++ {
		again := j.attempt(ctx, r)
		if again.outcome != t.outcome {
			again.reason = fmt.Sprintf("time %d of %d differs from those before: %s, not %s: %s%s", n+1, j.Repeat,
				report.Weigh(r.Level, again.outcome, j.Strict), report.Weigh(r.Level, t.outcome, j.Strict), again.reason, t.reason)
			again.outcome = report.Undecided
			return again
		}
	}
	return t
}

// attempt tries the requirement, and again after a 421, or when the server was
// silent where something was due: a server that is busy with others may lose an
// event now and then, which is no answer to the question that was asked.
func (j *Judge) attempt(ctx context.Context, r *Requirement) *T {
	t := j.once(ctx, r)
	switch t.outcome {
	case report.NotMet, report.Skipped, report.Undecided:
	default:
		return t
	}
	if !t.silence && !t.dismissed || ctx.Err() != nil {
		return t
	}
	again := j.once(ctx, r)
	again.Note("tried again: %s", t.reason)
	return again
}

// once runs the check in this goroutine and cleans up behind it.
func (j *Judge) once(ctx context.Context, r *Requirement) *T {
	t := &T{judge: j, requirement: r}
	start := time.Now()
	timeout := r.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	func() {
		defer func() {
			switch p := recover(); p.(type) {
			case nil, stop:
			default:
				t.outcome, t.reason = report.Broken, fmt.Sprintf("the check itself failed: %v\n%s", p, debug.Stack())
			}
		}()
		r.Check(limited, t)
	}()
	t.elapsed = time.Since(start)
	// What did not happen in time, or because the run was interrupted, is not
	// the server's fault.
	switch {
	case t.outcome == report.Met:
	case ctx.Err() != nil:
		t.outcome, t.reason = report.Undecided, "interrupted"
	case limited.Err() != nil, t.elapsed >= timeout: // a read that ran out of time may be first to know
		t.outcome, t.reason = report.Undecided, fmt.Sprintf("the check took longer than %s", timeout)
	}
	// Some servers say 421 and stay, and then answer QUIT.
	t.dismissed = slices.ContainsFunc(t.sessions, func(s *probe.Session) bool { return s.Last().Code == 421 })
	var wg sync.WaitGroup
	for _, s := range t.sessions {
		wg.Go(func() {
			goodbye(ctx, s)
			if !r.Unwatched {
				j.watch(r.ID, s)
			}
		})
	}
	wg.Wait()
	return t
}

// goodbye ends a session, also when the run was interrupted.
func goodbye(ctx context.Context, s *probe.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	// A server that does not say 221 has a requirement of its own.
	_, _ = s.Quit(ctx)
}

// result weighs what the check saw.
func (j *Judge) result(r *Requirement, t *T) report.Result {
	res := report.Result{
		ID: r.ID, Title: r.Title, Area: r.Area(), Level: r.Level, Severity: r.Severity,
		Verdict:   report.Weigh(r.Level, t.outcome, j.Strict),
		Reason:    t.reason,
		Notes:     t.notes,
		Cites:     []report.Cite{},
		ElapsedMS: float64(t.elapsed) / float64(time.Millisecond),
	}
	for _, c := range r.Cites {
		res.Cites = append(res.Cites, report.Cite{Source: c.String(), Quote: c.Quote})
	}
	switch res.Verdict {
	case report.Pass, report.Info, report.Skip:
		return res
	}
	if t.expected != "" {
		res.Evidence = append(res.Evidence, report.Evidence{Kind: report.Expected, Text: t.expected}, report.Evidence{Kind: report.Seen, Text: t.seen})
	}
	transcripts := [][]probe.Line{t.watched}
	if t.watched == nil {
		transcripts = transcripts[:0]
		for _, s := range t.sessions[:min(len(t.sessions), maxTranscripts)] {
			transcripts = append(transcripts, s.Transcript().Lines())
		}
	}
	for i, lines := range transcripts {
		e := report.Evidence{Kind: report.Transcript, Session: i + 1}
		for _, l := range lines {
			e.Transcript = append(e.Transcript, report.Line{At: report.InSeconds(l.At), Dir: l.Dir.String(), Text: l.Text})
		}
		res.Evidence = append(res.Evidence, e)
	}
	return res
}

// maxTranscripts is of how many sessions of one check a report has the transcript.
const maxTranscripts = 8

var errGivenUp = errors.New("given up after two failures in a row")

func (j *Judge) dial(ctx context.Context) (*probe.Session, error) {
	return j.persist(ctx, j.Dialer.Dial)
}

func (j *Judge) connect(ctx context.Context) (*probe.Session, error) {
	return j.persist(ctx, j.Dialer.Connect)
}

func (j *Judge) open(ctx context.Context) (*probe.Session, error) {
	return j.persist(ctx, j.Dialer.Open)
}

// persist connects, and a second time when that fails. A server that let two
// checks in a row down is not tried any more, so that a run against a dead
// server ends soon.
func (j *Judge) persist(ctx context.Context, connect func(context.Context, probe.Target) (*probe.Session, error)) (*probe.Session, error) {
	j.mu.Lock()
	givenUp := j.failures >= 2
	j.mu.Unlock()
	if givenUp {
		return nil, errGivenUp
	}
	s, err := connect(ctx, j.Target)
	if probe.CauseOf(err) != probe.Refusal && err != nil && ctx.Err() == nil {
		s, err = connect(ctx, j.Target)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err == nil || probe.CauseOf(err) == probe.Refusal:
		j.failures = 0
	case ctx.Err() == nil:
		j.failures++
	}
	return s, err
}

// patiently connects, and gives a server that is full for the moment time.
func (j *Judge) patiently(ctx context.Context, connect func(context.Context) (*probe.Session, error)) (*probe.Session, error) {
	for try := 1; ; try++ {
		s, err := connect(ctx)
		var e *probe.Error
		if err == nil || !errors.As(err, &e) || e.Cause != probe.Refusal || e.Reply.Class() != 4 || try == patience {
			return s, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// patience is how often a server that is full is asked.
const patience = 10

func (j *Judge) unusable(a netip.Addr) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.strange[a]
}

func (j *Judge) markUnusable(a netip.Addr) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.strange == nil {
		j.strange = map[netip.Addr]bool{}
	}
	j.strange[a] = true
}
