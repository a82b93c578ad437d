package report_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("The generator", func() {
	late := report.Distribution{Count: 1000, P99: report.InSeconds(25 * time.Millisecond)}
	prompt := report.Distribution{Count: 1000, P99: report.InSeconds(10 * time.Millisecond)}
	decided := func(l report.Load) report.Load {
		l.Generator.Cores = 2
		l.DecideGenerator()
		return l
	}

	DescribeTable("was the limit", func(l report.Load, reason string) {
		l = decided(l)
		Expect(l.Generator.Limits).To(ConsistOf(ContainSubstring(reason)))
		Expect(l.Generator.Warnings).To(BeEmpty())
		Expect(l.GeneratorLimited()).To(BeTrue())
		run := report.Run{Load: &l}
		Expect(run.Weigh(report.FailOnFail)).To(Equal(report.ExitIncomplete))
	},
		Entry("when its processors were taken most of the time", report.Load{Generator: report.Generator{Watched: 10, Saturated: 6, Share: 0.8}},
			"it took more than 90 % of 2 cores in 6 of 10 s"),
		Entry("when it was busy and late", report.Load{Generator: report.Generator{Watched: 3, Share: 0.71, Lag: late}},
			"it was late by 25 ms in one of a hundred cases, and took 71 % of 2 cores"),
		Entry("when transfers waited for it", report.Load{LimitedBy: report.LimitGenerator}, "most of the transfer time was spent waiting for it"),
		Entry("when it ran out of something once", report.Load{Generator: report.Generator{Lacked: map[string]int64{"ports": 1}}, Sessions: report.Sessions{Failed: 1}},
			"it ran out of ports: 1 connection could not be made"),
		Entry("when all that kept sessions from logging in was its own", report.Load{Unreached: true, Generator: report.Generator{Lacked: map[string]int64{"file descriptors": 40}}},
			"it ran out of file descriptors: 40 connections could not be made"),
	)

	DescribeTable("was not the limit", func(g report.Generator, warnings ...string) {
		l := decided(report.Load{Generator: g})
		Expect(l.Generator.Limits).To(BeEmpty())
		Expect(l.GeneratorLimited()).To(BeFalse())
		Expect(l.Generator.Warnings).To(HaveLen(len(warnings)))
		for i, w := range warnings {
			Expect(l.Generator.Warnings[i]).To(ContainSubstring(w))
		}
		run := report.Run{Load: &l}
		Expect(run.Weigh(report.FailOnFail)).To(Equal(report.ExitOK))
	},
		Entry("when nothing is known", report.Generator{}),
		Entry("when its processors were taken half of the time", report.Generator{Watched: 10, Saturated: 5, Share: 0.9, Lag: prompt}),
		Entry("when it was late, but not busy", report.Generator{Watched: 10, Share: 0.7, Lag: late}, "something else keeps the processors of this machine busy"),
		Entry("when it was busy for too short a time", report.Generator{Watched: 2, Saturated: 2, Share: 0.99}, "2 s are too few to tell: it took more than 90 %"),
		Entry("when the server had its part of the machine", report.Generator{Watched: 10, Saturated: 10, Share: 0.97, Lag: late, Shares: report.SharedMachine},
			"server and generator share this machine: the figures are those of both together; of the generator: it took more than 90 % of 2 cores in 10 of 10 s; it was late by 25 ms"),
		Entry("when the server kept it waiting", report.Generator{Watched: 10, Share: 0.1, Lag: late, Shares: report.SharedMachine}, "of the generator: it was late by 25 ms"),
		Entry("when the server is built into it", report.Generator{Watched: 10, Share: 0.1, Shares: report.SharedProcess}, "server and generator are one process"),
	)

	It("is not the limit for transfers that wait for it on a machine that the server shares", func() {
		l := decided(report.Load{LimitedBy: report.LimitGenerator, Generator: report.Generator{Shares: report.SharedMachine}})
		Expect(l.GeneratorLimited()).To(BeFalse())
		Expect(l.Generator.Warnings).To(ConsistOf(ContainSubstring("waiting for it")))
	})

	It("may run out of something on a machine that the server shares, too", func() {
		l := decided(report.Load{Generator: report.Generator{Shares: report.SharedProcess, Lacked: map[string]int64{"ports": 3}}})
		Expect(l.GeneratorLimited()).To(BeTrue())
	})

	It("is decided once, however often that is asked", func() {
		l := decided(report.Load{Generator: report.Generator{Watched: 2, Saturated: 2, Lacked: map[string]int64{"ports": 3}}})
		again := decided(l)
		Expect(again).To(Equal(l))
	})
})
