package text

import (
	"fmt"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

var weightColor = map[report.Weight]color{report.Blocking: red, report.Limited: yellow, report.Note: plain}

func (p *printer) diagnosis(d *report.Diagnosis) {
	summary := "no finding"
	if len(d.Findings) > 0 {
		summary = string(d.Findings[0].Code)
		if n := len(d.Findings) - 1; n > 0 {
			summary += fmt.Sprintf(", and %s", human.Plural(int64(n), "other finding"))
		}
	}
	p.section("DIAGNOSE", summary)
	for _, f := range d.Findings {
		p.blank()
		p.finding(f)
	}
	p.matrix(d.Matrix)
	p.ports(d)
}

// finding shows one cause, what speaks for it, and what to do.
func (p *printer) finding(f report.Finding) {
	c, mark := weightColor[f.Severity], strings.ToUpper(report.Printable(string(f.Severity)))
	if f.Code == report.Healthy {
		c, mark = green, "OK"
	}
	p.hang(0, indent, c, mark, string(f.Code))
	p.hang(indent, 0, plain, "", fmt.Sprintf("%s (confidence %s)", f.Title, human.Percent(f.Confidence)))
	p.list("evidence", f.Evidence)
	p.list("ruled out", f.RuledOut)
	p.list("advice", f.Advice)
}

func (p *printer) list(name string, items []string) {
	for _, item := range items {
		p.hang(indent, label+2, faint, fmt.Sprintf("%-*s-", label, name), item)
		name = ""
	}
}

// matrix shows every way to a data connection and what came of it.
func (p *printer) matrix(cells []report.Cell) {
	if len(cells) == 0 {
		return
	}
	var rows [][]string
	for _, c := range cells {
		outcome := c.Outcome
		if c.Dialled != "" {
			outcome += ", " + c.Dialled
		}
		if c.Detail != "" {
			outcome += ", " + c.Detail
		}
		rows = append(rows, []string{c.Way, c.Family, c.Protection, fmt.Sprintf("%d of %d", c.Worked, c.Tried), human.Duration(c.Elapsed), outcome})
	}
	p.blank()
	p.table(indent, 6, true, []string{"way", "family", "data", "worked", "slowest", "outcome"}, rows)
}

// ports shows the range and what became of its ports, in spans of the same fate.
func (p *printer) ports(d *report.Diagnosis) {
	if d.Range == nil && len(d.Ports) == 0 {
		return
	}
	p.blank()
	if r := d.Range; r != nil {
		p.labelled(indent, "ports", faint, fmt.Sprintf("%d-%d offered (%s, %d different)", r.First, r.Last, human.Plural(int64(r.Samples), "sample"), r.Distinct))
	}
	// What became of a port, and why, without its number.
	type fate struct{ state, detail string }
	var fates []fate
	spans := map[fate][]string{}
	for i := 0; i < len(d.Ports); {
		first := d.Ports[i]
		last, f := first, fate{first.State, first.Detail}
		for i++; i < len(d.Ports) && (fate{d.Ports[i].State, d.Ports[i].Detail}) == f && d.Ports[i].Port == last.Port+1; i++ {
			last = d.Ports[i]
		}
		span := fmt.Sprint(first.Port)
		if last.Port != first.Port {
			span += fmt.Sprintf("-%d", last.Port)
		}
		if spans[f] == nil {
			fates = append(fates, f)
		}
		spans[f] = append(spans[f], span)
	}
	for _, f := range fates {
		text := strings.Join(spans[f], " ")
		if f.detail != "" {
			text += " (" + f.detail + ")"
		}
		p.labelled(indent, f.state, faint, text)
	}
}
