package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Generator is how the load generator itself fared while the load was measured.
type Generator struct {
	// CPU is user plus system time of the process, in seconds.
	CPU Seconds `json:"cpu"`
	// Cores is the number of usable processors.
	Cores int `json:"cores"`
	// Share is the part of all its usable processors that the process took, Peak
	// the largest such part in one second; both from 0 to 1.
	Share float64 `json:"share"`
	Peak  float64 `json:"peak"`
	// Watched is the number of seconds that were looked at, Saturated that of
	// those in which the part was more than [SaturatedShare].
	Watched   int `json:"watched"`
	Saturated int `json:"saturated"`
	// Lag is how much later than it wanted the process came to something that was
	// due fifty times a second: what a session that has something to do waits for
	// this machine. Up to a millisecond means nothing: the timers of a process
	// that has nothing to do are rounded so.
	Lag Distribution `json:"lag"`
	// GC is how long the garbage collector stopped the process.
	GC Pauses `json:"gc"`
	// OpenFiles is the limit on file descriptors, FilesOpen the most that were
	// seen open at once; 0 when unknown.
	OpenFiles uint64 `json:"open_files,omitempty"`
	FilesOpen int    `json:"files_open,omitempty"`
	// Lacked counts connections that could not be made because this machine had
	// run out of something: "file descriptors", "ports", "resources".
	Lacked map[string]int64 `json:"lacked,omitempty"`
	// Shares says what the generator shares with the server: [SharedMachine],
	// [SharedProcess], or nothing as far as is known.
	Shares string `json:"shares,omitempty"`
	// Limits says why the generator was the limit, one reason a line; it was not
	// when there are none. See [Load.DecideGenerator].
	Limits []string `json:"limits,omitempty"`
	// Warnings say what else of the generator may show in the figures.
	Warnings []string `json:"warnings,omitempty"`
}

// Pauses add up the times in which a process stood still.
type Pauses struct {
	Count int64 `json:"count"`
	// Total and Max are in seconds.
	Total Seconds `json:"total"`
	Max   Seconds `json:"max"`
}

// Values of [Generator.Shares].
const (
	// SharedMachine: the server has an address of this machine.
	SharedMachine = "machine"
	// SharedProcess: the server is the one built into pasv.
	SharedProcess = "process"
)

// What makes the generator the limit; see [Load.DecideGenerator].
const (
	// SaturatedShare is the part of the usable processors above which none is
	// left for what comes on top.
	SaturatedShare = 0.9
	// BusyShare is the part above which a lag is put down to the process itself.
	BusyShare = 0.7
	// LongLag is what a lag must exceed to count.
	LongLag = 10 * time.Millisecond
	// ShortestVerdict is how many seconds must have been watched for a verdict on
	// processor and lag; what is seen in fewer may be the begin of the run.
	ShortestVerdict = 3
)

// DecideGenerator fills in the limits of the generator, and adds to its
// warnings. It was the limit
//
//   - when it lacked file descriptors, ports or other resources, were it once: the
//     server was not given the load that was asked for;
//   - when it took more than [SaturatedShare] of its processors in more than half
//     of the seconds watched;
//   - when the 99th percentile of its lag was above [LongLag], and it took more
//     than [BusyShare] of its processors on the average;
//   - when it was what limited the transfers (see [Load.DecideLimit]).
//
// What it took and how late it was is a warning only when fewer than
// [ShortestVerdict] seconds were watched. So are the last three when server and
// generator share a machine: there either can take the processors from the other,
// and whoever tests so wants to know how much both do together. A lag of a process
// that was not busy is a warning, too: something else keeps the processors.
func (l *Load) DecideGenerator() {
	g := &l.Generator
	g.Limits = nil
	for _, what := range slices.Sorted(maps.Keys(g.Lacked)) {
		g.Limits = append(g.Limits, fmt.Sprintf("it ran out of %s: %s could not be made", what, plural(int(g.Lacked[what]), "connection")))
	}
	var busy []string // as far as the processors tell
	if 2*g.Saturated > g.Watched {
		busy = append(busy, fmt.Sprintf("it took more than %.0f %% of %s in %d of %d s", 100*SaturatedShare, plural(g.Cores, "core"), g.Saturated, g.Watched))
	}
	late := g.Lag.P99.Duration() > LongLag
	lag := fmt.Sprintf("it was late by %s in one of a hundred cases, and took %.0f %% of %s", milliseconds(g.Lag.P99), 100*g.Share, plural(g.Cores, "core"))
	if late && g.Share > BusyShare {
		busy = append(busy, lag)
	}
	if len(busy) > 0 && g.Shares == "" && g.Watched < ShortestVerdict {
		g.warn(fmt.Sprintf("the generator may have been the limit, but %d s are too few to tell: %s", g.Watched, strings.Join(busy, "; ")))
		busy = nil
	}
	if l.LimitedBy == LimitGenerator {
		busy = append(busy, "most of the transfer time was spent waiting for it")
	}
	waiting := late && g.Share <= BusyShare
	if g.Shares != "" {
		if waiting {
			busy = append(busy, lag)
		}
		g.warn(g.sharing(busy))
		return
	}
	g.Limits = append(g.Limits, busy...)
	if waiting {
		g.warn("the generator was kept waiting: " + lag + "; something else keeps the processors of this machine busy")
	}
}

// sharing warns of what the figures of a shared machine mean.
func (g *Generator) sharing(seen []string) string {
	s := "server and generator share this machine"
	if g.Shares == SharedProcess {
		s = "server and generator are one process"
	}
	s += ": the figures are those of both together"
	if len(seen) > 0 {
		s += "; of the generator: " + strings.Join(seen, "; ")
	}
	return s
}

// warn adds a warning, once.
func (g *Generator) warn(s string) {
	if !slices.Contains(g.Warnings, s) {
		g.Warnings = append(g.Warnings, s)
	}
}

func milliseconds(s Seconds) string { return fmt.Sprintf("%.3g ms", 1000*float64(s)) }

// GeneratorLimited tells that the run describes its generator rather than the
// server: nothing that was measured is a verdict.
func (l *Load) GeneratorLimited() bool {
	return len(l.Generator.Limits) > 0 || l.LimitedBy == LimitGenerator && l.Generator.Shares == "" || l.Capacity != nil && l.Capacity.Generator
}
