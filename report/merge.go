package report

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Judge judges a condition of a scenario on the result of a load. It fails when
// it cannot read the condition.
type Judge func(want string, l *Load) (Threshold, error)

// maxApart bounds how much later than the first generator another may have
// begun: no scenario takes longer, and a damaged file is not to cost memory.
const maxApart = 48 * time.Hour

// Merge adds up what several generators measured when they put the same scenario
// on a server at the same time. The names are those of the runs in errors.
//
// Histograms are merged exactly: every count, quantile and threshold is the one
// that a single generator would have found. Seconds of the series are added to
// the nearest second of the generator that began first, by the clocks of their
// machines. Rates are over the time from the first begin to the last end. The
// order of the runs is of no account. What a report does not keep enough of to
// add it up (how even the sessions of several generators were, and how many
// different ports they saw) is left out, unless there is one run only. So are the
// rows of targets when one of the runs had a single target, and has none.
//
// It fails for runs that are not of a load alone, of different scenarios, models
// or conditions, that were not at the same time, and for damaged histograms.
func Merge(names []string, runs []Run, judge Judge) (Run, error) {
	if len(runs) == 0 {
		return Run{}, errors.New("report: nothing to add up")
	}
	for i := range runs {
		if err := addable(&runs[i]); err != nil {
			return Run{}, fmt.Errorf("%s: %w", names[i], err)
		}
		if err := alike(runs[0].Load, runs[i].Load); err != nil {
			return Run{}, fmt.Errorf("%s and %s: %w", names[0], names[i], err)
		}
	}
	runs, err := inOrder(runs)
	if err != nil {
		return Run{}, err
	}
	sum := runs[0]
	for _, r := range runs[1:] {
		sum.add(r)
	}
	if sum.Load, err = mergeLoads(runs); err != nil {
		return Run{}, err
	}
	for i := range runs {
		// A generator that never got through leaves the others' result incomplete.
		sum.Partial = sum.Partial || runs[i].Load.Unreached && !sum.Load.Unreached
	}
	for _, t := range runs[0].Load.Thresholds {
		if t, err = judge(t.Want, sum.Load); err != nil {
			return Run{}, fmt.Errorf("%s: %w", names[0], err)
		}
		sum.Load.Thresholds = append(sum.Load.Thresholds, t)
	}
	sum.Exit = sum.Weigh(FailOnFail)
	return sum, nil
}

// addable tells why a run cannot be added to others.
func addable(r *Run) error {
	switch {
	case r.Load == nil:
		return errors.New("not a report of a load")
	case r.Check != nil || r.Diagnose != nil:
		return errors.New("it holds a check or a diagnosis besides the load, and they cannot be added up")
	case r.Load.Capacity != nil:
		return errors.New("it is a search for capacity, of which each generator made its own steps")
	}
	return nil
}

// alike tells what two loads have not in common.
func alike(a, b *Load) error {
	wants := func(l *Load) (wants []string) {
		for _, t := range l.Thresholds {
			wants = append(wants, t.Want)
		}
		return wants
	}
	switch {
	case a.Scenario != b.Scenario:
		return fmt.Errorf("different scenarios, %q and %q", a.Scenario, b.Scenario)
	case a.Model != b.Model:
		return fmt.Errorf("different models, %q and %q", a.Model, b.Model)
	case !slices.Equal(wants(a), wants(b)):
		return fmt.Errorf("different conditions, %q and %q", wants(a), wants(b))
	}
	return nil
}

// inOrder sorts runs by what is in them.
func inOrder(runs []Run) ([]Run, error) {
	type written struct {
		run  Run
		file string
	}
	files := make([]written, len(runs))
	for i, r := range runs {
		b, err := Marshal(r)
		if err != nil {
			return nil, err
		}
		files[i] = written{r, string(b)}
	}
	slices.SortFunc(files, func(a, b written) int {
		return cmp.Or(a.run.began().Compare(b.run.began()), strings.Compare(a.file, b.file))
	})
	sorted := make([]Run, len(files))
	for i, f := range files {
		sorted[i] = f.run
	}
	return sorted, nil
}

// began is when the measured time began. Only a run that never got so far has no
// such time.
func (r *Run) began() time.Time {
	if r.Load.Started.IsZero() {
		return r.Started
	}
	return r.Load.Started
}

