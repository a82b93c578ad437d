package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Observation is something about the server that the figures of a load run show
// together, and none of them alone.
type Observation struct {
	// Code is one of the constants below.
	Code string `json:"code"`
	// Text is the observation with its figures, in one sentence. It may hold text
	// of the server, unescaped.
	Text string `json:"text"`
}

// The codes of observations.
const (
	// SessionsLimited: the server turns sessions away with 421 when it has so many.
	SessionsLimited = "session-limit"
	// DataWrong: downloads were not what they had to be, and the server called
	// them complete.
	DataWrong = "data-wrong"
	// PortsExhausted: the server had no passive port left (425).
	PortsExhausted = "ports-exhausted"
	// PortsLost: the server had no passive port left after it had offered more of
	// them, hardly one twice, than there were sessions to use them.
	PortsLost = "ports-lost"
	// TransfersStall: transfers went silent and never ended.
	TransfersStall = "transfers-stall"
	// SlowsDown: among many sessions each gets less than half as much done as among few.
	SlowsDown = "slows-down"
)

// Observe fills in Observations.
func (l *Load) Observe() {
	l.Observations = nil
	for _, o := range []struct{ code, text string }{
		{SessionsLimited, l.sessionsLimited()},
		{DataWrong, l.dataWrong()},
		{PortsLost, l.noPorts(true)},
		{PortsExhausted, l.noPorts(false)},
		{TransfersStall, l.stall()},
		{SlowsDown, l.slowDown()},
	} {
		if o.text != "" {
			l.Observations = append(l.Observations, Observation{o.code, o.text})
		}
	}
}

// matching adds up the groups of failures that f accepts, with the first example.
func (l *Load) matching(f func(*Failure) bool) (count int64, example string) {
	for i := range l.Failures {
		if g := &l.Failures[i]; f(g) {
			count += g.Count
			example = cmp.Or(example, g.Example)
		}
	}
	return count, example
}

// The phases, causes and codes of failures that observations are made of.
const (
	causeVerify  = "verify"
	causeStalled = "stalled"

	codeTurnedAway = 421
	codeNoPort     = 425
)

func (l *Load) sessionsLimited() string {
	n, example := l.matching(func(f *Failure) bool {
		return f.Code == codeTurnedAway && slices.Contains([]string{"greeting", "login", "tls"}, f.Phase)
	})
	switch {
	case n == 0:
		return ""
	case l.Sessions.RoomFor == 0:
		return fmt.Sprintf("session limit: %s turned away (%s)", plural(int(n), "session"), example)
	}
	return fmt.Sprintf("session limit: at most %d logged in at once, %s turned away (%s)", l.Sessions.RoomFor, plural(int(n), "session"), example)
}

func (l *Load) dataWrong() string {
	n, example := l.matching(func(f *Failure) bool { return f.Cause == causeVerify })
	if n == 0 {
		return ""
	}
	all := n
	if l.Verified != nil {
		all += l.Verified.Transfers
	}
	return fmt.Sprintf("wrong data: %d of %s that %s compared, 1 in %s (%s)", n, plural(int(all), "download"), were(all), figure(float64(all)/float64(n)), example)
}

// noPorts tells of replies of 425 to PASV and EPSV. A session needs one port at
// a time: a server that has offered more ports than there are sessions, and
// hardly one twice, does not take back what it has given. One that has no more of
// them than there are sessions may merely be short of them for a moment. Where
// ports abound and come again, the refusal has another reason.
func (l *Load) noPorts(lost bool) string {
	n, example := l.matching(func(f *Failure) bool { return f.Code == codeNoPort && f.Phase == "passive" })
	p := l.PassivePorts
	if n == 0 || p == nil || len(l.Targets) > 0 { // of which of several targets, nobody knows
		return ""
	}
	abound := p.Distinct > l.Sessions.AtOnce
	if lost != abound || lost && p.Reused > p.Offered/10 {
		return ""
	}
	how := "no passive port is left"
	if lost {
		how = "passive ports are not given back"
	}
	return fmt.Sprintf("%s: %s answered 425, %s from %d to %d were offered to %s at once (%s)", how, plural(int(n), "request"),
		plural(p.Distinct, "port"), p.Lowest, p.Highest, plural(l.Sessions.AtOnce, "session"), example)
}

func (l *Load) stall() string {
	n, example := l.matching(func(f *Failure) bool {
		return f.Cause == causeStalled && slices.Contains([]string{"opening", "first-byte", "transfer", "completion"}, f.Phase)
	})
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("transfers stall: %d went silent (%s)", n, example)
}

// slowDown compares what few sessions got done in a search for capacity with what
// many did. Steps at which this machine was the limit say nothing about the server.
func (l *Load) slowDown() string {
	if l.Capacity == nil {
		return ""
	}
	steps := slices.DeleteFunc(slices.Clone(l.Capacity.Steps), func(s CapacityStep) bool { return s.LimitedBy == LimitGenerator })
	if len(steps) < 2 {
		return ""
	}
	slices.SortStableFunc(steps, func(a, b CapacityStep) int { return cmp.Compare(a.Sessions, b.Sessions) })
	few, many := steps[0], steps[len(steps)-1]
	each := func(s CapacityStep) float64 { return s.Rate / float64(max(s.Sessions, 1)) }
	// Twice the sessions are needed to tell; each of them may get half as slow.
	if many.Sessions < 2*few.Sessions || each(many) > each(few)/2 {
		return ""
	}
	text := fmt.Sprintf("slows down with sessions: each gets %s operations per second with %d, %s with %d (all together %s and %s)",
		figure(each(few)), few.Sessions, figure(each(many)), many.Sessions, figure(few.Rate), figure(many.Rate))
	if l.Generator.Shares != "" {
		text += "; server and generator share this machine"
	}
	return text
}

// figure is a number with at least three digits.
func figure(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
