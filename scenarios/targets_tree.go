package scenarios

import (
	"context"
	"fmt"

	"github.com/passiveftp/pasv/probe"
)

// trees are what a run makes at each of its targets.
type trees []*tree

// newTrees makes a tree for each target. They have the name of the run's own
// directory in common, since the plan has.
func newTrees(t *targets) trees {
	var all trees
	for i := range t.all {
		d := &t.all[i]
		one := newTree(d.dialers[0], d.target)
		if i > 0 {
			one.directory, one.follows = all[0].directory, true
		}
		all = append(all, one)
	}
	return all
}

// TargetError says at which of several targets something went wrong.
type TargetError struct {
	// URL is the target without the password.
	URL string
	Err error
}

func (e *TargetError) Error() string { return fmt.Sprintf("%s: %v", e.URL, e.Err) }
func (e *TargetError) Unwrap() error { return e.Err }

// at names the target in an error, if there are several.
func (t trees) at(i int, err error) error {
	if err == nil || len(t) == 1 {
		return err
	}
	return &TargetError{t[i].target.String(), err}
}

// prepare is [tree.prepare] at every target.
func (t trees) prepare(ctx context.Context, needs []Need, p *plan) error {
	for i, one := range t {
		if err := one.prepare(ctx, needs, p); err != nil {
			return t.at(i, err)
		}
	}
	return nil
}

// occupied tells whether a file was there before the run.
func (t trees) occupied(target int, path string) bool { return t[target].occupied(path) }

// remove takes away what the run made. The files that sessions made are told by
// target.
func (t trees) remove(uploads func(target int) []string) (err error) {
	for i, one := range t {
		err = join(err, t.at(i, one.remove(uploads(i))))
	}
	return err
}

// shared tells whether a directory that could not be made is there: another
// target has the same storage.
func shared(ctx context.Context, s *probe.Session, dir string) bool {
	into, err := s.Do(ctx, "CWD "+dir)
	if err != nil || !into.Positive() {
		return false
	}
	back, err := s.Do(ctx, "CDUP")
	return err == nil && back.Positive()
}
