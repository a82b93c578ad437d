package text

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

// ownLimit says before everything else that the run describes the generator, and why.
func (p *printer) ownLimit(l *report.Load) {
	p.hang(0, indent, yellow, "LIMIT", "the generator was the limit: what was measured does not describe the server")
	for _, reason := range l.Generator.Limits {
		p.hang(indent, 0, plain, "", reason)
	}
	p.blank()
}

// generator is how the process fared: "34 % of 2 cores, at most 61 % in a second;
// lag p50 0.06 ms, p99 1.1 ms, max 4.0 ms; 12 pauses for garbage, 0.4 ms at most;
// 212 of 20,000 files open".
func generator(l *report.Load) string {
	g := &l.Generator
	share := g.Share
	if share == 0 {
		share = float64(g.CPU/l.Elapsed) / float64(g.Cores)
	}
	cpu := fmt.Sprintf("%s of %s", human.Percent(share), human.Plural(int64(g.Cores), "core"))
	if g.Watched > 0 {
		cpu += fmt.Sprintf(", at most %s in a second", human.Percent(g.Peak))
	}
	parts := []string{cpu}
	if d := g.Lag; d.Count > 0 {
		parts = append(parts, fmt.Sprintf("lag p50 %s, p99 %s, max %s", human.Duration(d.P50), human.Duration(d.P99), human.Duration(d.Max)))
	}
	if g.GC.Count > 0 {
		parts = append(parts, fmt.Sprintf("%s for garbage, %s in all, %s at most", human.Plural(g.GC.Count, "pause"), human.Duration(g.GC.Total), human.Duration(g.GC.Max)))
	}
	if g.FilesOpen > 0 && g.OpenFiles > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s file descriptors", human.Count(int64(g.FilesOpen)), human.Count(int64(min(g.OpenFiles, 1<<62)))))
	}
	return strings.Join(parts, "; ")
}

// targets has a row for each of several targets.
func (p *printer) targets(targets []report.TargetLoad) {
	if len(targets) == 0 {
		return
	}
	p.blank()
	var rows [][]string
	for i, t := range targets {
		number := strconv.Itoa(i + 1)
		name := t.URL
		if t.Address != "" && !strings.Contains(t.URL, t.Address) {
			name += " at " + t.Address
		}
		rows = append(rows, []string{number, human.Count(t.Sessions), human.Count(t.Operations),
			human.Count(t.Failures), human.Bytes(t.Throughput), quantile(t.Login), quantile(t.Transfer)})
		p.labelled(indent, "target "+number, faint, fmt.Sprintf("%s, weight %d", name, t.Weight))
	}
	p.blank()
	p.table(indent, 1, false, []string{"target", "sessions", "ops", "failed", "per s", "login p99", "transfer p99"}, rows)
}

// quantile is the 99th percentile.
func quantile(d report.Distribution) string {
	if d.Count == 0 {
		return "-"
	}
	return human.Duration(d.P99)
}
