package report

import (
	"fmt"
	"strings"
)

// Conclusion is the overall result in one sentence: the exit code, what it
// means, and the numbers it comes from. It holds text of the server when
// Error does, unescaped.
func (r *Run) Conclusion() string {
	var facts []string
	if r.Error != "" {
		facts = append(facts, strings.TrimRight(r.Error, "."))
	}
	if r.Check != nil && !r.Check.Unreached {
		facts = append(facts, r.Check.conclusion())
	}
	if r.Load != nil && (!r.Load.Unreached || r.Load.GeneratorLimited()) {
		facts = append(facts, r.Load.conclusion())
	}
	if r.Diagnose != nil {
		facts = append(facts, r.Diagnose.conclusion())
	}
	s := fmt.Sprintf("exit %d, %s", r.Exit, r.Exit.Meaning())
	if len(facts) > 0 {
		s += ": " + strings.Join(facts, "; ")
	}
	return s
}

func (c *Check) conclusion() string {
	n := c.Summary
	judged := n[Pass] + n[Info] + n[Warn] + n[Fail] + n[XFail] + n[XPass]
	parts := []string{plural(judged, "requirement") + " judged"}
	for _, p := range []struct {
		verdict Verdict
		words   string
	}{
		{Fail, "not met"},
		{XPass, "met unexpectedly"},
		{Warn, "with a warning"},
		{XFail, "expected to fail"},
		{Skip, "skipped"},
		{Inconclusive, "inconclusive"},
		{Error, "with an error"},
	} {
		if n[p.verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[p.verdict], p.words))
		}
	}
	return strings.Join(parts, ", ")
}

func (l *Load) conclusion() string {
	var parts []string
	if l.GeneratorLimited() {
		parts = append(parts, "the generator was the limit")
	}
	if l.Capacity != nil {
		parts = append(parts, l.Capacity.Answer())
	}
	switch broken, all := l.Broken(), len(l.Thresholds); {
	case broken > 0:
		parts = append(parts, fmt.Sprintf("%d of %s broken", broken, plural(all, "threshold")))
	case all > 0:
		parts = append(parts, plural(all, "threshold")+" held")
	}
	parts = append(parts, plural(int(l.Sessions.Completed), "session")+" completed")
	if l.Sessions.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", l.Sessions.Failed))
	}
	return strings.Join(parts, ", ")
}

func (d *Diagnosis) conclusion() string {
	switch {
	case len(d.Findings) == 0:
		return "passive mode was not diagnosed"
	case d.Findings[0].Code == Healthy:
		return "passive mode is healthy"
	}
	return "diagnosis " + string(d.Findings[0].Code)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
