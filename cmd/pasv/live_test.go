package main

import (
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios"
)

var _ = Describe("The live view of a load", func() {
	measured := scenarios.Snapshot{
		Elapsed: 12 * time.Second, Total: 35 * time.Second, Done: 12.0 / 35, Active: 16, AtOnce: 32, Operations: 990, Failures: 10,
		Latest: scenarios.Interval{At: 6 * time.Second, Took: time.Second, Operations: 1234, Bytes: 64 << 20, Latency: report.Distribution{Count: 1234, P99: 0.0123}},
	}
	with := func(change func(*scenarios.Snapshot)) scenarios.Snapshot {
		s := measured
		change(&s)
		return s
	}

	DescribeTable("is a line", func(s scenarios.Snapshot, want string) {
		Expect((&live{}).line(s)).To(Equal(want))
	},
		Entry("while it is measured", measured, "00:12 of 00:35, 16 sessions, 64.0 MiB/s, 1234/s, p99 12.3 ms, 10 failed"),
		Entry("in the warm-up", with(func(s *scenarios.Snapshot) { s.Warming = true }), "00:12 of 00:35 (warm-up), 16 sessions, 64.0 MiB/s"),
		Entry("at the end", with(func(s *scenarios.Snapshot) { s.Ending, s.Latest = true, scenarios.Interval{} }), "00:12 of 00:35 (ending), 16 sessions, 0.0 MiB/s, 0/s, p99 -, 10 failed"),
		Entry("without an end", with(func(s *scenarios.Snapshot) { s.Total, s.Late, s.Dropped = 0, 3, 2 }), "00:12, 34 %, 16 sessions, 64.0 MiB/s, 1234/s, p99 12.3 ms, 10 failed, 3 late, 2 dropped"),
		Entry("in a search for capacity", with(func(s *scenarios.Snapshot) { s.Step = 3 }), "step 3, 00:12, 16 sessions, 64.0 MiB/s, 1234/s, p99 12.3 ms, 10 failed"),
	)

	It("has bars for elapsed time, sessions, rate, throughput, p99 and failures", func() {
		var l live
		l.rows(with(func(s *scenarios.Snapshot) {
			s.Latest = scenarios.Interval{Took: time.Second, Operations: 2468, Bytes: 128 << 20, Latency: report.Distribution{Count: 1, P99: 0.0492}}
		}))
		var shown []any
		for _, r := range l.rows(measured) {
			shown = append(shown, r.Name, r.Text, math.Round(100*r.Share))
		}
		Expect(shown).To(Equal([]any{
			"load", "00:12 of 00:35", 34.0, "sessions", "16 of 32", 50.0, "rate", "1234/s", 50.0,
			"throughput", "64.0 MiB/s", 50.0, "p99", "12.3 ms", 25.0, "failures", "10 of 1000", 1.0,
		}))
	})
})
