package suites

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/suites/spec"
)

// Ahead judges up to n requirements at once, in the order of [spec.Order], while
// somebody else asks the judge for the results one by one. Most of a check's time
// is spent waiting for a server, so that a run takes a fraction of the time and
// is still reported in order. The returned function waits for the work to end;
// it must be called.
func Ahead(ctx context.Context, j Judge, requirements []*spec.Requirement, n int) (wait func()) {
	j.Expect(requirements)
	var all errgroup.Group
	all.Go(func() error {
		ordered := spec.Order(requirements)
		for len(ordered) > 0 {
			// Those that have to be alone, or to be last, wait for the others.
			group := errgroup.Group{}
			group.SetLimit(max(n, 1))
			first := ordered[0]
			for len(ordered) > 0 && ordered[0].Alone == first.Alone && (ordered[0].Watch == nil) == (first.Watch == nil) {
				r := ordered[0]
				ordered = ordered[1:]
				if ctx.Err() != nil {
					continue
				}
				group.Go(func() error {
					j.Judge(ctx, r)
					return nil
				})
			}
			_ = group.Wait()
		}
		return nil
	})
	return func() { _ = all.Wait() }
}
