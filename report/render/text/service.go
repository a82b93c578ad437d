package text

import (
	"fmt"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

// service is how the server served: evenly, rightly, and over which ports.
func (p *printer) service(l *report.Load) {
	for _, row := range []struct{ label, text string }{
		{"fairness", fairness(l.Fairness)}, {"verified", verified(l.Verified)}, {"ports", ports(l.PassivePorts)}, {"sockets", sockets(l.Sockets)},
	} {
		if row.text != "" {
			p.labelled(indent, row.label, faint, row.text)
		}
	}
}

// fairness is how even the load was: "20 sessions; operations 950 to 1,050, median
// 1,000, Jain 0.999; bytes ..."; empty when it was not judged.
func fairness(f *report.Fairness) string {
	if f == nil || f.Unjudged != "" {
		return ""
	}
	spread := func(what string, s report.Spread, show func(float64) string) string {
		return fmt.Sprintf("; %s %s to %s, median %s, Jain %.3f", what, show(float64(s.Min)), show(float64(s.Max)), show(s.Median), s.Jain)
	}
	text := human.Plural(int64(f.Sessions), "session") + spread("operations", f.Operations, func(v float64) string { return human.Count(int64(v)) })
	if f.Bytes.Max > 0 {
		text += spread("bytes", f.Bytes, human.Bytes)
	}
	return text
}

func verified(v *report.Verified) string {
	if v == nil {
		return ""
	}
	compared := "by their size alone"
	if v.Content > 0 {
		compared = "the content of " + human.Bytes(float64(v.Content)) + " compared"
	}
	return fmt.Sprintf("%s right, %s; %s", human.Plural(v.Transfers, "download"), human.Bytes(float64(v.Bytes)), compared)
}

func ports(o *report.PassivePorts) string {
	if o == nil {
		return ""
	}
	text := fmt.Sprintf("%s from %d to %d, %s times", human.Plural(int64(o.Distinct), "passive port"), o.Lowest, o.Highest, human.Count(o.Offered))
	if o.Reused > 0 {
		text += fmt.Sprintf("; one again after %s at the soonest", human.Duration(o.Soonest))
	}
	return text
}

func sockets(s *report.Sockets) string {
	if s == nil {
		return ""
	}
	var parts []string
	if s.Asked > 0 {
		parts = append(parts, fmt.Sprintf("RTT p50 %s, p99 %s", human.Duration(s.RTT.P50), human.Duration(s.RTT.P99)),
			fmt.Sprintf("of %s %s retransmitted, %s out of order", human.Plural(s.Segments, "segment"), human.Count(s.Retransmitted), human.Count(s.OutOfOrder)))
	}
	if s.TimeWait != nil {
		parts = append(parts, human.Count(*s.TimeWait)+" in TIME_WAIT here at the end")
	}
	return strings.Join(parts, "; ")
}

// observations are what the figures show together.
func (p *printer) observations(all []report.Observation) {
	for i, o := range all {
		if i == 0 {
			p.blank()
		}
		p.hang(0, indent, yellow, "SEEN", o.Text)
	}
}
