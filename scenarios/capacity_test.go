package scenarios

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

var _ = Describe("A search for capacity", func() {
	DescribeTable("tries", func(from, to, capacity int, want []int, held, broke int) {
		b := bracket{from: from, to: to}
		var tried []int
		for n := b.next(); n > 0; n = b.next() {
			tried = append(tried, n)
			Expect(len(tried)).To(BeNumerically("<=", maxSteps))
			b.tell(n, n <= capacity)
		}
		Expect(tried).To(Equal(want))
		Expect([]int{b.held, b.broke}).To(Equal([]int{held, broke}))
	},
		Entry("one number", 5, 5, 9, []int{5}, 5, 0),
		Entry("the smallest only, when that does not hold", 5, 100, 4, []int{5}, 0, 5),
		Entry("up to the most that is allowed", 1, 10, 99, []int{1, 2, 4, 8, 10}, 10, 0),
		Entry("twice as many, then the middle", 1, 100, 5, []int{1, 2, 4, 8, 6, 5}, 5, 6),
		Entry("all, when the last is too many", 1, 10, 9, []int{1, 2, 4, 8, 10, 9}, 9, 10),
		Entry("no finer than noise", 1, 100_000, 1000, []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 768, 896, 960, 992, 1008}, 992, 1008),
	)

	search := func(ctx context.Context, document string, faults ...string) (report.Load, error) {
		GinkgoHelper()
		var config ftptest.Config
		for _, name := range faults {
			config.Faults = append(config.Faults, broken(name))
		}
		server, err := ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		return (&Engine{Target: target}).Run(ctx, parsed(document))
	}

	It("finds how many sessions a server takes", func(ctx SpecContext) {
		l, err := search(ctx, "load: {model: capacity, to: 16, for: 400ms}\nsession: [login, hold, quit]\nwant: [count(failures) == 0]\n", "session-limit")
		Expect(err).NotTo(HaveOccurred())
		c := l.Capacity
		Expect(c.Sessions).To(Equal(4))
		Expect(c.BrokenAt).To(Equal(5))
		Expect(c.BrokenBy).To(ConsistOf(MatchRegexp(`^count\(failures\) == 0, measured [1-9]\d*$`)))
		Expect(c.AtLeast).To(BeFalse())
		var tried []int
		for _, s := range c.Steps {
			tried = append(tried, s.Sessions)
			Expect(s.Held).To(Equal(s.Sessions <= 4))
			Expect(s.Failed > 0).To(Equal(s.Sessions > 4))
			Expect(s.Rate).To(BeNumerically(">", 0))
		}
		Expect(tried).To(Equal([]int{1, 2, 4, 8, 6, 5}))
		// All else is that of the best run.
		Expect(l.Model).To(Equal("capacity"))
		Expect(l.Sessions.AtOnce).To(Equal(4))
		Expect(l.Broken()).To(BeZero())
		Expect((&report.Run{Load: &l}).Weigh("")).To(Equal(report.ExitOK))
	})

	It("finds that not even the smallest number holds", func(ctx SpecContext) {
		l, err := search(ctx, "load: {model: capacity, from: 6, to: 16, for: 300ms}\nsession: [login, hold, quit]\nwant: [count(failures) == 0]\n", "session-limit")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Capacity.Sessions).To(BeZero())
		Expect(l.Capacity.BrokenAt).To(Equal(6))
		Expect(l.Capacity.Steps).To(HaveLen(1))
		Expect(observed(l, report.SessionsLimited)).To(HavePrefix("session limit: at most 4 logged in at once"))
		Expect((&report.Run{Load: &l}).Weigh("")).To(Equal(report.ExitVerdict))
	})

	It("says when no more may be tried, and without conditions wants no session to fail", func(ctx SpecContext) {
		l, err := search(ctx, "load: {model: capacity, from: 2, to: 3, for: 200ms}\nsession: [login, quit]\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Capacity.Sessions).To(Equal(3))
		Expect(l.Capacity.AtLeast).To(BeTrue())
		Expect(l.Capacity.Generator).To(BeFalse())
		Expect((&report.Run{Load: &l}).Weigh("")).To(Equal(report.ExitOK))

		l, err = search(ctx, "load: {model: capacity, from: 5, to: 5, for: 300ms}\nsession: [login, hold, quit]\n", "session-limit")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Capacity.Sessions).To(BeZero())
		Expect(l.Capacity.BrokenBy).To(ConsistOf(MatchRegexp(`^\d+ sessions failed$`)))
		Expect((&report.Run{Load: &l}).Weigh("")).To(Equal(report.ExitVerdict))
	})

	It("ends with what it has when it is interrupted", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		l, err := search(short, "load: {model: capacity, to: 1000, for: 1h}\nsession: [login, hold, quit]\n")
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(l.Model).To(Equal("capacity"))
		Expect(l.Capacity.Sessions).To(BeZero())
		Expect(l.Capacity.Steps).To(BeEmpty())
		Expect(l.Sessions.AtOnce).To(Equal(1))
	})

	It("fails where nothing can be reached", func(ctx SpecContext) {
		l, err := search(ctx, "load: {model: capacity, to: 4, for: 1s}\nsession: [login, quit]\n", "login-refused")
		Expect(probe.CauseOf(err)).To(Equal(probe.Refusal))
		Expect(l.Unreached).To(BeTrue())
	})

	It("tells where it is", func(ctx SpecContext) {
		server, err := ftptest.Start(ftptest.Config{})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		seen := map[int]int{}
		last := 0.0
		_, err = (&Engine{Target: target, Interval: 100 * time.Millisecond, Progress: func(s Snapshot) {
			seen[s.Step] = s.AtOnce
			Expect(s.Done).To(BeNumerically(">=", last))
			last = s.Done
		}}).Run(ctx, parsed("load: {model: capacity, from: 2, to: 4, for: 500ms}\nsession: [login, quit]\n"))
		Expect(err).NotTo(HaveOccurred())
		Expect(seen).To(Equal(map[int]int{1: 2, 2: 4}))
	})

	DescribeTable("of a built-in scenario is set from outside", func(document, value, wrong string) {
		s := parsed(document)
		err := s.Set("capacity", value)
		if wrong != "" {
			Expect(err).To(MatchError(ContainSubstring(wrong)))
			return
		}
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Load).To(Equal(Model{Model: Capacity, From: 2, To: 50, For: Duration(4 * time.Second), Ramp: Duration(time.Second)}))
		Expect(s.Set("sessions", "60")).To(Succeed())
		Expect(s.Set("duration", "5s")).To(Succeed())
		Expect(s.Load).To(Equal(Model{Model: Capacity, From: 2, To: 60, For: Duration(5 * time.Second), Ramp: Duration(time.Second)}))
	},
		Entry("between two numbers", "load: {sessions: 3, for: 4s, ramp: 1s}\nsession: [login]\n", "2-50", ""),
		Entry("the wrong way round", "load: {sessions: 3, for: 4s}\nsession: [login]\n", "50-2", "at least from"),
		Entry("from nothing", "load: {sessions: 3, for: 4s}\nsession: [login]\n", "0-2", "at least 1"),
		Entry("up to a word", "load: {sessions: 3, for: 4s}\nsession: [login]\n", "2-x", "x"),
		Entry("in the open model", "load: {model: open, stages: [{rate: 1/s, for: 1s}]}\nsession: [login]\n", "5", "not a rate"),
		Entry("of a count", "load: {sessions: 3, count: 4}\nsession: [login]\n", "5", "set a duration first"),
	)

	It("is set up to a number from one session on", func() {
		s := parsed("load: {sessions: 3, for: 4s}\nsession: [login]\n")
		Expect(s.Set("capacity", "8")).To(Succeed())
		Expect(s.Load).To(Equal(Model{Model: Capacity, From: 1, To: 8, For: Duration(4 * time.Second)}))
	})

	It("ends when this machine is the limit", func() {
		l := report.Load{Generator: report.Generator{Limits: []string{"it ran out of ports"}}}
		step := stepOf(3, &l, nil)
		Expect(step.LimitedBy).To(Equal(report.LimitGenerator))
		l = finished(l, parsed("load: {model: capacity, to: 9, for: 1s}\nsession: [login]\n"), &report.Capacity{Generator: true}, bracket{held: 3})
		Expect(l.Capacity.AtLeast).To(BeTrue())
		Expect((&report.Run{Load: &l}).Weigh("")).To(Equal(report.ExitIncomplete))
	})
})
