package suites

import (
	"fmt"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Test runs one subtest for each requirement, named after its ID. A subtest
// fails when the verdict counts against the server, and is skipped when nothing
// could be judged.
func Test(t *testing.T, j Judge, requirements []*spec.Requirement) {
	t.Helper()
	j.Expect(requirements)
	defer func() {
		if err := j.Close(t.Context()); err != nil {
			t.Errorf("what was made on the server is not all removed: %v", err)
		}
	}()
	for _, r := range spec.Order(requirements) {
		t.Run(r.ID, func(t *testing.T) {
			result := j.Judge(t.Context(), r)
			for _, note := range result.Notes {
				t.Log(note)
			}
			conclude(j, result,
				func(why string, _ ...int) { t.Skip(why) },
				func(why string, _ ...int) { t.Error(why) })
		})
	}
}

// story tells a result in full: the rule, what was expected and seen, where it
// is written and what went over the wire.
func story(r report.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s) %s\n  %s: %s\n", r.ID, r.Level, r.Severity, r.Title, r.Verdict, r.Reason)
	for _, c := range r.Cites {
		fmt.Fprintf(&b, "  %s", c.Source)
		if c.Quote != "" {
			fmt.Fprintf(&b, ": %q", c.Quote)
		}
		b.WriteByte('\n')
	}
	for _, e := range r.Evidence {
		if e.Kind != report.Transcript {
			continue
		}
		fmt.Fprintf(&b, "  session %d\n", e.Session)
		for _, l := range e.Transcript {
			fmt.Fprintf(&b, "    %8.3f %s %s\n", float64(l.At), map[string]string{"send": ">", "recv": "<"}[l.Dir], l.Text)
		}
	}
	return b.String()
}
