package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/passiveftp/pasv/report"
)

// Write renders the run. It fails only when w does.
func Write(w io.Writer, r report.Run) error {
	d := document{Name: "pasv"}
	d.Suites = append(d.Suites, run(r))
	if r.Check != nil {
		d.Suites = append(d.Suites, check(r.Check)...)
	}
	if r.Load != nil {
		d.Suites = append(d.Suites, load(r.Load, r.Partial))
	}
	if r.Diagnose != nil {
		d.Suites = append(d.Suites, diagnosis(r.Diagnose))
	}
	for _, s := range d.Suites {
		s.Timestamp = r.Started.UTC().Format(time.RFC3339)
		s.Properties = properties(r)
		d.Tests += s.Tests
		d.Failures += s.Failures
		d.Errors += s.Errors
		d.Skipped += s.Skipped
	}
	d.Time = seconds(r.Elapsed)

	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(d); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func properties(r report.Run) []property {
	return []property{
		{"target", text(r.Target.URL)},
		{"server", text(r.Target.Server)},
		{"tool", text(r.Tool.Name + " " + r.Tool.Version)},
		{"exit", text(fmt.Sprint(int(r.Exit)))},
	}
}

// run stands for the run as a whole: whether it came to its end.
func run(r report.Run) *suite {
	s := &suite{Name: "run"}
	c := testcase{Name: "the run is completed", Time: seconds(r.Elapsed)}
	switch {
	case r.Partial:
		c.Error = &problem{Message: text(join(": ", "the run was interrupted", r.Error)), Type: "partial"}
	case r.Exit == report.ExitTarget || r.Exit == report.ExitIncomplete:
		c.Error = &problem{Message: text(join(": ", r.Exit.Meaning(), r.Error)), Type: text(fmt.Sprintf("exit %d", r.Exit))}
	}
	s.add(c)
	return s
}

// check makes one suite per area, in the order in which the areas occur.
func check(c *report.Check) []*suite {
	var suites []*suite
	areas := map[string]*suite{}
	for _, r := range c.Results {
		s := areas[r.Area]
		if s == nil {
			s = &suite{Name: text("check." + r.Area)}
			areas[r.Area] = s
			suites = append(suites, s)
		}
		s.add(result(r, c.FailOn))
	}
	return suites
}

func result(r report.Result, failOn report.FailOn) testcase {
	c := testcase{Name: text(r.ID + " " + r.Title), Time: seconds(r.Elapsed().Seconds())}
	found := &problem{
		Message: text(join(": ", string(r.Verdict), r.Reason)),
		Type:    text(fmt.Sprintf("%s, %s", r.Level, r.Severity)),
		Body:    text(basis(r)),
	}
	switch {
	case failOn.Counts(r.Verdict, r.Severity):
		c.Failure = found
	case r.Verdict == report.Error:
		c.Error = found
	case r.Verdict == report.Skip:
		c.Skipped = &skipped{text(r.Reason)}
	case r.Verdict == report.Inconclusive || r.Verdict == report.XFail:
		c.Skipped = &skipped{found.Message}
		c.Output = passed(basis(r))
	case r.Verdict == report.Warn:
		c.Output = passed(string(found.Message) + "\n" + basis(r))
	default:
		c.Output = passed(join("\n", r.Reason, notes(r)))
	}
	return c
}

// basis is what a verdict rests on, line by line.
func basis(r report.Result) string {
	var b strings.Builder
	for _, e := range r.Evidence {
		if e.Kind != report.Transcript {
			fmt.Fprintf(&b, "%s: %s\n", e.Kind, e.Text)
		}
	}
	if n := notes(r); n != "" {
		b.WriteString(n + "\n")
	}
	for _, c := range r.Cites {
		b.WriteString("rule: " + c.Source)
		if c.Quote != "" {
			fmt.Fprintf(&b, " \"%s\"", c.Quote)
		}
		b.WriteByte('\n')
	}
	for _, e := range r.Evidence {
		if e.Kind == report.Transcript {
			fmt.Fprintf(&b, "session %d:\n", e.Session)
			transcript(&b, e.Transcript)
		}
	}
	return b.String()
}

func notes(r report.Result) string {
	lines := make([]string, len(r.Notes))
	for i, n := range r.Notes {
		lines[i] = "note: " + n
	}
	return strings.Join(lines, "\n")
}

func transcript(b *strings.Builder, lines []report.Line) {
	mark := map[string]string{"send": ">", "recv": "<"}
	for _, l := range lines {
		m := mark[l.Dir]
		if m == "" {
			m = "*"
		}
		fmt.Fprintf(b, "%8.3f %s %s\n", l.At, m, l.Text)
	}
}

// load stands for the thresholds, and for the sessions that failed.
func load(l *report.Load, partial bool) *suite {
	s := &suite{Name: text("load." + l.Scenario)}
	own := l.GeneratorLimited()

	sessions := testcase{Name: "sessions complete", Time: seconds(l.Elapsed)}
	if body := failures(l.Failures); l.Sessions.Failed > 0 && len(l.Thresholds) == 0 && !own {
		sessions.Failure = &problem{Message: text(fmt.Sprintf("%d sessions failed", l.Sessions.Failed)), Type: "sessions", Body: text(body)}
	} else {
		sessions.Output = passed(body)
	}
	s.add(sessions)

	for _, t := range l.Thresholds {
		c := testcase{Name: text(t.Want)}
		message := "measured " + t.Value
		switch {
		case t.Met:
			c.Output = passed(message)
		case partial:
			c.Skipped = &skipped{text(message + ", but the run was interrupted")}
		case own:
			c.Skipped = &skipped{text(message + ", but the generator was the limit")}
		default:
			c.Failure = &problem{Message: text(message + ", wanted " + t.Want), Type: "threshold"}
		}
		s.add(c)
	}
	return s
}

func failures(groups []report.Failure) string {
	var b strings.Builder
	for _, f := range groups {
		fmt.Fprintf(&b, "%d x %s %s: %s\n", f.Count, f.Phase, f.Cause, f.Example)
		transcript(&b, f.Transcript)
	}
	return b.String()
}

// diagnosis has one test case per finding, named by its code.
func diagnosis(d *report.Diagnosis) *suite {
	s := &suite{Name: "diagnose"}
	for _, f := range d.Findings {
		c := testcase{Name: text(f.Code)}
		found := &problem{Message: text(f.Title), Type: text(f.Severity), Body: text(finding(f))}
		switch {
		case f.Code.Unreached():
			c.Error = found
		case f.Counts():
			c.Failure = found
		default:
			c.Output = passed(f.Title + "\n" + finding(f))
		}
		s.add(c)
	}
	return s
}

func finding(f report.Finding) string {
	var b strings.Builder
	for _, part := range []struct {
		name  string
		items []string
	}{{"evidence", f.Evidence}, {"ruled out", f.RuledOut}, {"advice", f.Advice}} {
		for _, item := range part.items {
			fmt.Fprintf(&b, "%s: %s\n", part.name, item)
		}
	}
	return b.String()
}

// join puts sep between the parts that are not empty.
func join(sep string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, sep)
}
