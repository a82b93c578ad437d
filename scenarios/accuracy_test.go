package scenarios

import (
	"fmt"
	"math"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
)

// paced is an engine for a server that keeps to a tempo.
func paced(tempo ftptest.Tempo) *Engine {
	GinkgoHelper()
	server, err := ftptest.Start(ftptest.Config{Faults: []ftptest.Fault{tempo.Fault()}})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	target, err := probe.ParseTarget(server.URL())
	Expect(err).NotTo(HaveOccurred())
	return &Engine{Target: target}
}

// closest is how far off a measurement is in the best of several rounds. A
// machine that is busy with something else spoils some of them; what is
// systematic shows in all.
type closest map[string]float64

// see compares what a round measured with what is true.
func (c closest) see(what string, measured, truth float64) {
	off := measured/truth - 1
	if best, ok := c[what]; !ok || math.Abs(off) < math.Abs(best) {
		c[what] = off
	}
}

// within tells whether all are so close.
func (c closest) within(share float64) bool {
	for _, off := range c {
		if math.Abs(off) > share {
			return false
		}
	}
	return true
}

const accuracyRounds = 6

var _ = Describe("The figures of a load", func() {
	It("are those of the server: the time of each phase", func(ctx SpecContext) {
		tempo := ftptest.KnownTempo
		const size = 256 << 10
		truth := map[string]time.Duration{
			"greeting": tempo.Greeting, "login": tempo.Login, "passive": tempo.Passive, "opening": tempo.Opening, "first-byte": tempo.FirstByte,
			"transfer": size * time.Second / time.Duration(tempo.Rate), "completion": tempo.Completion, "quit": tempo.Quit,
		}
		var whole time.Duration
		for _, d := range truth {
			whole += d
		}
		engine := paced(tempo)
		off := closest{}
		for round := 0; round < accuracyRounds && (round == 0 || !off.within(0.05)); round++ {
			l, err := engine.Run(ctx, parsed(fmt.Sprintf(
				"load: {sessions: 4, count: 12}\nneeds: [file: {path: f.bin, size: %d}]\nsession: [login, retr: {path: f.bin, verify: crc}, quit]\n", size)))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			var lines []string
			for phase, want := range truth {
				got := l.Phases[phase]
				Expect(got.Count).To(Equal(int64(12)), phase)
				off.see(phase, float64(got.P50), want.Seconds())
				lines = append(lines, fmt.Sprintf("%s: true %v, p50 %v (%+.2f %%)", phase, want, got.P50.Duration(), 100*(float64(got.P50)/want.Seconds()-1)))
				// The operations of the scenario are made of phases.
				if phase == "quit" {
					off.see("operation quit", float64(l.Operations["quit"].Latency.P50), want.Seconds())
				}
			}
			sum := float64(l.Operations["login"].Latency.P50 + l.Operations["retr"].Latency.P50 + l.Operations["quit"].Latency.P50)
			off.see("all operations", sum, whole.Seconds())
			AddReportEntry(fmt.Sprintf("round %d", round+1), strings.Join(lines, "\n"), ReportEntryVisibilityFailureOrVerbose)
		}
		for what, far := range off {
			Expect(far).To(BeNumerically("~", 0, 0.05), what)
		}
	})

	It("are those of the server: the throughput", func(ctx SpecContext) {
		const rate, sessions = 2 << 20, 3
		engine := paced(ftptest.Tempo{Rate: rate})
		off := closest{}
		for round := 0; round < accuracyRounds && (round == 0 || !off.within(0.02)); round++ {
			l, err := engine.Run(ctx, parsed(fmt.Sprintf(
				"load: {sessions: %d, for: 3s}\nwarm-up: 200ms\nneeds: [file: {path: f.bin, size: 4MiB}]\n"+
					"session: [login, repeat: {times: 100, steps: [retr: {path: f.bin}]}]\n", sessions)))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			off.see("all", l.Throughput, sessions*rate)
			Expect(l.Fairness.Unjudged).To(BeEmpty())
			Expect(l.Fairness.Sessions).To(Equal(sessions))
			off.see("slowest session", float64(l.Fairness.Bytes.Min)/float64(l.Elapsed), rate)
			off.see("fastest session", float64(l.Fairness.Bytes.Max)/float64(l.Elapsed), rate)
			retr := l.Phases["transfer"]
			off.see("transfer", float64(l.Operations["retr"].Bytes)/(float64(retr.Mean)*float64(retr.Count)), rate)
			AddReportEntry(fmt.Sprintf("round %d", round+1), fmt.Sprintf("true %.0f B/s, measured %.0f (%+.2f %%)", float64(sessions*rate), l.Throughput,
				100*(l.Throughput/(sessions*rate)-1)), ReportEntryVisibilityFailureOrVerbose)
		}
		for what, far := range off {
			Expect(far).To(BeNumerically("~", 0, 0.02), what)
		}
	})
})
