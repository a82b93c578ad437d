package report

import (
	"slices"
)

// Fairness tells how evenly a closed model's load was served. What is compared
// is the places for sessions: what one session after the other did in the
// measured time.
type Fairness struct {
	// Unjudged says why nothing was compared; empty when something was.
	Unjudged string `json:"unjudged,omitempty"`
	// Sessions is how many places were compared: those that were taken for the
	// whole measured time.
	Sessions int `json:"sessions"`
	// Bytes is payload in both directions, Operations counts what came out as it had to.
	Bytes      Spread `json:"bytes"`
	Operations Spread `json:"operations"`
}

// Spread is how numbers differ from each other.
type Spread struct {
	Min    int64   `json:"min"`
	Median float64 `json:"median"`
	Max    int64   `json:"max"`
	// Jain is Jain's index of fairness: 1 when all are the same, 1/n when one of
	// n has everything. It is 0 when nobody has anything.
	Jain float64 `json:"jain"`
}

// SpreadOf is the spread of numbers that are not negative. It sorts them.
func SpreadOf(n []int64) Spread {
	if len(n) == 0 {
		return Spread{}
	}
	slices.Sort(n)
	half := len(n) / 2
	s := Spread{Min: n[0], Max: n[len(n)-1], Median: float64(n[half])}
	if len(n)%2 == 0 {
		s.Median = (float64(n[half-1]) + float64(n[half])) / 2
	}
	var sum, squares float64
	for _, v := range n {
		// By the largest, so that squares of bytes stay in range.
		share := float64(v) / float64(max(s.Max, 1))
		sum += share
		squares += share * share
	}
	if squares > 0 {
		s.Jain = min(sum*sum/(float64(len(n))*squares), 1)
	}
	return s
}
