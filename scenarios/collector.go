package scenarios

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// collector sums up what the recorders hand over. All of it belongs to one
// goroutine, the one of collect.
type collector struct {
	plan      *plan
	recorders []*recorder
	epoch     time.Time
	in        chan *batch
	edges     chan edge
	turned    chan struct{} // answers each edge
	progress  func(Snapshot)
	// share is the part of the run that is over.
	share func(elapsed time.Duration, sessions int64) float64

	operations []operation
	phases     [probe.Phases]report.Histogram
	limits     [limitPace + 1]limited
	slip       report.Histogram
	late       int64
	dropped    [reasons]int64
	ends       [3]int64 // by kind of session end
	done       int64
	refused    int64
	failed     int64
	failures   map[group]*report.Failure
	made       map[string]struct{}

	state       edge
	begin, end  time.Duration // of measuring, since the epoch
	series      []report.Interval
	bytes       int64 // of all recorders when measuring began
	last        int64 // when the last interval began
	total       int64 // while measured
	cpu         time.Duration
	shownAt     time.Duration
	shownBytes  int64
	intervalEnd time.Duration
}

// operation is what is known of one operation.
type operation struct {
	latency           report.Histogram
	refused, failures int64
	octets            int64
}

// limited is what is known of the transfers under one limit.
type limited struct {
	transfers, octets int64
	took              time.Duration
}

// edge is a moment at which the run changes.
type edge uint8

const (
	warming edge = iota
	// measuring: the warm-up is over.
	measuring
	// closing: sessions come to their end; what they moved from now on is not
	// counted any more, what they had begun before is.
	closing
)

const (
	interval    = time.Second
	progressGap = 500 * time.Millisecond
)

func newCollector(p *plan) *collector {
	return &collector{
		plan:       p,
		in:         make(chan *batch, 64),
		edges:      make(chan edge),
		turned:     make(chan struct{}),
		operations: make([]operation, len(p.names)),
		failures:   map[group]*report.Failure{},
		made:       map[string]struct{}{},
	}
}

// reach tells the collector that the run is at an edge, and returns when what
// was moved until then has been counted.
func (c *collector) reach(e edge) {
	c.edges <- e
	<-c.turned
}

// collect runs until in is closed.
func (c *collector) collect() {
	timer := time.NewTimer(c.untilNext())
	defer timer.Stop()
	for {
		select {
		case b, ok := <-c.in:
			if !ok {
				return
			}
			c.take(b)
		case e := <-c.edges:
			c.turn(e)
			c.turned <- struct{}{}
		case <-timer.C:
			c.tick()
		}
		timer.Reset(c.untilNext())
	}
}

// take counts a batch and gives it back.
func (c *collector) take(b *batch) {
	for _, s := range b.samples[:b.n] {
		c.count(s)
	}
	for i := range b.failures {
		c.group(&b.failures[i])
	}
	for _, path := range b.made {
		c.made[path] = struct{}{}
	}
	clear(b.failures) // the examples in it are large
	*b = batch{failures: b.failures[:0], made: b.made[:0]}
	batches.Put(b)
}

func (c *collector) count(s sample) {
	switch s.kind {
	case phaseDone:
		c.phases[s.which].Record(s.took)
	case transferDone:
		m := &c.limits[s.which]
		m.transfers++
		m.octets += s.octets
		m.took += s.took
	case operationDone:
		o := &c.operations[s.which]
		o.latency.Record(s.took)
		o.octets += s.octets
		c.done++
		if at := c.at(s.at); at != nil {
			at.Operations++
		}
	case operationRefused:
		c.operations[s.which].refused++
		c.refused++
		if at := c.at(s.at); at != nil {
			at.Operations++
		}
	case sessionStarted:
		c.slip.Record(s.took)
		if s.took > report.LateAfter {
			c.late++
		}
	case sessionDropped:
		c.dropped[s.which]++
	case operationFailed:
		o := &c.operations[s.which]
		o.failures++
		o.octets += s.octets
		c.failed++
		if at := c.at(s.at); at != nil {
			at.Failures++
		}
	default:
		c.ends[s.kind-sessionCompleted]++
	}
}

