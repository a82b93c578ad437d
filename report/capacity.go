package report

import (
	"fmt"
	"strings"
)

// Capacity is the answer of a search for the largest number of sessions at which
// the thresholds hold.
type Capacity struct {
	// Sessions is the largest number at which they held; 0 when they held at none.
	Sessions int `json:"sessions"`
	// BrokenAt is the smallest number at which they did not hold, 0 when there was
	// none, and BrokenBy what broke there.
	BrokenAt int      `json:"broken_at,omitempty"`
	BrokenBy []string `json:"broken_by,omitempty"`
	// AtLeast tells that Sessions is no limit of the server: the scenario allows no
	// more, or, with Generator, this machine was the limit at BrokenAt.
	AtLeast   bool `json:"at_least,omitempty"`
	Generator bool `json:"generator,omitempty"`
	// Steps are the runs of the search, in their order.
	Steps []CapacityStep `json:"steps"`
}

// CapacityStep is the run with one number of sessions.
type CapacityStep struct {
	Sessions int `json:"sessions"`
	// Held tells that all thresholds held; where there are none, that no session failed.
	Held bool `json:"held"`
	// Rate is the number of operations per second, Throughput the payload in bytes
	// per second.
	Rate       float64 `json:"rate"`
	Throughput float64 `json:"throughput"`
	// P99 is that of the operation Slowest, the one whose 99th percentile is the largest.
	P99     Seconds `json:"p99"`
	Slowest string  `json:"slowest,omitempty"`
	// Failed counts failed operations.
	Failed int64 `json:"failed"`
	// BrokenBy is what did not hold.
	BrokenBy []string `json:"broken_by,omitempty"`
	// LimitedBy is that of the step's own run.
	LimitedBy string `json:"limited_by,omitempty"`
}

// Answer is the result of the search in one sentence: "20 sessions at once; with
// 21: p99(login) < 20ms, measured 43 ms".
func (c *Capacity) Answer() string {
	broken := ""
	if c.BrokenAt > 0 {
		broken = fmt.Sprintf("with %d: %s", c.BrokenAt, strings.Join(c.BrokenBy, "; "))
	}
	var parts []string
	switch {
	case c.Sessions == 0 && c.BrokenAt == 0:
		return "nothing was found out about the capacity"
	case c.Sessions == 0:
		return "not one number of sessions held; " + broken
	case c.AtLeast:
		parts = append(parts, fmt.Sprintf("at least %s at once", plural(c.Sessions, "session")))
	default:
		parts = append(parts, plural(c.Sessions, "session")+" at once")
	}
	switch {
	case c.Generator:
		parts = append(parts, "this machine was the limit")
	case c.AtLeast:
		parts = append(parts, "more were not tried")
	}
	if broken != "" {
		parts = append(parts, broken)
	}
	return strings.Join(parts, "; ")
}
