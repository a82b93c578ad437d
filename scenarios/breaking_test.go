package scenarios

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

// observed is the text of the observation with a code; empty when there is none.
func observed(l report.Load, code string) string {
	for _, o := range l.Observations {
		if o.Code == code {
			return o.Text
		}
	}
	return ""
}

// freeRange is a range of ports that were free a moment ago.
func freeRange(n int) ftptest.Range {
	GinkgoHelper()
	for first := 20_000; first < 32_000; first += n {
		var open []net.Listener
		for i := range n {
			if ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+i)); err == nil {
				open = append(open, ln)
			}
		}
		for _, ln := range open {
			Expect(ln.Close()).To(Succeed())
		}
		if len(open) == n {
			return ftptest.Range{First: uint16(first), Last: uint16(first + n - 1)}
		}
	}
	Fail("no ports are free")
	return ftptest.Range{}
}

var _ = Describe("A server that breaks under load", func() {
	run := func(ctx SpecContext, config ftptest.Config, patience time.Duration, document string, faults ...string) report.Load {
		GinkgoHelper()
		for _, name := range faults {
			config.Faults = append(config.Faults, broken(name))
		}
		server, err := ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		l, err := (&Engine{Target: target, Dialer: &probe.Dialer{Timeout: patience}}).Run(ctx, parsed(document))
		Expect(err).NotTo(HaveOccurred())
		return l
	}
	failure := func(l report.Load, phase, cause string, code int) report.Failure {
		GinkgoHelper()
		i := slices.IndexFunc(l.Failures, func(f report.Failure) bool { return f.Phase == phase && f.Cause == cause && f.Code == code })
		Expect(i).To(BeNumerically(">=", 0), "%+v", l.Failures)
		return l.Failures[i]
	}

	It("is reported as what it is: every tenth download wrong", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 10*time.Second, `
load: {sessions: 3, count: 12}
needs: [file: {path: f.bin, size: 4KiB}]
session: [login, repeat: {times: 10, steps: [retr: {path: f.bin, verify: crc}]}, quit]
`, "retr-tenth")
		f := failure(l, "transfer", "verify", 0)
		Expect(f.Count).To(Equal(int64(12)))
		Expect(f.Example).To(MatchRegexp(`^transfer: CRC-32C [0-9a-f]{8} instead of [0-9a-f]{8}, and the server said that the transfer was complete$`))
		Expect(l.Failures).To(HaveLen(1))
		Expect(l.Verified).To(Equal(&report.Verified{Transfers: 108, Bytes: 108 << 12, Content: 108 << 12}))
		Expect(observed(l, report.DataWrong)).To(HavePrefix("wrong data: 12 of 120 downloads that were compared, 1 in 10 (transfer: CRC-32C "))
		Expect(l.Observations).To(HaveLen(1))
	})

	It("is reported as what it is: passive ports that are not given back", func(ctx SpecContext) {
		ports := freeRange(20)
		l := run(ctx, ftptest.Config{PassivePorts: ports}, 10*time.Second, `
load: {sessions: 4, for: 2s}
session: [login, repeat: {times: 3, steps: [list]}, quit]
`, "sec-ports-not-released")
		f := failure(l, "passive", "reply", 425)
		Expect(f.Count).To(BeNumerically(">", 0))
		Expect(f.Example).To(ContainSubstring("425"))
		// One is taken by the listing before the load.
		Expect(l.PassivePorts.Distinct).To(BeNumerically("~", 20, 1))
		Expect(l.PassivePorts.Reused).To(BeZero())
		Expect(l.PassivePorts.Lowest).To(BeNumerically(">=", ports.First))
		Expect(l.PassivePorts.Highest).To(BeNumerically("<=", ports.Last))
		Expect(observed(l, report.PortsLost)).To(MatchRegexp(`^passive ports are not given back: \d+ requests? answered 425, \d+ ports from 2\d{4} to 2\d{4} were offered to 4 sessions at once \(`))
		Expect(l.Observations).To(HaveLen(1))
	})

	It("is reported as what it is: fewer passive ports than sessions", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{PassivePorts: freeRange(3)}, 10*time.Second, `
load: {sessions: 6, for: 2s}
session: [login, passive, think: 100ms, list, quit]
`)
		Expect(failure(l, "passive", "reply", 425).Count).To(BeNumerically(">", 0))
		Expect(l.PassivePorts.Distinct).To(Equal(3))
		Expect(l.PassivePorts.Reused).To(Equal(l.PassivePorts.Offered - 3))
		Expect(l.PassivePorts.Soonest).To(BeNumerically(">", 0))
		Expect(observed(l, report.PortsExhausted)).To(MatchRegexp(`^no passive port is left: .* 3 ports from 2\d{4} to 2\d{4} were offered to 6 sessions at once`))
		Expect(observed(l, report.PortsLost)).To(BeEmpty())
	})

	It("is reported as what it is: 421 above a number of sessions", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 10*time.Second, `
load: {sessions: 10, for: 2s}
session: [login, hold, quit]
`, "session-limit")
		f := failure(l, "greeting", "reply", 421)
		Expect(f.Count).To(BeNumerically(">=", 6))
		Expect(l.Sessions.RoomFor).To(Equal(4))
		Expect(observed(l, report.SessionsLimited)).To(MatchRegexp(`^session limit: at most 4 logged in at once, \d+ sessions turned away \(greeting [0-9.:]+: 421 Too many sessions, try again later\.\)$`))
		Expect(l.Observations).To(HaveLen(1))
	})

	It("is one that was reached, when its sessions logged in during the warm-up", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 10*time.Second, `
load: {sessions: 6, for: 1s}
warm-up: 1s
session: [login, hold, quit]
`, "session-limit")
		Expect(l.Operations["login"].Latency.Count).To(BeZero())
		Expect(l.Operations["login"].Failures).To(BeNumerically(">", 0))
		Expect(l.Unreached).To(BeFalse())
		Expect(l.Sessions.RoomFor).To(Equal(4))
	})

	It("is reported as what it is: transfers that stall", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 500*time.Millisecond, `
load: {sessions: 2, count: 4}
needs: [file: {path: f.bin, size: 1MiB}]
session: [login, retr: {path: f.bin, verify: size}, quit]
`, "retr-stall")
		f := failure(l, "transfer", "stalled", 0)
		Expect(f.Count).To(Equal(int64(4)))
		Expect(f.Example).To(MatchRegexp(`^transfer 127\.0\.0\.1:\d+: after 65536 bytes: `))
		Expect(observed(l, report.TransfersStall)).To(And(HavePrefix("transfers stall: 4 went silent ("), ContainSubstring("after 65536 bytes")))
		Expect(l.Observations).To(HaveLen(1))
	})

	It("is reported as what it is: slower with every session", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 10*time.Second, `
load: {model: capacity, from: 1, to: 8, for: 1s}
session: [login, repeat: {times: 1000, steps: [noop]}, quit]
want: [count(failures) == 0]
`, "slow-with-sessions")
		var steps []int
		for _, s := range l.Capacity.Steps {
			steps = append(steps, s.Sessions)
			Expect(s.Held).To(BeTrue())
		}
		Expect(steps).To(Equal([]int{1, 2, 4, 8}))
		Expect(observed(l, report.SlowsDown)).To(MatchRegexp(`^slows down with sessions: each gets \S+ operations per second with 1, \S+ with 8 \(all together \S+ and \S+\); server and generator share this machine$`))
		// Each reply takes 2 ms for each session.
		few, many := l.Capacity.Steps[0], l.Capacity.Steps[3]
		Expect(few.Rate).To(BeNumerically("<=", 501))
		Expect(many.Rate / 8).To(BeNumerically("<=", 63))
	})

	It("is a server without observations when it does not break", func(ctx SpecContext) {
		l := run(ctx, ftptest.Config{}, 10*time.Second, `
load: {sessions: 3, for: 1s}
needs: [file: {path: f.bin, size: 4KiB}]
session: [login, retr: {path: f.bin, verify: size}, list, quit]
`)
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Observations).To(BeEmpty())
		Expect(l.Fairness.Unjudged).To(BeEmpty())
		Expect(l.Fairness.Sessions).To(Equal(3))
		Expect(l.Fairness.Operations.Jain).To(BeNumerically(">", 0.5))
		Expect(l.Verified.Content).To(BeZero())
		Expect(l.Verified.Transfers).To(Equal(l.Operations["retr"].Latency.Count))
		Expect(l.PassivePorts.Offered).To(Equal(l.PassivePorts.Reused + int64(l.PassivePorts.Distinct)))
		Expect(strings.Join(l.Generator.Limits, "\n")).To(BeEmpty())
	})
})