// add adds what is said about a run as a whole.
func (r *Run) add(o Run) {
	r.Tool = Tool{
		Name: together(r.Tool.Name, o.Tool.Name), Version: together(r.Tool.Version, o.Tool.Version), Go: together(r.Tool.Go, o.Tool.Go),
		OS: together(r.Tool.OS, o.Tool.OS), Arch: together(r.Tool.Arch, o.Tool.Arch),
	}
	r.Target = Target{
		URL: together(r.Target.URL, o.Target.URL), Address: together(r.Target.Address, o.Target.Address),
		Greeting: together(r.Target.Greeting, o.Target.Greeting), Server: together(r.Target.Server, o.Target.Server),
		Embedded: r.Target.Embedded && o.Target.Embedded,
	}
	// Both ends as seconds since the earlier start.
	first := r.Started
	if o.Started.Before(first) {
		first = o.Started
	}
	r.Elapsed = max(InSeconds(r.Started.Sub(first))+r.Elapsed, InSeconds(o.Started.Sub(first))+o.Elapsed)
	r.Started = first
	r.Partial = r.Partial || o.Partial
	r.Error = together(r.Error, o.Error)
}

// together joins two texts, of which the first may be joined of several, unless
// it has the second already.
func together(a, b string) string {
	const comma = ", "
	switch {
	case b == "" || strings.Contains(comma+a+comma, comma+b+comma):
		return a
	case a == "":
		return b
	}
	return a + comma + b
}

// mergeLoads adds up the loads of runs, of which the first began first. The
// thresholds are left to be judged.
func mergeLoads(runs []Run) (*Load, error) {
	first := runs[0].Load
	m := &Load{Scenario: first.Scenario, Model: first.Model, Unreached: true}
	var all totals
	for i := range runs {
		l := runs[i].Load
		m.Unreached = m.Unreached && l.Unreached
		m.Bytes += l.Bytes
		m.Dropped += l.Dropped
		addCounts(&m.DroppedFor, l.DroppedFor)
		if i == 0 {
			m.Sessions, m.Generator = l.Sessions, l.Generator
		} else {
			m.Sessions.add(l.Sessions)
			m.Generator.add(l.Generator)
		}
		if err := all.add(l); err != nil {
			return nil, err
		}
	}
	if err := m.align(runs); err != nil {
		return nil, err
	}
	all.fill(m)
	if m.Elapsed > 0 {
		m.Throughput = float64(m.Bytes) / float64(m.Elapsed)
	}
	if slices.ContainsFunc(runs, func(r Run) bool { return len(r.Load.Targets) == 0 }) {
		m.Targets = nil
	}
	if m.Fairness, m.PassivePorts = first.Fairness, first.PassivePorts; len(runs) > 1 {
		m.PassivePorts = nil
		if m.Fairness != nil && m.Fairness.Unjudged == "" {
			m.Fairness = &Fairness{Unjudged: "reports that are added up do not tell what each session got"}
		}
	}
	m.DecideLimit()
	m.Observe()
	return m, nil
}

// totals are the sums of loads while they are added up.
type totals struct {
	operations map[string]*operationTotal
	phases     map[string]*Histogram
	slip       *Histogram
	late       int64
	lag        Histogram
	rtt        Histogram
	sockets    *Sockets
	verified   *Verified
	limits     map[string]Limit
	failures   []Failure
	targets    []*targetTotal
}

type targetTotal struct {
	row             TargetLoad
	login, transfer Histogram
}

type operationTotal struct {
	row     Operation
	latency Histogram
}

