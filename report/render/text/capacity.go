package text

import (
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

// capacity is the answer of a search, and the runs that it rests on.
func (p *printer) capacity(l *report.Load) {
	c := l.Capacity
	p.labelled(indent, "capacity", faint, c.Answer())
	if len(c.Steps) == 0 {
		p.blank()
		return
	}
	var rows [][]string
	for _, s := range c.Steps {
		result := "held"
		if !s.Held {
			result = strings.Join(s.BrokenBy, "; ")
		}
		if s.LimitedBy == report.LimitGenerator {
			result += " (this machine was the limit)"
		}
		rows = append(rows, []string{human.Count(int64(s.Sessions)), human.Rate(s.Rate), human.Throughput(s.Throughput), human.Duration(s.P99), human.Count(s.Failed), result})
	}
	p.blank()
	p.table(indent, 0, true, []string{"sessions", "per s", "throughput", "p99", "failed", "thresholds"}, rows)
	p.blank()
	p.line(strings.Repeat(" ", indent) + p.paint(faint, "what follows is the run with "+human.Plural(int64(l.Sessions.AtOnce), "session")))
	p.blank()
}