// at is the interval of a moment. What ended after the end of measuring is in none.
func (c *collector) at(t time.Duration) *report.Interval {
	if c.state == warming || t < c.begin || c.state == closing && t > c.end {
		return nil
	}
	i := int((t - c.begin) / interval)
	if c.state == closing && i >= len(c.series) && i > 0 {
		// The last interval has been closed, and may have taken in the next.
		i = len(c.series) - 1
	}
	for len(c.series) <= i {
		c.series = append(c.series, report.Interval{At: report.InSeconds(time.Duration(len(c.series)) * interval)})
	}
	return &c.series[i]
}

func (c *collector) group(f *failure) {
	g := c.failures[f.group]
	if g == nil {
		if len(c.failures) >= maxGroups {
			f.group = group{phase: f.phase, cause: "other"}
		}
		if g = c.failures[f.group]; g == nil {
			g = &report.Failure{Phase: f.phase, Cause: f.cause, Code: f.code}
			c.failures[f.group] = g
		}
	}
	g.Count++
	if g.Example == "" {
		g.Example, g.Transcript = f.text, f.lines
	}
}

// moved is the payload of all sessions so far, and active how many there are.
func (c *collector) moved() (octets int64, active int) {
	for _, r := range c.recorders {
		octets += r.moved.Load()
		active += int(r.active.Load())
	}
	return octets, active
}

func (c *collector) turn(e edge) {
	now := time.Since(c.epoch)
	octets, _ := c.moved()
	switch e {
	case measuring:
		c.begin, c.bytes, c.last, c.cpu = now, octets, octets, processorTime()
		c.intervalEnd = now + interval
		c.shownBytes = octets
	case closing:
		c.end = now
		if c.state == measuring {
			c.cpu = processorTime() - c.cpu
			c.total = octets - c.bytes
			c.closeSeries()
		} else {
			c.begin = now
		}
	}
	c.state = e
}

// closeInterval books what was moved in the interval that ends now.
func (c *collector) closeInterval() {
	octets, active := c.moved()
	if at := c.at(c.intervalEnd - interval); at != nil {
		at.Bytes, at.Active = octets-c.last, active
	}
	c.last = octets
}

// closeSeries ends the last interval, which may be short. What is left over
// because a timer came late goes to the interval before.
func (c *collector) closeSeries() {
	begun := c.intervalEnd - interval
	i := int((begun - c.begin) / interval)
	if i == 0 || c.end-begun > interval/10 {
		if c.end > begun {
			c.closeInterval()
		}
		return
	}
	octets, active := c.moved()
	last := &c.series[i-1]
	last.Bytes += octets - c.last
	last.Active = active
	for _, late := range c.series[i:] {
		last.Operations += late.Operations
		last.Failures += late.Failures
	}
	c.series = c.series[:i]
}

// untilNext is the time to the next tick.
func (c *collector) untilNext() time.Duration {
	next := c.shownAt + progressGap
	if c.state == measuring {
		next = min(next, c.intervalEnd)
	}
	return max(next-time.Since(c.epoch), 0)
}

func (c *collector) tick() {
	now := time.Since(c.epoch)
	// A tick that comes late gives its octets to the interval that it is late for.
	for c.state == measuring && now >= c.intervalEnd {
		c.closeInterval()
		c.intervalEnd += interval
	}
	if now >= c.shownAt+progressGap {
		c.show(now)
	}
}

func (c *collector) show(now time.Duration) {
	octets, active := c.moved()
	s := Snapshot{
		Elapsed: now, Warming: c.state == warming, Active: active,
		Completed:  c.ends[0],
		Failed:     c.ends[sessionFailed-sessionCompleted],
		Operations: c.done + c.refused,
		Late:       c.late,
	}
	switch c.state {
	case measuring:
		s.Bytes = octets - c.bytes
	case closing:
		s.Bytes = c.total
	}
	if gap := now - c.shownAt; gap > 0 {
		s.Throughput = float64(octets-c.shownBytes) / gap.Seconds()
	}
	s.Done = min(c.share(now, c.ends[0]+c.ends[1]+c.ends[2]), 1)
	c.shownAt, c.shownBytes = now, octets
	if c.progress != nil {
		c.progress(s)
	}
}

