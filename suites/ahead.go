package suites

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/suites/spec"
)

// Ahead judges up to n requirements at once, in their order, while somebody
// else asks the judge for the results one by one. Most of a check's time is
// spent waiting for a server, so that a run takes a fraction of the time and is
// still reported in order. The returned function waits for the work to end; it
// must be called.
func Ahead(ctx context.Context, j Judge, requirements []*spec.Requirement, n int) (wait func()) {
	var group errgroup.Group
	group.SetLimit(max(n, 1) + 1)
	group.Go(func() error {
		for _, r := range requirements {
			if ctx.Err() != nil {
				break
			}
			group.Go(func() error {
				j.Judge(ctx, r)
				return nil
			})
		}
		return nil
	})
	return func() { _ = group.Wait() }
}
