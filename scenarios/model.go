package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Model says when sessions begin, and for how long.
//
// In the closed model a number of sessions run at the same time; each is
// followed by the next. A slow server gets less to do.
//
// In the open model sessions begin at a rate, whatever becomes of those before
// them, as users do. What a session waits for is counted from when it was due.
//
// In the capacity model the closed one is run again and again, to find the
// largest number of sessions at which the conditions of the scenario hold.
type Model struct {
	Model modelName `yaml:"model"`
	// Sessions is how many run at the same time, in the closed model.
	Sessions Count `yaml:"sessions" scenario:"closed"`
	// Ramp is the time over which the first of them are begun, evenly. Without it
	// they all begin at once, which is more than many servers accept.
	Ramp Duration `yaml:"ramp" scenario:"closed capacity"`
	// For is how long sessions are started and measured, after the warm-up; in the
	// capacity model with each number of them.
	For Duration `yaml:"for" scenario:"closed capacity"`
	// Count is how many sessions run in all, instead of For.
	Count Count `yaml:"count" scenario:"closed"`

	// From and To bound the numbers of sessions that are tried; From is 1 when zero.
	From Count `yaml:"from" scenario:"capacity"`
	To   Count `yaml:"to" scenario:"capacity"`

	// Stages say at which rate sessions begin in the open model. The warm-up is
	// the first part of them.
	Stages []Stage `yaml:"stages" scenario:"open"`
	// Arrivals says how sessions are spread.
	Arrivals arrivals `yaml:"arrivals" scenario:"open"`
	// AtMost is how many run at the same time; [DefaultAtMost] when zero. A
	// session that is due when so many run begins late.
	AtMost Count `yaml:"at-most" scenario:"open"`
}

// Stage is a time with a constant rate of sessions, or with one that changes
// evenly.
type Stage struct {
	Rate Rate `yaml:"rate" scenario:"required"`
	// To is the rate at the end of the stage.
	To  Rate     `yaml:"to"`
	For Duration `yaml:"for" scenario:"required"`
}

// UnmarshalYAML reads a stage.
func (s *Stage) UnmarshalYAML(n ast.Node) error {
	type plain Stage
	if err := decode(n, (*plain)(s)); err != nil {
		return err
	}
	if !has(n, "to") {
		s.To = s.Rate
	}
	if s.For == 0 {
		return wrong(field(n, "for"), "a stage must take some time")
	}
	return nil
}

const (
	maxSessions = 100_000
	// DefaultAtMost is how many sessions run at once in the open model.
	DefaultAtMost = 1000
)

type modelName string

// The names of the models.
const (
	Closed   modelName = "closed"
	Open     modelName = "open"
	Capacity modelName = "capacity"
)

// belongs tells whether a setting, by its tag, has a meaning in the model.
func (m modelName) belongs(tag string) bool {
	return tag == "" || slices.Contains(strings.Fields(tag), string(m))
}

// arrivals says how the sessions of an open model are spread.
type arrivals string

const (
	// even: all distances are the same.
	even arrivals = "even"
	// poisson: each moment is as good as any other.
	poisson arrivals = "poisson"
)

// UnmarshalYAML reads even or poisson.
func (a *arrivals) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "even or poisson")
	if err != nil {
		return err
	}
	if *a = arrivals(s); *a != even && *a != poisson {
		return wrong(n, "%q is neither even nor poisson", s)
	}
	return nil
}

// UnmarshalYAML reads closed, open or capacity.
func (m *modelName) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "closed, open or capacity")
	if err != nil {
		return err
	}
	if *m = modelName(s); *m != Closed && *m != Open && *m != Capacity {
		return wrong(n, "the model is closed (sessions that follow each other), open (sessions at a rate) or capacity (a search for how many sessions), and not %q", s)
	}
	return nil
}

// UnmarshalYAML reads the model.
func (m *Model) UnmarshalYAML(n ast.Node) error {
	type plain Model
	if err := decode(n, (*plain)(m)); err != nil {
		return err
	}
	if m.Model == "" {
		m.Model = Closed
	}
	for f := range settings(reflect.TypeFor[Model]()) {
		key, only := f.Tag.Get("yaml"), f.Tag.Get("scenario")
		if !m.Model.belongs(only) && has(n, key) {
			return wrong(field(n, key), "%s has no meaning in the %s model", key, m.Model)
		}
	}
	return m.check(n)
}

// check finds what is missing or contradictory. The node is nil when settings
// did not come from a file.
func (m *Model) check(n ast.Node) error {
	at := func(key string) ast.Node {
		if n == nil {
			return nil
		}
		return field(n, key)
	}
	if m.Model == Open {
		var due float64
		for _, s := range m.Stages {
			due += s.area()
		}
		switch {
		case len(m.Stages) == 0:
			return wrong(n, "the open model needs stages, for example [{rate: 50/s, for: 30s}]")
		case due == 0:
			return wrong(at("stages"), "at these rates no session is ever due")
		case m.total() > time.Duration(maxDuration):
			return wrong(at("stages"), "the stages take more than 24 hours")
		case n != nil && has(n, "at-most") && m.AtMost == 0:
			return wrong(at("at-most"), "at-most must be at least 1")
		case m.AtMost > maxSessions:
			return wrong(at("at-most"), "at-most must be at most %d", maxSessions)
		}
		return nil
	}
	if m.Model == Capacity {
		m.From = max(m.From, 1)
		switch {
		case m.To == 0:
			return wrong(n, "to must be set: the most sessions to try")
		case m.To < m.From:
			return wrong(at("to"), "to must be at least from, which is %d", m.From)
		case m.To > maxSessions:
			return wrong(at("to"), "to must be at most %d", maxSessions)
		case m.For == 0:
			return wrong(n, "for must be set: how long each number of sessions is tried")
		}
		return nil
	}
	switch {
	case m.Sessions == 0:
		return wrong(at("sessions"), "sessions must be at least 1")
	case m.Sessions > maxSessions:
		return wrong(at("sessions"), "sessions must be at most %d", maxSessions)
	case m.For > 0 && m.Count > 0:
		return wrong(at("count"), "either for or count can be set, not both")
	case m.For == 0 && m.Count == 0:
		return wrong(n, "for (a duration) or count (of sessions in all) must be set")
	}
	return nil
}

// total is the time of all stages.
func (m *Model) total() (sum time.Duration) {
	for _, s := range m.Stages {
		sum += time.Duration(s.For)
	}
	return sum
}

// AtOnce is how many sessions run at the same time at most.
func (m *Model) AtOnce() int {
	switch {
	case m.Model == Capacity:
		return int(m.To)
	case m.Model != Open:
		return int(m.Sessions)
	case m.AtMost > 0:
		return int(m.AtMost)
	}
	return DefaultAtMost
}
