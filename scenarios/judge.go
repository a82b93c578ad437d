package scenarios

import (
	"fmt"

	"github.com/passiveftp/pasv/report"
)

// Judge judges a condition of a want list on a result that was measured before:
// the same as the run itself would. It fails when the condition is none, or when
// a histogram of the result is damaged. It is a [report.Judge].
func Judge(want string, l *report.Load) (report.Threshold, error) {
	w, err := ParseWant(want)
	if err != nil {
		return report.Threshold{}, err
	}
	m, err := measuredOf(l)
	if err != nil {
		return report.Threshold{}, err
	}
	return w.judge(m), nil
}

// measuredOf is what conditions are about, of a result.
func measuredOf(l *report.Load) (*measured, error) {
	m := &measured{
		operations: map[string]*report.Histogram{}, phases: map[string]*report.Histogram{}, octets: map[string]int64{},
		sessions: l.Sessions.Completed, dropped: l.Dropped, bytes: l.Bytes, elapsed: l.Elapsed.Duration(),
	}
	var err error
	for name, o := range l.Operations {
		if m.operations[name], err = o.Latency.Histogram(); err != nil {
			return nil, fmt.Errorf("operation %q: %w", name, err)
		}
		m.octets[name] = o.Bytes
		m.done += o.Latency.Count + o.Refused
		m.failed += o.Failures
	}
	for name, d := range l.Phases {
		if m.phases[name], err = d.Histogram(); err != nil {
			return nil, fmt.Errorf("phase %q: %w", name, err)
		}
	}
	if l.Starts != nil {
		m.late = l.Starts.Late
		if m.slip, err = l.Starts.Slip.Histogram(); err != nil {
			return nil, fmt.Errorf("starts: %w", err)
		}
	}
	return m, nil
}
