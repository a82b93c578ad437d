package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Want is a condition that the result must meet:
//
//	p99(data.connect) < 20ms     p50 to p99.99, min, mean and max of a phase
//	p99(retr) < 1s               the same of an operation
//	p99(start) < 1ms             the same of how late sessions began, in the open model
//	rate(retr) > 100/s           how often it happened
//	count(retr) >= 1000          how many times; also of failures, sessions, late
//	                             and dropped, which are those of the open model
//	throughput(retr) > 10MiB/s   payload of an operation
//	throughput > 100MiB/s        payload of all data connections
//	rate(failures) < 0.1%        failed operations among all that were tried
//
// Where a phase and an operation have the same name, as login, the operation is
// meant. A condition on the times of something that never happened is not met.
type Want struct {
	text string
	node ast.Node

	function string
	quantile float64
	subject  string
	relation string
	// bound is in seconds, in octets per second, a rate, a count, or a share.
	bound float64
}

var (
	wantForm     = regexp.MustCompile(`^([a-z]+[0-9.]*)(?:\(([a-z.-]+)\))? *(<=|>=|==|<|>) *(\S+)$`)
	quantileForm = regexp.MustCompile(`^p([0-9]{1,2}(?:\.[0-9]{1,3})?)$`)

	// totals are what can be counted besides phases and operations.
	totals = []string{"failures", "sessions", "late", "dropped"}
)

// startName is the lateness of sessions where conditions name it.
const startName = "start"

// ParseWant reads a condition.
func ParseWant(s string) (Want, error) {
	w := Want{text: s}
	m := wantForm.FindStringSubmatch(s)
	if m == nil {
		return w, fmt.Errorf("%q is not a condition like p99(data.connect) < 20ms, rate(failures) < 0.1%% or throughput > 100MiB/s", s)
	}
	w.function, w.subject, w.relation = m[1], m[2], m[3]
	var err error
	w.bound, err = w.parseBound(m[4])
	return w, err
}

func (w *Want) parseBound(s string) (float64, error) {
	switch {
	case w.function == "throughput":
		rate, err := ParseByteRate(s)
		return float64(rate), err
	case w.subject == "":
		return 0, fmt.Errorf("%q needs the name of a phase or operation in parentheses", w.function)
	case w.function == "rate" && w.subject != "failures":
		rate, err := ParseRate(s)
		return float64(rate), err
	case w.function == "count":
		n, err := ParseCount(s)
		return float64(n), err
	case w.function == "rate":
		share, err := ParsePercent(s)
		return float64(share), err
	case w.function == "min" || w.function == "mean" || w.function == "max":
	default:
		m := quantileForm.FindStringSubmatch(w.function)
		if m == nil {
			return 0, fmt.Errorf("%q measures nothing; there are p50 to p99.99, min, mean, max, rate, count and throughput of a phase or operation, rate(failures) and throughput", w.text)
		}
		// The form leaves only numbers below 100.
		q, _ := strconv.ParseFloat(m[1], 64)
		if w.quantile = q / 100; q == 0 {
			return 0, fmt.Errorf("%q is no quantile; use min", w.function)
		}
	}
	d, err := ParseDuration(s)
	return time.Duration(d).Seconds(), err
}

// UnmarshalYAML reads what [ParseWant] reads.
func (w *Want) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "a condition")
	if err != nil {
		return err
	}
	if *w, err = ParseWant(s); err != nil {
		return wrong(n, "%v", err)
	}
	w.node = n
	return nil
}

func (w Want) String() string { return w.text }

// check refuses a subject that the plan does not have.
func (w *Want) check(p *plan, model modelName) error {
	if w.subject == "" {
		return nil
	}
	names := slices.Clone(p.names)
	switch w.function {
	case "throughput":
	case "count":
		names = append(names, totals...)
	case "rate":
		names = append(names, "failures", "sessions")
	default:
		if model == Open {
			names = append(names, startName)
		}
	}
	if w.function != "throughput" {
		for i := range probe.Phases {
			if name := probe.Phase(i).String(); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if !slices.Contains(names, w.subject) {
		return wrong(w.node, "%q is neither an operation of this scenario nor a phase; there are %s", w.subject, strings.Join(names, ", "))
	}
	return nil
}

// measured is what conditions are about.
type measured struct {
	operations, phases map[string]*report.Histogram
	octets             map[string]int64 // by operation
	slip               *report.Histogram
	done, failed       int64 // operations
	sessions           int64 // completed
	late, dropped      int64
	bytes              int64
	elapsed            time.Duration
}

// histogram is that of the subject.
func (m *measured) histogram(subject string) *report.Histogram {
	if h := m.operations[subject]; h != nil {
		return h
	}
	if h := m.phases[subject]; h != nil {
		return h
	}
	if subject == startName && m.slip != nil {
		return m.slip
	}
	return &report.Histogram{}
}

// count is how often the subject occurred.
func (m *measured) count(subject string) int64 {
	switch subject {
	case "failures":
		return m.failed
	case "sessions":
		return m.sessions
	case "late":
		return m.late
	case "dropped":
		return m.dropped
	}
	return m.histogram(subject).Count()
}

// judge compares what was measured with what is wanted.
func (w *Want) judge(m *measured) report.Threshold {
	t := report.Threshold{Want: w.text, Value: "nothing to measure"}
	value, shown := w.measure(m)
	if shown != "" {
		t.Value, t.Met = shown, w.holds(value)
	}
	return t
}

// measure is the number that is wanted, and how it is shown; empty when there is
// nothing to measure.
func (w *Want) measure(m *measured) (value float64, shown string) {
	if m.elapsed == 0 {
		return 0, ""
	}
	switch {
	case w.function == "throughput":
		octets := m.bytes
		if w.subject != "" {
			octets = m.octets[w.subject]
		}
		value = float64(octets) / m.elapsed.Seconds()
		return value, fmt.Sprintf("%.4g MiB/s", value/(1<<20))
	case w.function == "rate" && w.subject == "failures":
		if m.done+m.failed == 0 {
			return 0, ""
		}
		value = float64(m.failed) / float64(m.done+m.failed)
		return value, fmt.Sprintf("%v (%d of %d operations)", Percent(value), m.failed, m.done+m.failed)
	case w.function == "rate":
		n := m.count(w.subject)
		value = float64(n) / m.elapsed.Seconds()
		return value, fmt.Sprintf("%.4g/s (%d in %.4g s)", value, n, m.elapsed.Seconds())
	case w.function == "count":
		n := m.count(w.subject)
		return float64(n), strconv.FormatInt(n, 10)
	}
	h := m.histogram(w.subject)
	if h.Count() == 0 {
		return 0, ""
	}
	value = w.of(h)
	return value, fmt.Sprintf("%.4g ms", value*1000)
}

// of is the wanted number of a histogram, in seconds.
func (w *Want) of(h *report.Histogram) float64 {
	switch w.function {
	case "min":
		return float64(h.Distribution().Min)
	case "mean":
		return float64(h.Distribution().Mean)
	case "max":
		return float64(h.Distribution().Max)
	}
	return h.Quantile(w.quantile).Seconds()
}

func (w *Want) holds(value float64) bool {
	switch w.relation {
	case "<":
		return value < w.bound
	case "<=":
		return value <= w.bound
	case ">":
		return value > w.bound
	case ">=":
		return value >= w.bound
	}
	return value == w.bound
}
