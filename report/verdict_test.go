package report_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var (
	levels     = []report.Level{report.Must, report.MustNot, report.Should, report.ShouldNot, report.May, report.Practice}
	severities = []report.Severity{report.Critical, report.Major, report.Minor}
)

// The first table of the catalogue ("How to judge"), row by row, with the
// outcomes that do not depend on the level below it. Columns are in the order
// of levels: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY, PRACTICE.
var _ = DescribeTable("the weight of an outcome",
	func(outcome report.Outcome, strict bool, want ...report.Verdict) {
		Expect(want).To(HaveLen(len(levels)))
		for i, level := range levels {
			Expect(report.Weigh(level, outcome, strict)).To(Equal(want[i]), "%s", level)
		}
	},
	Entry("met", report.Met, false, pass, pass, pass, pass, info, pass),
	Entry("met, strict", report.Met, true, pass, pass, pass, pass, info, pass),
	Entry("tolerated", report.Tolerated, false, pass, pass, pass, pass, info, pass),
	Entry("tolerated, strict", report.Tolerated, true, fail, fail, fail, fail, fail, warn),
	Entry("not met", report.NotMet, false, fail, fail, warn, warn, fail, warn),
	Entry("not met, strict", report.NotMet, true, fail, fail, fail, fail, fail, warn),
	Entry("warned", report.Warned, false, warn, warn, warn, warn, warn, warn),
	Entry("warned, strict", report.Warned, true, warn, warn, warn, warn, warn, warn),
	Entry("recorded", report.Recorded, false, info, info, info, info, info, info),
	Entry("recorded, strict", report.Recorded, true, info, info, info, info, info, info),
	Entry("skipped", report.Skipped, false, skip, skip, skip, skip, skip, skip),
	Entry("skipped, strict", report.Skipped, true, skip, skip, skip, skip, skip, skip),
	Entry("undecided", report.Undecided, false, unsure, unsure, unsure, unsure, unsure, unsure),
	Entry("undecided, strict", report.Undecided, true, unsure, unsure, unsure, unsure, unsure, unsure),
	Entry("broken", report.Broken, false, broken, broken, broken, broken, broken, broken),
	Entry("broken, strict", report.Broken, true, broken, broken, broken, broken, broken, broken),
)

const (
	pass   = report.Pass
	info   = report.Info
	warn   = report.Warn
	fail   = report.Fail
	skip   = report.Skip
	unsure = report.Inconclusive
	broken = report.Error
)

var _ = Describe("--fail-on", func() {
	// Which severities of a warning count; critical, major, minor.
	DescribeTable("counts", func(f report.FailOn, warnings ...bool) {
		for i, s := range severities {
			for _, v := range report.Verdicts {
				want := v == report.Fail || v == report.XPass || v == report.Warn && warnings[i]
				Expect(f.Counts(v, s)).To(Equal(want), "%s %s", v, s)
			}
		}
	},
		Entry("the zero value", report.FailOn(""), false, false, false),
		Entry("fail", report.FailOnFail, false, false, false),
		Entry("warn", report.FailOnWarn, true, true, true),
		Entry("warn:critical", report.FailOnWarnCritical, true, false, false),
		Entry("warn:major", report.FailOnWarnMajor, true, true, false),
	)

	DescribeTable("reads", func(s string) {
		f, err := report.ParseFailOn(s)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(f)).To(Equal(s))
	},
		Entry(nil, "fail"), Entry(nil, "warn"), Entry(nil, "warn:critical"), Entry(nil, "warn:major"),
	)

	DescribeTable("rejects", func(s string) {
		_, err := report.ParseFailOn(s)
		Expect(err).To(MatchError(ContainSubstring("none of fail, warn")))
	},
		Entry(nil, ""), Entry(nil, "FAIL"), Entry(nil, "warn:minor"), Entry(nil, "never"),
	)
})
