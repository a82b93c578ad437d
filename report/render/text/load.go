package text

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

func (p *printer) load(l *report.Load) {
	p.section("LOAD", fmt.Sprintf("%s, %s model, %s measured", l.Scenario, l.Model, human.Duration(l.Elapsed)))
	if l.Unreached {
		p.hang(indent, 0, red, "", "not one session got past its login")
	}
	p.blank()

	if l.Capacity != nil {
		p.capacity(l)
	}
	s := l.Sessions
	sessions := []string{human.Count(s.Completed) + " completed", human.Count(s.Failed) + " failed"}
	if s.Interrupted > 0 {
		sessions = append(sessions, human.Count(s.Interrupted)+" cut short by the end of the run")
	}
	p.labelled(indent, "sessions", faint, strings.Join(sessions, ", ")+"; "+human.Count(int64(s.AtOnce))+" at once")
	if l.Starts != nil || l.Dropped > 0 {
		p.labelled(indent, "starts", faint, starts(l))
	}
	if r := refused(l); r != "" {
		p.labelled(indent, "refused", faint, r+", as the scenario expects")
	}
	p.labelled(indent, "throughput", faint, fmt.Sprintf("%s, %s in all", human.Throughput(l.Throughput), human.Bytes(float64(l.Bytes))))
	if l.LimitedBy != "" || len(l.Limits) > 0 {
		p.labelled(indent, "limited by", faint, limited(l))
	}
	p.service(l)
	g := l.Generator
	if l.Elapsed > 0 && g.Cores > 0 {
		p.labelled(indent, "generator", faint, generator(l))
	}
	for _, w := range g.Warnings {
		p.labelled(indent, "warning", yellow, w)
	}
	p.targets(l.Targets)

	if len(l.Operations) > 0 {
		var rows [][]string
		for _, name := range human.InOrder(l.Operations) {
			o := l.Operations[name]
			rows = append(rows, append([]string{name, human.Count(o.Latency.Count), human.Count(o.Failures), human.Rate(o.Rate)}, quantiles(o.Latency)...))
		}
		p.blank()
		p.table(indent, 1, false, []string{"operation", "count", "failed", "per s", "p50", "p90", "p99", "max"}, rows)
	}
	if len(l.Phases) > 0 {
		var rows [][]string
		for _, name := range human.InOrder(l.Phases) {
			d := l.Phases[name]
			rows = append(rows, append([]string{name, human.Count(d.Count)}, quantiles(d)...))
		}
		p.blank()
		p.table(indent, 1, false, []string{"phase", "count", "p50", "p90", "p99", "max"}, rows)
	}
	p.failures(l.Failures)
	p.observations(l.Observations)
	p.thresholds(l.Thresholds)
}

// starts is how the schedule of an open model was kept: "p50 0.030 ms late, p99
// 0.40 ms, max 12 ms; 3 by more than 10.0 ms; 7 not at all (at-most 5, ports 2)".
func starts(l *report.Load) string {
	var parts []string
	if s := l.Starts; s != nil {
		parts = append(parts,
			fmt.Sprintf("p50 %s late, p99 %s, max %s", human.Duration(s.Slip.P50), human.Duration(s.Slip.P99), human.Duration(s.Slip.Max)),
			fmt.Sprintf("%s by more than %s", human.Count(s.Late), human.Duration(report.InSeconds(report.LateAfter))))
	}
	if l.Dropped > 0 {
		var reasons []string
		for _, why := range slices.Sorted(maps.Keys(l.DroppedFor)) {
			reasons = append(reasons, why+" "+human.Count(l.DroppedFor[why]))
		}
		parts = append(parts, fmt.Sprintf("%s not at all (%s)", human.Count(l.Dropped), strings.Join(reasons, ", ")))
	}
	return strings.Join(parts, "; ")
}

// refused is the operations that were refused as the scenario expected: "retr 4,
// passive 12"; empty when there are none.
func refused(l *report.Load) string {
	var parts []string
	for _, name := range human.InOrder(l.Operations) {
		if n := l.Operations[name].Refused; n > 0 {
			parts = append(parts, name+" "+human.Count(n))
		}
	}
	return strings.Join(parts, ", ")
}

// limited is what limited the transfers, and the shares that it rests on:
// "server (84 % of the transfer time in 5 transfers, network 16 % in 1)".
func limited(l *report.Load) string {
	head := cmp.Or(l.LimitedBy, report.LimitUndecided)
	var shares []string
	for i, name := range l.LimitsInOrder() {
		m := l.Limits[name]
		share := human.Percent(m.Share)
		if name != head || i > 0 {
			share = name + " " + share
		}
		if i == 0 {
			shares = append(shares, share+" of the transfer time in "+human.Plural(m.Transfers, "transfer"))
			continue
		}
		shares = append(shares, share+" in "+human.Count(m.Transfers))
	}
	if len(shares) == 0 {
		return head
	}
	return head + " (" + strings.Join(shares, ", ") + ")"
}

func quantiles(d report.Distribution) []string {
	if d.Count == 0 {
		return []string{"-", "-", "-", "-"}
	}
	return []string{human.Duration(d.P50), human.Duration(d.P90), human.Duration(d.P99), human.Duration(d.Max)}
}

func (p *printer) failures(failures []report.Failure) {
	for i, f := range failures {
		if i == 0 {
			p.blank()
		}
		what := f.Phase + " " + f.Cause
		if f.Code != 0 {
			what += fmt.Sprintf(" %d", f.Code)
		}
		p.hang(0, indent, red, "FAIL", fmt.Sprintf("%s x %s", human.Count(f.Count), what))
		p.labelled(indent, "example", faint, f.Example)
		if p.Verbose && len(f.Transcript) > 0 {
			p.transcript(indent, "of the example", f.Transcript)
		}
	}
}

func (p *printer) thresholds(thresholds []report.Threshold) {
	for i, t := range thresholds {
		if i == 0 {
			p.blank()
		}
		mark, c, rest := "MET", green, ""
		if !t.Met {
			mark, c, rest = "FAIL", red, "wanted "
		}
		p.hang(0, indent, c, mark, fmt.Sprintf("%s%s, measured %s", rest, t.Want, t.Value))
	}
}
