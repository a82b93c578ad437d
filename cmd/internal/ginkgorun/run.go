// Package ginkgorun runs the conformance suites from within a program instead
// of a test binary. It is the only caller of ginkgo.RunSpecs outside of tests.
//
// # Why
//
// The command line runs the very specs that server authors run in their own
// suites, so that the two cannot disagree. Ginkgo's own output is silenced: what
// users of the command read is made from the results.
package ginkgorun

import (
	"context"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
)

// Run judges the requirements, up to jobs at once, and calls each for every
// result in the order of the requirements. When ctx ends, requirements that were
// not judged yet are left out. Ginkgo allows one run in the life of a process.
func Run(ctx context.Context, j *spec.Judge, requirements []*spec.Requirement, jobs int, each func(report.Result)) {
	wait := suites.Ahead(ctx, j, requirements, jobs)
	defer wait()
	ginkgo.BeforeEach(func() {
		if ctx.Err() != nil {
			ginkgo.AbortSuite("interrupted")
		}
	})
	suites.Describe(bound{ctx, j}, requirements, each)

	formatter.ColorableStdOut = io.Discard
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.FailOnEmpty = false
	// A test binary that stands for the program has specs of its own, which are not
	// to be run in the place of a user's check.
	suite.FocusStrings = []string{"^" + name + " " + suites.Heading + " "}
	ginkgo.RunSpecs(silent{}, name, suite, reporter)
}

// name is that of the suite.
const name = "pasv check"

// bound judges under the context of the run instead of that of a spec.
type bound struct {
	ctx   context.Context
	judge *spec.Judge
}

func (b bound) Judge(_ context.Context, r *spec.Requirement) report.Result {
	return b.judge.Judge(b.ctx, r)
}

func (b bound) Expect(requirements []*spec.Requirement) { b.judge.Expect(requirements) }

// Close does nothing: who made the judge closes it.
func (b bound) Close(context.Context) error { return nil }

func (b bound) Counts(r report.Result) bool { return b.judge.Counts(r) }

// silent stands where go test's *testing.T would: that a spec failed is told by
// its result.
type silent struct{}

func (silent) Fail() {}
