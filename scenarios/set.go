package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Set changes a setting of the scenario, as the command line does:
//
//	sessions   how many at once, or at most in the open model and the search for capacity
//	duration   how long is measured, instead of a count of sessions too
//	capacity   the numbers of sessions to search, as 1-500 or 500: it makes the
//	           model a search for capacity
//	rate       at which sessions begin: it makes the model an open one
//	size       of the files that are needed and of uploads
//
// An error leaves the scenario as it was.
func (s *Scenario) Set(key, value string) error {
	err := s.set(key, value)
	if err != nil {
		return fmt.Errorf("%s=%s: %w", key, value, err)
	}
	return nil
}

func (s *Scenario) set(key, value string) error {
	load := s.Load
	switch key {
	case "sessions":
		n, err := ParseCount(value)
		switch {
		case err != nil:
			return err
		case n == 0:
			return fmt.Errorf("sessions must be at least 1")
		case load.Model == Open:
			load.AtMost = n
		case load.Model == Capacity:
			load.To = n
		default:
			load.Sessions = n
		}
	case "duration":
		d, err := ParseDuration(value)
		if err != nil {
			return err
		}
		if d == 0 {
			return fmt.Errorf("a duration above zero must be set")
		}
		load.last(d, s.WarmUp)
	case "capacity":
		if err := load.search(value); err != nil {
			return err
		}
	case "rate":
		r, err := ParseRate(value)
		if err != nil {
			return err
		}
		if err := load.become(r, s.WarmUp); err != nil {
			return err
		}
	case "size":
		size, err := ParseSize(value)
		if err != nil {
			return err
		}
		return s.resize(size)
	default:
		return fmt.Errorf("there is no such setting; sessions, duration, rate, capacity and size can be set")
	}
	if err := load.check(nil); err != nil {
		return err
	}
	s.Load = load
	return nil
}

// last has the load be measured for so long, with the same course of its rate.
func (m *Model) last(d, warmUp Duration) {
	if m.Model != Open {
		m.For, m.Count = d, 0
		return
	}
	m.Stages = slices.Clone(m.Stages)
	factor := float64(d+warmUp) / float64(m.total())
	for i := range m.Stages {
		m.Stages[i].For = Duration(float64(m.Stages[i].For) * factor)
	}
}

// search makes the model a search for capacity between two numbers, or from 1 on.
func (m *Model) search(between string) error {
	if m.Model == Open {
		return fmt.Errorf("a search for capacity needs a number of sessions, not a rate of them")
	}
	if m.For == 0 {
		return fmt.Errorf("a number of sessions in all is no time to measure; set a duration first")
	}
	first, last, two := strings.Cut(between, "-")
	if !two {
		first, last = "1", first
	}
	from, err := ParseCount(first)
	if err != nil {
		return err
	}
	to, err := ParseCount(last)
	if err != nil {
		return err
	}
	if from == 0 {
		return fmt.Errorf("sessions must be at least 1")
	}
	*m = Model{Model: Capacity, From: from, To: to, For: m.For, Ramp: m.Ramp}
	return nil
}

// become makes the model an open one with a constant rate. What was the number
// of sessions at once is the most that may run now.
func (m *Model) become(r Rate, warmUp Duration) error {
	d := Duration(m.total())
	most := m.AtMost
	if m.Model != Open {
		if m.For == 0 {
			return fmt.Errorf("a number of sessions has no rate; set a duration first")
		}
		d, most = m.For+warmUp, Count(m.AtOnce())
	}
	*m = Model{Model: Open, Stages: []Stage{{r, r, d}}, Arrivals: m.Arrivals, AtMost: most}
	return nil
}

// fixed finds a reason why sizes cannot be changed: something is compared with a
// sum or a size that the scenario gives.
func (s *Scenario) fixed() (reason string) {
	made := map[Path]bool{}
	for _, n := range s.Needs {
		made[n.File.Path] = true
	}
	s.all(func(step Step) {
		if v, ok := step.(*stor); ok {
			made[v.Path] = true
		}
	})
	s.all(func(step Step) {
		switch v := step.(type) {
		case *retr:
			if v.Verify.way == verifyDigest && made[v.Path] {
				reason = fmt.Sprintf("%s is compared with a given sum, and would have another", v.Path)
			}
		case *expect:
			if v.CRC32C != "" || v.SHA256 != "" || has(v.node, "bytes") {
				reason = "an expectation names a size or a sum, which would be another"
			}
		}
	})
	return reason
}

// resize sets the size of everything that is moved.
func (s *Scenario) resize(size Size) error {
	if reason := s.fixed(); reason != "" {
		return errors.New(reason)
	}
	found := false
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.TLS {
			n.File.Size = size
			found = true
		}
	}
	s.all(func(step Step) {
		if r, ok := step.(sized); ok {
			r.resize(size)
			found = true
		}
	})
	if !found {
		return fmt.Errorf("scenario %s names no size", s.Name)
	}
	return nil
}
