package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

// attention lists the verdicts that are shown in full, the worst first.
var attention = []report.Verdict{report.Fail, report.XPass, report.Error, report.Warn, report.Inconclusive}

// order lists the verdicts as the summary counts them.
var order = []report.Verdict{
	report.Pass, report.Info, report.Warn, report.Fail, report.XFail, report.XPass,
	report.Inconclusive, report.Error, report.Skip,
}

var verdictColor = map[report.Verdict]color{
	report.Pass: green, report.Info: plain, report.Warn: yellow, report.Fail: red, report.XFail: yellow, report.XPass: red,
	report.Inconclusive: yellow, report.Error: red, report.Skip: faint,
}

func (p *printer) check(c *report.Check) {
	total, counts := 0, []string{}
	for _, v := range order {
		if n := c.Summary[v]; n > 0 {
			total += n
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	summary := human.Plural(int64(total), "requirement")
	if len(counts) > 0 {
		summary += ": " + strings.Join(counts, ", ")
	}
	if c.Strict {
		summary += " (weighed strictly)"
	}
	p.section("CHECK", summary)
	if c.Unreached {
		p.hang(indent, 0, red, "", "the server could not be reached or logged in to")
	}

	if p.Verbose {
		p.quiet(c, report.Pass, report.Info)
	}
	for _, v := range attention {
		for _, r := range c.Results {
			if r.Verdict == v {
				p.blank()
				p.result(r, c.FailOn)
			}
		}
	}
	if n := noted(c.Results); n > 0 && !p.Verbose {
		p.blank()
		p.hang(0, indent, plain, "NOTE", fmt.Sprintf("%d passed with a note (-v shows them)", n))
	}
	p.grouped(c, report.XFail, "expected to fail (baseline)")
	p.grouped(c, report.Skip, "not judged")
}

// quiet lists results with nothing to look at, one line each.
func (p *printer) quiet(c *report.Check, verdicts ...report.Verdict) {
	first := true
	for _, r := range c.Results {
		if !slices.Contains(verdicts, r.Verdict) {
			continue
		}
		if first {
			p.blank()
			first = false
		}
		text := r.Title
		if r.Reason != "" {
			text += ": " + r.Reason
		}
		p.heading(r.Verdict, r.ID, text)
		for _, n := range r.Notes {
			p.labelled(indent, "note", faint, n)
		}
	}
}

// noted counts the passes that carry a note.
func noted(results []report.Result) int {
	n := 0
	for _, r := range results {
		if r.Verdict == report.Pass && len(r.Notes) > 0 {
			n++
		}
	}
	return n
}

func (p *printer) heading(v report.Verdict, id, text string) {
	mark := strings.ToUpper(report.Printable(string(v)))
	p.hang(0, indent, verdictColor[v], mark, id+"  "+text)
}

// result shows one verdict with all it rests on.
func (p *printer) result(r report.Result, failOn report.FailOn) {
	p.heading(r.Verdict, r.ID, r.Title)
	weight := fmt.Sprintf("%s, %s", r.Level, r.Severity)
	if r.Verdict == report.Warn && failOn.Counts(r.Verdict, r.Severity) {
		weight += fmt.Sprintf("; counts as a failure here (--fail-on %s)", failOn)
	}
	p.labelled(indent, "level", faint, weight)
	sessions, judged := 0, false
	for _, e := range r.Evidence {
		switch {
		case e.Kind == report.Transcript:
			sessions++
		default:
			judged = true
			p.labelled(indent, e.Kind, faint, e.Text)
		}
	}
	// Expected and seen say it already, apart.
	if r.Reason != "" && !judged {
		p.labelled(indent, "reason", faint, r.Reason)
	}
	for _, n := range r.Notes {
		p.labelled(indent, "note", faint, n)
	}
	for i, c := range r.Cites {
		name := "rule"
		if i > 0 {
			name = ""
		}
		p.cite(name, c)
	}
	for _, e := range r.Evidence {
		if e.Kind != report.Transcript {
			continue
		}
		if sessions--; sessions > 0 && !p.Verbose {
			continue
		}
		p.transcript(indent, fmt.Sprint(e.Session), e.Transcript)
	}
}

func (p *printer) cite(name string, c report.Cite) {
	text := c.Source
	if c.Quote != "" {
		text += "\n\"" + c.Quote + "\""
	}
	p.labelled(indent, name, faint, text)
}

// grouped shows the results with one verdict as lists of IDs under their reasons,
// in the order in which the reasons first occur.
func (p *printer) grouped(c *report.Check, v report.Verdict, words string) {
	var reasons []string
	ids, n := map[string][]string{}, 0
	for _, r := range c.Results {
		if r.Verdict != v {
			continue
		}
		if ids[r.Reason] == nil {
			reasons = append(reasons, r.Reason)
		}
		ids[r.Reason] = append(ids[r.Reason], r.ID)
		n++
	}
	if len(reasons) == 0 {
		return
	}
	p.blank()
	p.hang(0, indent, verdictColor[v], strings.ToUpper(string(v)), fmt.Sprintf("%d %s", n, words))
	for _, reason := range reasons {
		p.hang(indent, 2, plain, "", fmt.Sprintf("%s (%d)", reason, len(ids[reason])))
		p.hang(indent+2, 0, plain, "", strings.Join(ids[reason], " "))
	}
}
