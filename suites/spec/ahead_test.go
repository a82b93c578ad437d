package spec_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
)

var _ = Describe("Judging ahead", func() {
	// diary has requirements write down when they begin.
	type diary struct {
		sync.Mutex
		begun []string
	}
	writing := func(d *diary, id string) *spec.Requirement {
		r := requirement(report.Must, func(context.Context, *spec.T) {
			d.Lock()
			defer d.Unlock()
			d.begun = append(d.begun, id)
		})
		r.ID = id
		return r
	}
	judged := func(ctx context.Context, requirements []*spec.Requirement, n int) {
		GinkgoHelper()
		j := judgeOf(ftptest.Config{})
		suites.Ahead(ctx, j, requirements, n)()
		for _, r := range requirements {
			Expect(j.Judge(ctx, r).Verdict).To(Equal(report.Pass), r.ID)
		}
	}

	It("begins with what takes longest, with all that waits for it", func(ctx context.Context) {
		var d diary
		short, long, blocker, blocked := writing(&d, "short"), writing(&d, "long"), writing(&d, "blocker"), writing(&d, "blocked")
		long.Takes = 2 * time.Second
		blocker.Takes = time.Second
		blocked.Takes = 3 * time.Second
		blocked.BlockedBy = []*spec.Requirement{blocker}
		// It leaves room for one beside it.
		done := make(chan struct{})
		longest := requirement(report.Must, func(ctx context.Context, t *spec.T) {
			select {
			case <-done:
			case <-ctx.Done():
			}
		})
		longest.ID, longest.Takes = "longest", time.Minute
		last := short.Check
		short.Check = func(ctx context.Context, t *spec.T) {
			last(ctx, t)
			close(done)
		}
		judged(ctx, []*spec.Requirement{short, long, blocked, blocker, longest}, 2)
		Expect(d.begun).To(Equal([]string{"blocker", "blocked", "long", "short"}))
	})

	It("judges what does little but wait beside that number", func(ctx context.Context) {
		done := make(chan struct{})
		var requirements []*spec.Requirement
		for i := range 3 {
			r := requirement(report.Must, func(ctx context.Context, t *spec.T) {
				select {
				case <-done:
				case <-ctx.Done():
				}
			})
			r.ID, r.Idle, r.Takes = fmt.Sprintf("idle %d", i), true, time.Minute
			requirements = append(requirements, r)
		}
		last := requirement(report.Must, func(context.Context, *spec.T) { close(done) })
		last.ID = "last"
		judged(ctx, append(requirements, last), 2)
	})

	It("judges one at a time, though, where it may be but one", func(ctx context.Context) {
		var running atomic.Int32
		var requirements []*spec.Requirement
		for i := range 3 {
			r := requirement(report.Must, func(ctx context.Context, t *spec.T) {
				defer running.Add(-1)
				if running.Add(1) > 1 {
					t.Fail("one at a time", "more")
				}
				t.Do(ctx, t.Login(ctx), "NOOP")
			})
			r.ID, r.Idle = fmt.Sprintf("idle %d", i), true
			requirements = append(requirements, r)
		}
		judged(ctx, requirements, 1)
	})

	It("keeps the order where there is one at a time", func(ctx context.Context) {
		var d diary
		short, long := writing(&d, "short"), writing(&d, "long")
		long.Takes = time.Minute
		judged(ctx, []*spec.Requirement{short, long}, 1)
		Expect(d.begun).To(Equal([]string{"short", "long"}))
	})

	It("has nothing wait in the place of something else for what it is blocked by", func(ctx context.Context) {
		release := make(chan struct{})
		blocker := requirement(report.Must, func(ctx context.Context, t *spec.T) {
			select {
			case <-release:
			case <-ctx.Done():
			}
		})
		blocker.ID = "blocker"
		blocked := requirement(report.Must, func(context.Context, *spec.T) {})
		blocked.ID, blocked.BlockedBy, blocked.Takes = "blocked", []*spec.Requirement{blocker}, time.Second
		other := requirement(report.Must, func(context.Context, *spec.T) { close(release) })
		other.ID = "other"
		judged(ctx, []*spec.Requirement{blocked, blocker, other}, 2)
	})

	It("has what must be alone after the rest, unless something waits for it", func(ctx context.Context) {
		var d diary
		needed, lonely, blocked, other := writing(&d, "needed"), writing(&d, "lonely"), writing(&d, "blocked"), writing(&d, "other")
		needed.Alone, lonely.Alone = true, true
		before := writing(&d, "before")
		needed.BlockedBy = []*spec.Requirement{before}
		blocked.BlockedBy = []*spec.Requirement{needed}
		judged(ctx, []*spec.Requirement{lonely, other, blocked}, 1)
		Expect(d.begun).To(Equal([]string{"before", "needed", "other", "blocked", "lonely"}))
	})

	It("lets nothing run beside what must be alone", func(ctx context.Context) {
		running := make(chan struct{}, 1)
		var requirements []*spec.Requirement
		for i := range 12 {
			r := requirement(report.Must, func(context.Context, *spec.T) {})
			r.ID, r.Alone = fmt.Sprintf("TEST-%03d", i), i%2 == 0
			if r.Alone {
				r.Check = func(ctx context.Context, t *spec.T) {
					select {
					case running <- struct{}{}:
					default:
						t.Fail("to be alone", "company")
					}
					t.Do(ctx, t.Login(ctx), "NOOP")
					<-running
				}
			}
			requirements = append(requirements, r)
		}
		judged(ctx, requirements, 12)
	})

	It("ends with the context", func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		var d diary
		first, second := writing(&d, "first"), writing(&d, "second")
		check := first.Check
		first.Check = func(ctx context.Context, t *spec.T) {
			check(ctx, t)
			cancel()
		}
		suites.Ahead(ctx, judgeOf(ftptest.Config{}), []*spec.Requirement{first, second}, 1)()
		Expect(d.begun).To(Equal([]string{"first"}))
	})

	Context("of what may have company where the server is far away", func() {
		// meeting fails where it is beside another one, and counts its tries.
		meeting := func() (meeting, other *spec.Requirement, tries *int) {
			tries = new(int)
			begun, met := make(chan struct{}), make(chan struct{})
			other = requirement(report.Must, func(ctx context.Context, t *spec.T) {
				close(begun)
				select {
				case <-met:
				case <-time.After(10 * time.Second):
				}
			})
			other.ID = "other"
			meeting = requirement(report.Must, func(ctx context.Context, t *spec.T) {
				if *tries++; *tries > 1 {
					return
				}
				select {
				case <-begun:
					close(met)
				case <-time.After(10 * time.Second):
				}
				t.Fail("to be alone", "company")
			})
			meeting.Alone, meeting.AloneAgain = true, true
			return meeting, other, tries
		}
		far := func() ftptest.Config {
			v, ok := ftptest.LookupVariant("far-away")
			Expect(ok).To(BeTrue())
			return ftptest.Config{Variants: []ftptest.Variant{v}}
		}

		It("has it beside others, and once more alone when it is not met", func(ctx context.Context) {
			j := judgeOf(far())
			r, other, tries := meeting()
			suites.Ahead(ctx, j, []*spec.Requirement{r, other}, 2)()
			result := j.Judge(ctx, r)
			Expect(result.Verdict).To(Equal(report.Pass))
			Expect(result.Notes).To(Equal([]string{"tried again alone: expected to be alone; saw company"}))
			Expect(*tries).To(Equal(2))
		})

		It("has it beside what is sturdy, and that beside nothing else", func(ctx context.Context) {
			// Each waits for the other one to begin.
			meeting := func(id string, here chan<- struct{}, there <-chan struct{}) *spec.Requirement {
				r := requirement(report.Must, func(ctx context.Context, t *spec.T) {
					close(here)
					select {
					case <-there:
					case <-time.After(10 * time.Second):
						t.Fail("company", "none")
					}
				})
				r.ID, r.Alone = id, true
				return r
			}
			a, b := make(chan struct{}), make(chan struct{})
			again, sturdy := meeting("again", a, b), meeting("sturdy", b, a)
			again.AloneAgain, sturdy.Sturdy = true, true
			last := requirement(report.Must, func(ctx context.Context, t *spec.T) {})
			last.ID, last.Alone = "last", true
			j := judgeOf(far())
			suites.Ahead(ctx, j, []*spec.Requirement{last, sturdy, again}, 3)()
			for _, r := range []*spec.Requirement{again, sturdy, last} {
				result := j.Judge(ctx, r)
				Expect(result.Verdict).To(Equal(report.Pass), r.ID)
				Expect(result.Notes).To(BeEmpty(), r.ID)
			}
		})

		It("has it alone where it is near", func(ctx context.Context) {
			var d diary
			r, other := writing(&d, "alone"), writing(&d, "other")
			r.Alone, r.AloneAgain, r.Takes = true, true, time.Minute
			judged(ctx, []*spec.Requirement{r, other}, 2)
			Expect(d.begun).To(Equal([]string{"other", "alone"}))
		})
	})

	It("judges what is not asked for when something is blocked by it", func(ctx context.Context) {
		var d diary
		blocker, blocked := writing(&d, "blocker"), writing(&d, "blocked")
		blocked.BlockedBy = []*spec.Requirement{blocker}
		judged(ctx, []*spec.Requirement{blocked}, 2)
		Expect(slices.Index(d.begun, "blocker")).To(Equal(0))
	})
})
