package report_test

import (
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("Observations", func() {
	failures := func(f ...report.Failure) []report.Failure { return f }
	offered := func(n int64, distinct int, reused int64) *report.PassivePorts {
		return &report.PassivePorts{Offered: n, Distinct: distinct, Lowest: 40_000, Highest: 40_099, Reused: reused}
	}
	noPort := report.Failure{Phase: "passive", Cause: "reply", Code: 425, Count: 7, Example: "passive: 425 No port."}
	steps := func(s ...report.CapacityStep) *report.Capacity { return &report.Capacity{Steps: s} }

	DescribeTable("of", func(l report.Load, want ...report.Observation) {
		for range 2 { // they are made anew each time
			l.Observe()
			if len(want) == 0 {
				Expect(l.Observations).To(BeEmpty())
			} else {
				Expect(l.Observations).To(Equal(want))
			}
		}
	},
		Entry("nothing", report.Load{}),
		Entry("failures that say all themselves", report.Load{Failures: failures(
			report.Failure{Phase: "login", Cause: "reply", Code: 530, Count: 3},
			report.Failure{Phase: "command", Cause: "reply", Code: 421, Count: 3},
			report.Failure{Phase: "greeting", Cause: "stalled", Count: 3},
			report.Failure{Phase: "opening", Cause: "reply", Code: 425, Count: 3})}),
		Entry("sessions turned away", report.Load{
			Sessions: report.Sessions{RoomFor: 4},
			Failures: failures(report.Failure{Phase: "greeting", Cause: "reply", Code: 421, Count: 3, Example: "greeting: 421 Full."}, report.Failure{Phase: "login", Cause: "reply", Code: 421, Count: 2, Example: "x"}),
		}, report.Observation{Code: report.SessionsLimited, Text: "session limit: at most 4 logged in at once, 5 sessions turned away (greeting: 421 Full.)"}),
		Entry("all sessions turned away", report.Load{
			Failures: failures(report.Failure{Phase: "login", Cause: "reply", Code: 421, Count: 1, Example: "login: 421 Full."}),
		}, report.Observation{Code: report.SessionsLimited, Text: "session limit: 1 session turned away (login: 421 Full.)"}),
		Entry("wrong data", report.Load{
			Failures: failures(report.Failure{Phase: "transfer", Cause: "verify", Count: 3, Example: "transfer: 1 octets instead of 2"}), Verified: &report.Verified{Transfers: 897},
		}, report.Observation{Code: report.DataWrong, Text: "wrong data: 3 of 900 downloads that were compared, 1 in 300 (transfer: 1 octets instead of 2)"}),
		Entry("nothing but wrong data", report.Load{
			Failures: failures(report.Failure{Phase: "transfer", Cause: "verify", Count: 1, Example: "x"}),
		}, report.Observation{Code: report.DataWrong, Text: "wrong data: 1 of 1 download that was compared, 1 in 1 (x)"}),
		Entry("ports that are not given back", report.Load{
			Sessions: report.Sessions{AtOnce: 10}, Failures: failures(noPort), PassivePorts: offered(100, 100, 0),
		}, report.Observation{Code: report.PortsLost,
			Text: "passive ports are not given back: 7 requests answered 425, 100 ports from 40000 to 40099 were offered to 10 sessions at once (passive: 425 No port.)"}),
		Entry("too few ports", report.Load{
			Sessions: report.Sessions{AtOnce: 200}, Failures: failures(noPort), PassivePorts: offered(100, 100, 0),
		}, report.Observation{Code: report.PortsExhausted,
			Text: "no passive port is left: 7 requests answered 425, 100 ports from 40000 to 40099 were offered to 200 sessions at once (passive: 425 No port.)"}),
		Entry("ports that abound and are offered again", report.Load{
			Sessions: report.Sessions{AtOnce: 10}, Failures: failures(noPort), PassivePorts: offered(1000, 100, 900),
		}),
		Entry("ports of several targets", report.Load{
			Sessions: report.Sessions{AtOnce: 10}, Failures: failures(noPort), PassivePorts: offered(100, 100, 0), Targets: make([]report.TargetLoad, 2),
		}),
		Entry("stalled transfers", report.Load{
			Failures: failures(report.Failure{Phase: "transfer", Cause: "stalled", Count: 2, Example: "transfer: after 9 bytes: i/o timeout"}, report.Failure{Phase: "first-byte", Cause: "stalled", Count: 1}),
		}, report.Observation{Code: report.TransfersStall, Text: "transfers stall: 3 went silent (transfer: after 9 bytes: i/o timeout)"}),
		Entry("sessions in each other's way", report.Load{
			Capacity: steps(report.CapacityStep{Sessions: 16, Rate: 320}, report.CapacityStep{Sessions: 1, Rate: 98.25}),
		}, report.Observation{Code: report.SlowsDown, Text: "slows down with sessions: each gets 98.2 operations per second with 1, 20 with 16 (all together 98.2 and 320)"}),
		Entry("sessions on a machine that they share", report.Load{
			Capacity: steps(report.CapacityStep{Sessions: 2, Rate: 100}, report.CapacityStep{Sessions: 4, Rate: 90}), Generator: report.Generator{Shares: report.SharedMachine},
		}, report.Observation{Code: report.SlowsDown,
			Text: "slows down with sessions: each gets 50 operations per second with 2, 22.5 with 4 (all together 100 and 90); server and generator share this machine"}),
		Entry("sessions that get as much done each", report.Load{
			Capacity: steps(report.CapacityStep{Sessions: 1, Rate: 100}, report.CapacityStep{Sessions: 4, Rate: 380}),
		}),
		Entry("too few more sessions to tell", report.Load{
			Capacity: steps(report.CapacityStep{Sessions: 10, Rate: 100}, report.CapacityStep{Sessions: 19, Rate: 10}),
		}),
		Entry("steps at which this machine was the limit", report.Load{
			Capacity: steps(report.CapacityStep{Sessions: 1, Rate: 100}, report.CapacityStep{Sessions: 100, Rate: 100, LimitedBy: report.LimitGenerator}),
		}),
	)
})

var _ = DescribeTable("a spread", func(n []int64, want report.Spread) {
	got := report.SpreadOf(n)
	Expect(got.Jain).To(BeNumerically("~", want.Jain, 1e-9))
	got.Jain = want.Jain
	Expect(got).To(Equal(want))
},
	Entry("of nothing", nil, report.Spread{}),
	Entry("of one", []int64{7}, report.Spread{Min: 7, Median: 7, Max: 7, Jain: 1}),
	Entry("of equals", []int64{5, 5, 5}, report.Spread{Min: 5, Median: 5, Max: 5, Jain: 1}),
	Entry("where one has all", []int64{0, 8, 0, 0}, report.Spread{Max: 8, Jain: 0.25}),
	Entry("where nobody has anything", []int64{0, 0}, report.Spread{}),
	Entry("of an even number", []int64{4, 1, 3, 2}, report.Spread{Min: 1, Median: 2.5, Max: 4, Jain: 100. / 120}),
	Entry("of very much", []int64{math.MaxInt64, math.MaxInt64}, report.Spread{Min: math.MaxInt64, Median: math.MaxInt64, Max: math.MaxInt64, Jain: 1}),
)

var _ = DescribeTable("the answer of a search", func(c report.Capacity, want string) {
	Expect(c.Answer()).To(Equal(want))
},
	Entry("that found it", report.Capacity{Sessions: 20, BrokenAt: 21, BrokenBy: []string{"p99(login) < 20ms, measured 43 ms"}}, "20 sessions at once; with 21: p99(login) < 20ms, measured 43 ms"),
	Entry("that found nothing", report.Capacity{}, "nothing was found out about the capacity"),
	Entry("where none held", report.Capacity{BrokenAt: 1, BrokenBy: []string{"a", "b"}}, "not one number of sessions held; with 1: a; b"),
	Entry("that came to its end", report.Capacity{Sessions: 1, AtLeast: true}, "at least 1 session at once; more were not tried"),
	Entry("that this machine ended", report.Capacity{Sessions: 9, AtLeast: true, Generator: true, BrokenAt: 12, BrokenBy: []string{"a"}}, "at least 9 sessions at once; this machine was the limit; with 12: a"),
)
