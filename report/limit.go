package report

import (
	"cmp"
	"maps"
	"slices"
)

// Limit adds up the transfers that were kept from being faster by one thing.
type Limit struct {
	// Transfers counts data connections, Bytes their payload.
	Transfers int64 `json:"transfers"`
	Bytes     int64 `json:"bytes"`
	// Elapsed is how long their payload was moving, in seconds. Transfers at the
	// same time count each for itself.
	Elapsed Seconds `json:"elapsed"`
	// Share is the part of Elapsed in that of all transfers, from 0 to 1.
	Share float64 `json:"share"`
}

// Values of [Load.LimitedBy] and keys of [Load.Limits] that mean something to
// this package.
const (
	// LimitGenerator: pasv itself was the limit.
	LimitGenerator = "generator"
	// LimitScenario: the scenario itself slowed the transfers down.
	LimitScenario = "scenario"
	// LimitUndecided is a key only: transfers that were too short, or of which too
	// little is known.
	LimitUndecided = "undecided"
)

// DecideLimit fills in the shares of Limits, and LimitedBy: the limit that held
// for more than half of the transfer time. It stays empty where there is none,
// in particular where most of the time is undecided.
//
// Time is weighed, not bytes: most bytes move where nothing holds them up.
func (l *Load) DecideLimit() {
	var all Seconds
	for _, m := range l.Limits {
		all += m.Elapsed
	}
	l.LimitedBy = ""
	for name, m := range l.Limits {
		m.Share = 0
		if all > 0 {
			m.Share = float64(m.Elapsed / all)
		}
		l.Limits[name] = m
		if name != LimitUndecided && m.Share > 0.5 {
			l.LimitedBy = name
		}
	}
}

// LimitsInOrder are the keys of Limits, the largest share first.
func (l *Load) LimitsInOrder() []string {
	return slices.SortedFunc(maps.Keys(l.Limits), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.Limits[b].Share, l.Limits[a].Share), cmp.Compare(a, b))
	})
}
