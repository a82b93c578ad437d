package suites

import (
	"context"

	"github.com/passiveftp/pasv/suites/spec"
)

// Ahead begins to judge up to n requirements at once, see [spec.Judge.Ahead], while
// somebody else asks the judge for the results one by one. Most of a check's time
// is spent waiting for a server, so that a run takes a fraction of the time and
// is still reported in order. The returned function waits for the work to end;
// it must be called.
func Ahead(ctx context.Context, j *spec.Judge, requirements []*spec.Requirement, n int) (wait func()) {
	j.Expect(requirements)
	done := make(chan struct{})
	go func() {
		defer close(done)
		j.Ahead(ctx, requirements, n)
	}()
	return func() { <-done }
}
