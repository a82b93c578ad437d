package suites

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

// Judge is what the doors need of a [spec.Judge].
type Judge interface {
	// Expect tells which requirements will be judged.
	Expect([]*spec.Requirement)
	// Judge tries a requirement, or gives the result that is known already.
	Judge(context.Context, *spec.Requirement) report.Result
	// Counts tells whether a result is one against the server.
	Counts(report.Result) bool
	// Close removes what was made on the server.
	Close(context.Context) error
}

// Heading is the text of the container that [Describe] declares.
const Heading = "FTP server"

// Describe declares one Ginkgo spec for each requirement, in the order of the
// catalogue but for those that [spec.Order] puts at the end, labelled with ID, area, level and severity. A spec fails when its
// verdict counts against the server, and is skipped when nothing could be
// judged. Each result is a report entry of its spec, and is given to every one
// of the listeners. It is called where Ginkgo's Describe would be.
func Describe(j Judge, requirements []*spec.Requirement, listeners ...func(report.Result)) bool {
	j.Expect(requirements)
	return ginkgo.Describe(Heading, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		it := func(r *spec.Requirement) {
			ginkgo.It(r.ID+" "+r.Title, ginkgo.Label(r.Labels()...), func(ctx context.Context) {
				result := j.Judge(ctx, r)
				ginkgo.AddReportEntry(r.ID, result, ginkgo.ReportEntryVisibilityNever)
				for _, listen := range listeners {
					listen(result)
				}
				conclude(j, result, ginkgo.Skip, ginkgo.Fail)
			})
		}
		for _, area := range catalog.Areas() {
			ginkgo.Context(area.Title, func() {
				for _, r := range requirements {
					if r.Area() == area.Prefix && r.Watch == nil && !r.Alone {
						it(r)
					}
				}
			})
		}
		ginkgo.Context("By themselves, and every reply of all", func() {
			for _, r := range spec.Order(requirements) {
				if r.Watch != nil || r.Alone {
					it(r)
				}
			}
		})
		ginkgo.AfterAll(func(ctx context.Context) {
			if err := j.Close(ctx); err != nil {
				ginkgo.Fail("what was made on the server is not all removed: " + err.Error())
			}
		})
	})
}

// conclude turns a result into the fate of a test.
func conclude(j Judge, r report.Result, skip, fail func(string, ...int)) {
	switch {
	case j.Counts(r), r.Verdict == report.Error:
		fail(story(r))
	case r.Verdict == report.Skip, r.Verdict == report.Inconclusive:
		skip(string(r.Verdict) + ": " + r.Reason)
	}
}