// load is the result. It is called after collect has returned.
func (c *collector) load(s *Scenario) report.Load {
	elapsed := c.end - c.begin
	l := report.Load{
		Scenario: string(s.Name),
		Model:    string(s.Load.Model),
		Sessions: report.Sessions{
			AtOnce:      s.Load.atOnce(),
			Completed:   c.ends[0],
			Failed:      c.ends[sessionFailed-sessionCompleted],
			Interrupted: c.ends[sessionInterrupted-sessionCompleted],
		},
		Operations: map[string]report.Operation{},
		Failures:   []report.Failure{},
		Bytes:      c.total,
		Elapsed:    report.InSeconds(elapsed),
		Phases:     map[string]report.Distribution{},
		Series:     c.series,
		Thresholds: []report.Threshold{},
		Generator:  generator(c.cpu),
		Limits:     map[string]report.Limit{},
	}
	if l.Series == nil {
		l.Series = []report.Interval{}
	}
	if elapsed > 0 {
		l.Throughput = float64(c.total) / elapsed.Seconds()
	}
	m := measured{
		operations: map[string]*report.Histogram{}, phases: map[string]*report.Histogram{},
		octets: map[string]int64{}, slip: &c.slip, done: c.done + c.refused, failed: c.failed, bytes: c.total, elapsed: elapsed,
	}
	c.keeping(&l, &m)
	for i, name := range c.plan.names {
		o := &c.operations[i]
		m.operations[name] = &o.latency
		m.octets[name] = o.octets
		row := report.Operation{Failures: o.failures, Refused: o.refused, Bytes: o.octets, Latency: o.latency.Distribution()}
		if elapsed > 0 {
			row.Rate = float64(row.Latency.Count) / elapsed.Seconds()
		}
		l.Operations[name] = row
	}
	for i := range c.phases {
		if h := &c.phases[i]; h.Count() > 0 {
			name := probe.Phase(i).String()
			m.phases[name] = h
			l.Phases[name] = h.Distribution()
		}
	}
	for i, m := range c.limits {
		if m.transfers > 0 {
			name := limitName(probe.Limit(i))
			l.Limits[name] = report.Limit{Transfers: m.transfers, Bytes: m.octets, Elapsed: report.InSeconds(m.took)}
		}
	}
	l.DecideLimit()
	for _, f := range c.failures {
		l.Failures = append(l.Failures, *f)
	}
	// The most frequent first.
	slices.SortFunc(l.Failures, func(a, b report.Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Code, b.Code))
	})
	for _, w := range s.Want {
		l.Thresholds = append(l.Thresholds, w.judge(&m))
	}
	login, ok := l.Operations["login"]
	l.Unreached = ok && login.Latency.Count == 0 && login.Failures > 0
	return l
}

func limitName(l probe.Limit) string {
	switch l {
	case probe.NoLimit:
		return report.LimitUndecided
	case limitPace:
		return report.LimitScenario
	}
	return l.String()
}

// keeping tells how an open model kept to its schedule.
func (c *collector) keeping(l *report.Load, m *measured) {
	for why, n := range c.dropped {
		if n > 0 {
			if l.DroppedFor == nil {
				l.DroppedFor = map[string]int64{}
			}
			l.DroppedFor[reason(why).String()] = n
			l.Dropped += n
		}
	}
	if c.slip.Count() > 0 {
		l.Starts = &report.Starts{Late: c.late, Slip: c.slip.Distribution()}
	}
	m.late, m.dropped = c.late, l.Dropped
	m.sessions = l.Sessions.Completed
}

// files are the paths that sessions have made, sorted.
func (c *collector) files() []string { return slices.Sorted(maps.Keys(c.made)) }
