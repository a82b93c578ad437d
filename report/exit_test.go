package report_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
)

func checked(verdicts ...report.Verdict) *report.Check {
	var c report.Check
	for _, v := range verdicts {
		c.Add(report.Result{Verdict: v, Severity: report.Major})
	}
	return &c
}

func diagnosed(findings ...report.Finding) *report.Diagnosis {
	return &report.Diagnosis{Findings: findings}
}

var _ = Describe("The exit code", func() {
	var (
		healthy  = report.Finding{Code: report.Healthy, Severity: report.Note}
		filtered = report.Finding{Code: report.RangeFiltered, Severity: report.Blocking}
		limited  = report.Finding{Code: report.EPSVUnsupported, Severity: report.Limited}
		note     = report.Finding{Code: report.EPSVUnsupported, Severity: report.Note}
		met      = report.Threshold{Met: true}
		missed   = report.Threshold{}
	)
	DescribeTable("is", func(r report.Run, failOn report.FailOn, want report.Exit) {
		Expect(r.Weigh(failOn)).To(Equal(want))
	},
		Entry("0 for nothing", report.Run{}, report.FailOnFail, report.ExitOK),
		Entry("0 for passes, infos, skips and open questions", report.Run{Check: checked(pass, info, skip, unsure, report.XFail)}, report.FailOnWarn, report.ExitOK),
		Entry("0 for a warning by default", report.Run{Check: checked(warn)}, report.FailOn(""), report.ExitOK),
		Entry("1 for a warning that counts", report.Run{Check: checked(pass, warn)}, report.FailOnWarnMajor, report.ExitVerdict),
		Entry("0 for a warning below what counts", report.Run{Check: checked(pass, warn)}, report.FailOnWarnCritical, report.ExitOK),
		Entry("1 for a failure", report.Run{Check: checked(pass, fail)}, report.FailOnFail, report.ExitVerdict),
		Entry("1 for a stale baseline entry", report.Run{Check: checked(report.XPass)}, report.FailOnFail, report.ExitVerdict),
		Entry("4 for an error of our own", report.Run{Check: checked(pass, broken)}, report.FailOnFail, report.ExitIncomplete),
		Entry("1 for a failure and an error", report.Run{Check: checked(broken, fail)}, report.FailOnFail, report.ExitVerdict),
		Entry("3 for a check without a server", report.Run{Check: &report.Check{Unreached: true}}, report.FailOnFail, report.ExitTarget),

		Entry("0 for thresholds that hold", report.Run{Load: &report.Load{Thresholds: []report.Threshold{met}}}, report.FailOnFail, report.ExitOK),
		Entry("1 for a broken threshold", report.Run{Load: &report.Load{Thresholds: []report.Threshold{met, missed}}}, report.FailOnFail, report.ExitVerdict),
		Entry("1 for failed sessions that no threshold judges", report.Run{Load: &report.Load{Sessions: report.Sessions{Failed: 1}}}, report.FailOnFail, report.ExitVerdict),
		Entry("0 for failed sessions that a threshold judges", report.Run{Load: &report.Load{Sessions: report.Sessions{Failed: 1}, Thresholds: []report.Threshold{met}}}, report.FailOnFail, report.ExitOK),
		Entry("0 when the server was the limit", report.Run{Load: &report.Load{LimitedBy: "server"}}, report.FailOnFail, report.ExitOK),
		Entry("4 when the generator was the limit", report.Run{Load: &report.Load{LimitedBy: report.LimitGenerator, Thresholds: []report.Threshold{met}}}, report.FailOnFail, report.ExitIncomplete),
		Entry("4 when the generator was the limit, whatever was measured", report.Run{Load: &report.Load{LimitedBy: report.LimitGenerator, Sessions: report.Sessions{Failed: 9}, Thresholds: []report.Threshold{missed}}}, report.FailOnFail, report.ExitIncomplete),
		Entry("3 for a load without a server", report.Run{Load: &report.Load{Unreached: true, Sessions: report.Sessions{Failed: 9}}}, report.FailOnFail, report.ExitTarget),

		Entry("0 for a healthy server", report.Run{Diagnose: diagnosed(healthy)}, report.FailOnFail, report.ExitOK),
		Entry("0 for a note", report.Run{Diagnose: diagnosed(healthy, note)}, report.FailOnFail, report.ExitOK),
		Entry("1 for a blocking fault", report.Run{Diagnose: diagnosed(filtered)}, report.FailOnFail, report.ExitVerdict),
		Entry("1 for a limited fault", report.Run{Diagnose: diagnosed(healthy, limited)}, report.FailOnFail, report.ExitVerdict),
		Entry("3 when nothing answers", report.Run{Diagnose: diagnosed(report.Finding{Code: report.ControlUnreachable, Severity: report.Blocking})}, report.FailOnFail, report.ExitTarget),
		Entry("3 when something else answers", report.Run{Diagnose: diagnosed(report.Finding{Code: report.NotFTP, Severity: report.Blocking})}, report.FailOnFail, report.ExitTarget),
		Entry("3 when the login is refused", report.Run{Diagnose: diagnosed(report.Finding{Code: report.LoginRefused, Severity: report.Blocking})}, report.FailOnFail, report.ExitTarget),

		Entry("4 for an interrupted run", report.Run{Partial: true, Check: checked(pass)}, report.FailOnFail, report.ExitIncomplete),
		Entry("4 for a run interrupted before it had anything", report.Run{Partial: true, Error: "interrupted"}, report.FailOnFail, report.ExitIncomplete),
		Entry("4 for a failure found before an interrupt", report.Run{Partial: true, Check: checked(fail)}, report.FailOnFail, report.ExitIncomplete),
		Entry("4 for a threshold that an interrupted run did not meet yet", report.Run{Partial: true, Load: &report.Load{Thresholds: []report.Threshold{missed}}}, report.FailOnFail, report.ExitIncomplete),
		Entry("3 for an error before any job", report.Run{Error: "no such host"}, report.FailOnFail, report.ExitTarget),
		Entry("0 for an error that left jobs whole", report.Run{Error: "cannot remove the directory", Check: checked(pass)}, report.FailOnFail, report.ExitOK),
	)

	It("is that of the samples", func() {
		for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable()} {
			failOn := report.FailOnFail
			if r.Check != nil {
				failOn = r.Check.FailOn
			}
			Expect(r.Weigh(failOn)).To(Equal(r.Exit))
		}
	})

	It("has a meaning of its own for each code", func() {
		seen := map[string]bool{}
		for e := report.ExitOK; e <= report.ExitIncomplete+1; e++ {
			Expect(e.Meaning()).NotTo(BeEmpty())
			Expect(seen).NotTo(HaveKey(e.Meaning()))
			seen[e.Meaning()] = true
		}
	})
})

