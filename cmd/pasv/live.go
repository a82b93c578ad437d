package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/cmd/internal/bars"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/jsonl"
	"github.com/passiveftp/pasv/scenarios"
)

// defaultInterval is the time between two looks at a running load.
const defaultInterval = time.Second

// shortestInterval keeps the looks from being a load of their own.
const shortestInterval = 100 * time.Millisecond

// watch registers the flag of commands that put load on a server.
func (c *common) watch(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&c.interval, "interval", defaultInterval, "look at the running load so often: bars on a terminal, else a line; and a line of --jsonl")
}

// live turns the snapshots of a load into words and bars.
type live struct {
	// The most that was seen, for the length of bars.
	rate, throughput float64
	p99              report.Seconds
}

// line is the snapshot in one line: "00:12 of 00:35, 16 sessions, 812.3 MiB/s,
// 1234/s, p99 12.3 ms, 0 failed". Of the warm-up only the payload is known.
func (*live) line(s scenarios.Snapshot) string {
	parts := []string{clock(s), fmt.Sprintf("%d sessions", s.Active), throughput(s)}
	if !s.Warming {
		parts = append(parts, rate(s), "p99 "+p99(s), fmt.Sprintf("%d failed", s.Failures))
	}
	return strings.Join(append(parts, mishaps(s)...), ", ")
}

// rows are the bars of the snapshot. Where there is no end of the scale, it is the
// most that was seen so far.
func (l *live) rows(s scenarios.Snapshot) []bars.Row {
	l.rate = max(l.rate, s.Latest.Rate())
	l.throughput = max(l.throughput, s.Latest.Throughput())
	l.p99 = max(l.p99, s.Latest.Latency.P99)
	failures := fmt.Sprintf("%d of %d", s.Failures, s.Operations+s.Failures)
	return []bars.Row{
		{Name: "load", Text: clock(s), Share: s.Done},
		{Name: "sessions", Text: fmt.Sprintf("%d of %d", s.Active, s.AtOnce), Share: float64(s.Active) / float64(s.AtOnce)},
		{Name: "rate", Text: rate(s), Share: s.Latest.Rate() / l.rate},
		{Name: "throughput", Text: throughput(s), Share: s.Latest.Throughput() / l.throughput},
		{Name: "p99", Text: p99(s), Share: float64(s.Latest.Latency.P99 / l.p99)},
		{Name: "failures", Text: strings.Join(append([]string{failures}, mishaps(s)...), ", "), Share: float64(s.Failures) / float64(s.Operations+s.Failures)},
	}
}

// clock is how far the load has come: "00:12 of 00:35", "step 3, 00:12 (ending)".
func clock(s scenarios.Snapshot) string {
	text := bars.Clock(s.Elapsed)
	switch {
	case s.Step > 0:
		text = fmt.Sprintf("step %d, %s", s.Step, text)
	case s.Total > 0:
		text += " of " + bars.Clock(s.Total)
	default:
		text += fmt.Sprintf(", %.0f %%", 100*s.Done)
	}
	switch {
	case s.Warming:
		text += " (warm-up)"
	case s.Ending:
		text += " (ending)"
	}
	return text
}

func rate(s scenarios.Snapshot) string {
	if s.Warming {
		return "-"
	}
	return fmt.Sprintf("%.4g/s", s.Latest.Rate())
}

func throughput(s scenarios.Snapshot) string {
	return fmt.Sprintf("%.1f MiB/s", s.Latest.Throughput()/(1<<20))
}

// p99 is the latency of the operations of the latest interval.
func p99(s scenarios.Snapshot) string {
	if s.Latest.Latency.Count == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4g ms", float64(1000*s.Latest.Latency.P99))
}

// mishaps are what is worth a word only where it occurs.
func mishaps(s scenarios.Snapshot) (parts []string) {
	if s.Late > 0 {
		parts = append(parts, fmt.Sprintf("%d late", s.Late))
	}
	if s.Dropped > 0 {
		parts = append(parts, fmt.Sprintf("%d dropped", s.Dropped))
	}
	return parts
}

// intervalOf is the latest interval of a snapshot as a line of JSON.
func intervalOf(s scenarios.Snapshot) jsonl.Interval {
	i := s.Latest
	return jsonl.Interval{
		Interval: report.Interval{At: report.InSeconds(i.At), Active: s.Active, Operations: i.Operations, Failures: i.Failures, Bytes: i.Bytes},
		Step:     s.Step, Elapsed: report.InSeconds(i.Took), Dropped: i.Dropped, Rate: i.Rate(), Throughput: i.Throughput(), Latency: i.Latency,
	}
}
