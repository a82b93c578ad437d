package scenarios

import (
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
	shower    shower
	// share is the part of the run that is over.
	share func(elapsed time.Duration, sessions int64) float64

	operations []operation
	phases     [probe.Phases]report.Histogram
	limits     [limitPace + 1]limited
	slip       report.Histogram
	rtt        report.Histogram
	sums       sums
	ports      ports
	room       room
	begun      []mark // of the recorders, when measuring began
	ended      []mark
	late       int64
	dropped    [reasons]int64
	ends       [3]int64 // by kind of session end
	done       int64
	refused    int64
	failed     int64
	failures   map[group]*report.Failure
	made       map[made]struct{}
	lacked     [reasons]int64
	parts      parts // by target, if there are several

	state       edge
	begin, end  time.Duration // of measuring, since the epoch
	series      []report.Interval
	bytes       int64 // of all recorders when measuring began
	last        int64 // when the last interval began
	total       int64 // while measured
	cpu         time.Duration
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
		made:       map[made]struct{}{},
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
		c.parts.count(s)
	}
	c.sums.add(b.sums)
	c.room.look(c)
	for i := range b.failures {
		c.lack(b.failures[i].lacking)
		c.group(&b.failures[i])
		c.room.failed(&b.failures[i])
	}
	for _, m := range b.made {
		c.made[m] = struct{}{}
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
		c.shower.record(s.took)
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
	case portOffered:
		c.ports.offered(uint16(s.octets), s.at)
	case roundTrip:
		c.rtt.Record(s.took)
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

// lack counts a failure for want of something that this machine ran out of.
func (c *collector) lack(why reason) {
	if int(why) < reasons {
		c.lacked[why]++
	}
}

// moved is the payload of all sessions so far, and active how many there are.
func (c *collector) moved() (octets int64, active int) {
	for _, r := range c.recorders {
		octets += r.payload()
		active += int(r.active.Load())
	}
	return octets, active
}

func (c *collector) turn(e edge) {
	now := time.Since(c.epoch)
	octets, _ := c.moved()
	switch e {
	case measuring:
		c.show(now) // the end of the warm-up
		c.shower.restart(now, octets)
		c.begin, c.bytes, c.last, c.cpu = now, octets, octets, processorTime()
		c.intervalEnd = now + interval
		c.begun = c.marks()
	case closing:
		c.end = now
		c.ended = c.marks()
		if c.state == measuring {
			c.show(now)
			c.cpu = processorTime() - c.cpu
			c.total = octets - c.bytes
			c.closeSeries()
		} else {
			c.begin = now
		}
	}
	c.parts.turn(e, c.recorders)
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
	next := c.shower.next
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
	if now >= c.shower.next {
		c.show(now)
	}
}

// load is the result. It is called after collect has returned.
func (c *collector) load(s *Scenario) report.Load {
	elapsed := c.end - c.begin
	l := report.Load{
		Scenario: string(s.Name),
		Model:    string(s.Load.Model),
		Sessions: report.Sessions{
			AtOnce:      s.Load.AtOnce(),
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
		l.Started = c.epoch.Add(c.begin).Round(0)
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
	report.SortFailures(l.Failures)
	for _, w := range s.Want {
		l.Thresholds = append(l.Thresholds, w.judge(&m))
	}
	l.Sessions.RoomFor = c.room.sessions()
	l.Fairness, l.Verified, l.PassivePorts, l.Sockets = c.fairness(s), c.verified(), c.ports.result(), c.connections()
	login, ok := l.Operations["login"]
	reached := slices.ContainsFunc(c.recorders, func(r *recorder) bool { return r.reached })
	l.Unreached = ok && login.Latency.Count == 0 && login.Failures > 0 && !reached
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

// files are the paths that sessions have made at a target, sorted.
func (c *collector) files(target int) (paths []string) {
	for m := range c.made {
		if int(m.target) == target {
			paths = append(paths, m.path)
		}
	}
	slices.Sort(paths)
	return paths
}