// add adds a load.
func (t *totals) add(l *Load) error {
	for name, o := range l.Operations {
		sum := in(&t.operations, name)
		if err := sum.latency.add(o.Latency); err != nil {
			return fmt.Errorf("report: operation %q: %w", name, err)
		}
		sum.row.Failures += o.Failures
		sum.row.Refused += o.Refused
		sum.row.Bytes += o.Bytes
	}
	for name, d := range l.Phases {
		if err := in(&t.phases, name).add(d); err != nil {
			return fmt.Errorf("report: phase %q: %w", name, err)
		}
	}
	if s := l.Starts; s != nil {
		if t.slip == nil {
			t.slip = &Histogram{}
		}
		t.late += s.Late
		if err := t.slip.add(s.Slip); err != nil {
			return fmt.Errorf("report: starts: %w", err)
		}
	}
	if err := t.lag.add(l.Generator.Lag); err != nil {
		return fmt.Errorf("report: generator: %w", err)
	}
	if s := l.Sockets; s != nil {
		if t.sockets == nil {
			t.sockets = &Sockets{}
		}
		t.sockets.add(s)
		if err := t.rtt.add(s.RTT); err != nil {
			return fmt.Errorf("report: sockets: %w", err)
		}
	}
	if v := l.Verified; v != nil {
		if t.verified == nil {
			t.verified = &Verified{}
		}
		t.verified.Transfers += v.Transfers
		t.verified.Bytes += v.Bytes
		t.verified.Content += v.Content
	}
	for name, o := range l.Limits {
		if t.limits == nil {
			t.limits = map[string]Limit{}
		}
		sum := t.limits[name]
		sum.Transfers += o.Transfers
		sum.Bytes += o.Bytes
		sum.Elapsed += o.Elapsed
		t.limits[name] = sum
	}
	t.failures = append(t.failures, l.Failures...)
	for _, row := range l.Targets {
		if err := t.target(row); err != nil {
			return fmt.Errorf("report: target %s: %w", row.URL, err)
		}
	}
	return nil
}

// target adds the row of a target.
func (t *totals) target(row TargetLoad) error {
	i := slices.IndexFunc(t.targets, func(sum *targetTotal) bool {
		return sum.row.URL == row.URL && sum.row.Address == row.Address
	})
	if i < 0 {
		i = len(t.targets)
		t.targets = append(t.targets, &targetTotal{row: TargetLoad{URL: row.URL, Address: row.Address}})
	}
	sum := t.targets[i]
	sum.row.Weight = max(sum.row.Weight, row.Weight)
	sum.row.Sessions += row.Sessions
	sum.row.SessionsFailed += row.SessionsFailed
	sum.row.Operations += row.Operations
	sum.row.Failures += row.Failures
	sum.row.Bytes += row.Bytes
	return errors.Join(sum.login.add(row.Login), sum.transfer.add(row.Transfer))
}

// fill puts the sums into a load of which the measured time is known.
func (t *totals) fill(l *Load) {
	l.Operations, l.Phases = map[string]Operation{}, map[string]Distribution{}
	for name, sum := range t.operations {
		sum.row.Latency = sum.latency.Distribution()
		if l.Elapsed > 0 {
			sum.row.Rate = float64(sum.row.Latency.Count) / float64(l.Elapsed)
		}
		l.Operations[name] = sum.row
	}
	for name, h := range t.phases {
		l.Phases[name] = h.Distribution()
	}
	if t.slip != nil {
		l.Starts = &Starts{Late: t.late, Slip: t.slip.Distribution()}
	}
	l.Generator.Lag = t.lag.Distribution()
	if l.Sockets = t.sockets; l.Sockets != nil {
		l.Sockets.RTT = t.rtt.Distribution()
	}
	l.Verified, l.Limits = t.verified, t.limits
	l.Failures = groupFailures(t.failures)
	for _, sum := range t.targets {
		sum.row.Login, sum.row.Transfer = sum.login.Distribution(), sum.transfer.Distribution()
		if l.Elapsed > 0 {
			sum.row.Throughput = float64(sum.row.Bytes) / float64(l.Elapsed)
		}
		l.Targets = append(l.Targets, sum.row)
	}
}

func (s *Sessions) add(o Sessions) {
	s.AtOnce += o.AtOnce
	s.Completed += o.Completed
	s.Failed += o.Failed
	s.Interrupted += o.Interrupted
	// Each saw its part of what the server had room for, if it saw any.
	if s.RoomFor > 0 && o.RoomFor > 0 {
		s.RoomFor += o.RoomFor
	} else {
		s.RoomFor = 0
	}
}

