package scenarios

import "fmt"

// Set changes a setting of the scenario, as the command line does:
//
//	sessions   how many at once
//	duration   how long, instead of a count of sessions too
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
		if err != nil {
			return err
		}
		load.Sessions = n
	case "duration":
		d, err := ParseDuration(value)
		if err != nil {
			return err
		}
		load.For, load.Count = d, 0
	case "size":
		size, err := ParseSize(value)
		if err != nil {
			return err
		}
		return s.resize(size)
	case "rate":
		return fmt.Errorf("scenario %s has the closed model: its sessions follow each other, and no rate can be set", s.Name)
	default:
		return fmt.Errorf("there is no such setting; sessions, duration and size can be set")
	}
	if err := load.check(nil); err != nil {
		return err
	}
	s.Load = load
	return nil
}

// fixed finds a file that the scenario makes, and that must keep its content.
func (s *Scenario) fixed() (path Path, found bool) {
	made := map[Path]bool{}
	for _, n := range s.Needs {
		made[n.File.Path] = true
	}
	s.Session.all(func(step Step) {
		if v, ok := step.(*stor); ok {
			made[v.Path] = true
		}
	})
	s.Session.all(func(step Step) {
		if v, ok := step.(*retr); ok && v.Verify.way == verifyDigest && made[v.Path] {
			path, found = v.Path, true
		}
	})
	return path, found
}

// resize sets the size of everything that is moved.
func (s *Scenario) resize(size Size) error {
	if path, fixed := s.fixed(); fixed {
		return fmt.Errorf("%s is compared with a given sum, and would have another", path)
	}
	found := len(s.Needs) > 0
	for i := range s.Needs {
		s.Needs[i].File.Size = size
	}
	s.Session.all(func(step Step) {
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
