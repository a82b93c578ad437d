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
//	p99(data.connect) < 20ms     p50 to p99.9, min, mean and max of a phase
//	p99(retr) < 1s               the same of an operation
//	rate(failures) < 0.1%        failed operations among all that were tried
//	throughput > 100MiB/s        payload of the data connections
//
// Where a phase and an operation have the same name, as login, the operation is
// meant. A condition on something that never happened is not met.
type Want struct {
	text string
	node ast.Node

	function string
	quantile float64
	subject  string
	relation string
	// bound is in seconds, in octets per second, or a share.
	bound float64
}

var (
	wantForm     = regexp.MustCompile(`^([a-z]+[0-9.]*)(?:\(([a-z.-]+)\))? *(<=|>=|==|<|>) *(\S+)$`)
	quantileForm = regexp.MustCompile(`^p([0-9]{1,2}(?:\.[0-9]{1,3})?)$`)
)

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
	case w.function == "throughput" && w.subject == "":
		number, perSecond := strings.CutSuffix(s, "/s")
		size, err := ParseSize(number)
		if err != nil || !perSecond {
			return 0, fmt.Errorf("%q is not a rate of octets like 100MiB/s", s)
		}
		return float64(size), nil
	case w.function == "rate" && w.subject == "failures":
		share, err := ParsePercent(s)
		return float64(share), err
	case w.function == "min" || w.function == "mean" || w.function == "max":
	default:
		m := quantileForm.FindStringSubmatch(w.function)
		if m == nil {
			return 0, fmt.Errorf("%q measures nothing; there are p50 to p99.9, min, mean and max of a phase or operation, rate(failures) and throughput", w.text)
		}
		// The form leaves only numbers below 100.
		q, _ := strconv.ParseFloat(m[1], 64)
		if w.quantile = q / 100; q == 0 {
			return 0, fmt.Errorf("%q is no quantile; use min", w.function)
		}
	}
	if w.subject == "" {
		return 0, fmt.Errorf("%q needs the name of a phase or operation in parentheses", w.function)
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
func (w *Want) check(p *plan) error {
	if w.function == "throughput" || w.function == "rate" {
		return nil
	}
	var names []string
	names = append(names, p.names...)
	for i := range probe.Phases {
		if name := probe.Phase(i).String(); !slices.Contains(names, name) {
			names = append(names, name)
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
	done, failed       int64
	throughput         float64
	elapsed            time.Duration
}

// judge compares what was measured with what is wanted.
func (w *Want) judge(m *measured) report.Threshold {
	t := report.Threshold{Want: w.text, Value: "nothing to measure"}
	var value float64
	switch w.function {
	case "throughput":
		if m.elapsed == 0 {
			return t
		}
		value = m.throughput
		t.Value = fmt.Sprintf("%.4g MiB/s", value/(1<<20))
	case "rate":
		if m.done+m.failed == 0 {
			return t
		}
		value = float64(m.failed) / float64(m.done+m.failed)
		t.Value = fmt.Sprintf("%v (%d of %d operations)", Percent(value), m.failed, m.done+m.failed)
	default:
		h := m.operations[w.subject]
		if h == nil {
			h = m.phases[w.subject]
		}
		if h == nil || h.Count() == 0 {
			return t
		}
		value = w.of(h)
		t.Value = fmt.Sprintf("%.4g ms", value*1000)
	}
	t.Met = w.holds(value)
	return t
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