// add adds another generator, but for its lag. What all of them have together is
// added; of what each has for itself the worst stays. When one of them was the
// limit, so were they together.
func (g *Generator) add(o Generator) {
	g.CPU += o.CPU
	if cores := g.Cores + o.Cores; cores > 0 {
		g.Share = (g.Share*float64(g.Cores) + o.Share*float64(o.Cores)) / float64(cores)
		g.Cores = cores
	}
	g.Peak = max(g.Peak, o.Peak)
	g.Watched += o.Watched
	g.Saturated += o.Saturated
	g.GC = Pauses{Count: g.GC.Count + o.GC.Count, Total: g.GC.Total + o.GC.Total, Max: max(g.GC.Max, o.GC.Max)}
	if g.OpenFiles == 0 || o.OpenFiles > 0 && o.OpenFiles < g.OpenFiles {
		g.OpenFiles = o.OpenFiles
	}
	g.FilesOpen = max(g.FilesOpen, o.FilesOpen)
	lacked := maps.Clone(g.Lacked)
	addCounts(&lacked, o.Lacked)
	g.Lacked = lacked
	if g.Shares == "" || o.Shares == SharedProcess {
		g.Shares = o.Shares
	}
	g.Limits = union(g.Limits, o.Limits)
	g.Warnings = union(g.Warnings, o.Warnings)
}

// add adds what the kernel of another machine knows, but for the round trips.
func (s *Sockets) add(o *Sockets) {
	s.Asked += o.Asked
	s.Segments += o.Segments
	s.Retransmitted += o.Retransmitted
	s.OutOfOrder += o.OutOfOrder
	if o.TimeWait != nil {
		n := *o.TimeWait
		if s.TimeWait != nil {
			n += *s.TimeWait
		}
		s.TimeWait = &n
	}
}

func (h *Histogram) add(d Distribution) error {
	other, err := d.Histogram()
	if err == nil {
		h.Merge(other)
	}
	return err
}

// in is the value of a key, made when there is none.
func in[T any](m *map[string]*T, key string) *T {
	if *m == nil {
		*m = map[string]*T{}
	}
	if (*m)[key] == nil {
		(*m)[key] = new(T)
	}
	return (*m)[key]
}

func addCounts(to *map[string]int64, counts map[string]int64) {
	for key, n := range counts {
		if *to == nil {
			*to = map[string]int64{}
		}
		(*to)[key] += n
	}
}

// union is a, and what b has besides.
func union(a, b []string) []string {
	a = slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// align fills in when the measured time began and how long it took, and the
// series. The runs are in the order of their begin.
func (l *Load) align(runs []Run) error {
	var begin, end Seconds // of the time that all of them measured
	for i := range runs {
		o := runs[i].Load
		if o.Elapsed <= 0 {
			continue // it was ended before there was anything to measure
		}
		if l.Started.IsZero() {
			l.Started = runs[i].began()
		}
		later := runs[i].began().Sub(l.Started)
		if after := InSeconds(later); later > maxApart || l.Elapsed > 0 && after > l.Elapsed {
			return fmt.Errorf("report: not at the same time: one generator began %v after the others had ended; do the clocks of the machines agree?",
				(after - l.Elapsed).Duration().Round(time.Millisecond))
		}
		begin = max(begin, InSeconds(later))
		if own := InSeconds(later) + o.Elapsed; end == 0 || own < end {
			end = own
		}
		l.Elapsed = max(l.Elapsed, InSeconds(later)+o.Elapsed)
		first := int(math.Round(later.Seconds()))
		for i, row := range o.Series {
			for len(l.Series) <= first+i {
				l.Series = append(l.Series, Interval{At: Seconds(len(l.Series))})
			}
			at := &l.Series[first+i]
			at.Active += row.Active
			at.Operations += row.Operations
			at.Failures += row.Failures
			at.Bytes += row.Bytes
		}
	}
	if together := max(end-begin, 0); together < 0.95*l.Elapsed {
		l.Generator.warn(fmt.Sprintf("all generators measured together for %.3g s; rates and throughput are over %.3g s, in which some had not begun or had ended", together, l.Elapsed))
	}
	return nil
}

// groupFailures adds up groups of the same kind. The first example of each stays.
func groupFailures(failures []Failure) []Failure {
	type kind struct {
		phase, cause string
		code         int
	}
	groups := map[kind]*Failure{}
	for _, f := range failures {
		k := kind{f.Phase, f.Cause, f.Code}
		if groups[k] == nil {
			groups[k] = &f
			continue
		}
		groups[k].Count += f.Count
	}
	var sum []Failure
	for f := range maps.Values(groups) {
		sum = append(sum, *f)
	}
	SortFailures(sum)
	return sum
}

// SortFailures puts groups of failures in the order of the report: the most
// frequent first.
func SortFailures(failures []Failure) {
	slices.SortFunc(failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Code, b.Code))
	})
}