var _ = DescribeTable("the conclusion", func(r report.Run, want string) {
	Expect(r.Conclusion()).To(Equal(want))
},
	Entry("without a job", report.Run{}, "exit 0, everything asked was judged, and nothing unexpected was found"),
	Entry("of a healthy server", sample.Healthy(), "exit 0, everything asked was judged, and nothing unexpected was found: "+
		"3 requirements judged, 1 skipped; 1 threshold held, 2000 sessions completed; passive mode is healthy"),
	Entry("of a server that cannot be reached", report.Run{Exit: report.ExitTarget, Error: "no such host"},
		"exit 3, the target could not be reached or logged in to, so nothing could be judged: no such host"),
	Entry("of a generator at its limit", report.Run{Exit: report.ExitIncomplete, Load: &report.Load{LimitedBy: report.LimitGenerator, Sessions: report.Sessions{Completed: 1, Failed: 2}}},
		"exit 4, the run was not completed, or the generator was the limit: the generator was the limit, 1 session completed, 2 failed"),
	Entry("of a broken server", report.Run{Exit: report.ExitVerdict,
		Check: checked(pass, fail, warn, report.XFail, report.XPass, skip, unsure, broken), Load: &report.Load{Thresholds: make([]report.Threshold, 2)},
		Diagnose: diagnosed(report.Finding{Code: report.AddressZero})},
		"exit 1, a verdict against the server: 5 requirements judged, 1 not met, 1 met unexpectedly, 1 with a warning, 1 expected to fail, "+
			"1 skipped, 1 inconclusive, 1 with an error; 2 of 2 thresholds broken, 0 sessions completed; diagnosis address-zero"),
	Entry("of a diagnosis that found nothing", report.Run{Diagnose: diagnosed()}, "exit 0, everything asked was judged, and nothing unexpected was found: passive mode was not diagnosed"),
)
