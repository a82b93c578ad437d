package report_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var _ = DescribeTable("what limited a load", func(seconds map[string]report.Seconds, want string, order ...string) {
	l := report.Load{LimitedBy: "what was said before", Limits: map[string]report.Limit{}}
	var all, shares float64
	for name, s := range seconds {
		// Bytes and numbers have no say in it.
		l.Limits[name] = report.Limit{Transfers: int64(1000 - s), Bytes: int64(1000 - s), Elapsed: s, Share: 7}
		all += float64(s)
	}
	l.DecideLimit()
	Expect(l.LimitedBy).To(Equal(want))
	Expect(l.LimitsInOrder()).To(Equal(order))
	for name, m := range l.Limits {
		Expect(m.Elapsed).To(Equal(seconds[name]))
		shares += m.Share
	}
	if all > 0 {
		Expect(shares).To(BeNumerically("~", 1, 1e-9))
	} else {
		Expect(shares).To(BeZero())
	}
},
	Entry("one thing alone", map[string]report.Seconds{"server": 3}, "server", "server"),
	Entry("more than half", map[string]report.Seconds{"network": 4, "server": 51, report.LimitUndecided: 45}, "server", "server", report.LimitUndecided, "network"),
	Entry("half is not enough", map[string]report.Seconds{"network": 50, "server": 50}, "", "network", "server"),
	Entry("the largest part is not enough", map[string]report.Seconds{"network": 30, "server": 40, report.LimitGenerator: 30}, "", "server", "generator", "network"),
	Entry("the generator", map[string]report.Seconds{report.LimitGenerator: 51, report.LimitUndecided: 49}, report.LimitGenerator, "generator", report.LimitUndecided),
	Entry("what is undecided stays so", map[string]report.Seconds{"server": 1, report.LimitUndecided: 99}, "", report.LimitUndecided, "server"),
	Entry("transfers that took no time", map[string]report.Seconds{"server": 0}, "", "server"),
)
