package library_test

import (
	"crypto/tls"
	"runtime"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios"
	"github.com/passiveftp/pasv/scenarios/library"
)

// bytesless are the scenarios that move no bytes worth a size.
var bytesless = []string{"exhaust", "hold", "pasv-storm"}

func open(name string) *scenarios.Scenario {
	GinkgoHelper()
	b, err := library.Open(name)
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Parse(name+".yaml", b)
	Expect(err).NotTo(HaveOccurred())
	return s
}

// short is a scenario for a few sessions and a moment. What is under way at its end is
// finished, so that a slow server still shows every operation. Only exhaust, where the
// second half shows what the first one did, is counted instead of timed.
func short(name string) *scenarios.Scenario {
	GinkgoHelper()
	s := open(name)
	s.WarmUp, s.Load.Ramp = 0, 0
	Expect(s.Set("duration", "300ms")).To(Succeed())
	Expect(s.Set("sessions", "3")).To(Succeed())
	if name == "exhaust" {
		s.Load.For, s.Load.Count = 0, 3
	}
	if !slices.Contains(bytesless, name) {
		Expect(s.Set("size", "64KiB")).To(Succeed())
	}
	return s
}

// clean asserts that a run found nothing wrong.
func clean(s *scenarios.Scenario, l report.Load, err error) {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	Expect(l.Failures).To(BeEmpty())
	Expect(l.Sessions.Failed).To(BeZero())
	Expect(l.Operations["login"].Latency.Count).To(BeNumerically(">", 0))
	for _, t := range l.Thresholds {
		Expect(t.Met).To(BeTrue(), "%s: %s", t.Want, t.Value)
	}
}

// collided tells that nothing failed but what does in Pure-FTPd and ProFTPD under
// load: two of their processes bind the same port, and the second one that listens
// on it cannot.
func collided(l report.Load) bool {
	return len(l.Failures) == 1 && l.Failures[0].Code == 425 && strings.HasSuffix(l.Failures[0].Example, "Address already in use")
}

var _ = Describe("The library", func() {
	It("has the scenarios that are promised", func() {
		Expect(library.Names()).To(Equal([]string{"abort", "churn", "download", "exhaust", "hold", "listing", "mixed", "pasv-storm", "resume",
			"slow-reader", "small-files", "smoke", "soak", "tls-churn", "tls-download", "upload"}))
	})

	It("opens nothing else", func() {
		for _, name := range []string{"", "nope", "../library/smoke", "smoke.yaml", "."} {
			_, err := library.Open(name)
			Expect(err).To(MatchError(ContainSubstring("small-files, smoke")))
		}
	})

	for _, name := range library.Names() {
		Describe(name, func() {
			It("stands under its name, with a description", func() {
				s := open(name)
				Expect(string(s.Name)).To(Equal(name))
				Expect(s.Description).To(HaveSuffix("."))
				Expect(s.Want).NotTo(BeEmpty())
			})

			It("can be set from outside", func() {
				for key, value := range map[string]string{"sessions": "3", "duration": "4s", "rate": "20/s", "size": "5KiB"} {
					s := open(name)
					if key == "size" && slices.Contains(bytesless, name) {
						Expect(s.Set(key, value)).To(MatchError(ContainSubstring("names no size")))
						continue
					}
					Expect(s.Set(key, value)).To(Succeed())
				}
				s := open(name)
				for _, kv := range [][2]string{{"rate", "20/s"}, {"sessions", "5"}, {"duration", "3s"}} {
					Expect(s.Set(kv[0], kv[1])).To(Succeed())
				}
				Expect(s.Load.Model).To(Equal(scenarios.Open))
				Expect(s.Load.AtMost).To(Equal(scenarios.Count(5)))
				Expect(time.Duration(s.Load.Stages[0].For - s.WarmUp)).To(BeNumerically("~", 3*time.Second, time.Microsecond))
			})

			It("runs without a failure", func(ctx SpecContext) {
				conf, _, err := ftptest.SelfSigned()
				Expect(err).NotTo(HaveOccurred())
				server, err := ftptest.Start(ftptest.Config{TLS: conf})
				Expect(err).NotTo(HaveOccurred())
				defer server.Close()
				target, err := probe.ParseTarget(server.URL())
				Expect(err).NotTo(HaveOccurred())
				engine := &scenarios.Engine{Target: target, Dialer: &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}}

				s := short(name)
				l, err := engine.Run(ctx, s)
				clean(s, l, err)
				Expect(l.Sessions.AtOnce).To(Equal(3))

				if s.Load.For == 0 {
					Expect(s.Set("duration", "3s")).To(Succeed())
				}
				Expect(s.Set("rate", "20/s")).To(Succeed())
				l, err = engine.Run(ctx, s)
				clean(s, l, err)
				Expect(l.Model).To(Equal("open"))
			})
		})
	}

	It("does not run the scenarios for TLS without it", func(ctx SpecContext) {
		server, err := ftptest.Start(ftptest.Config{})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		_, err = (&scenarios.Engine{Target: target}).Run(ctx, short("tls-churn"))
		Expect(err).To(MatchError("the scenario needs TLS: give the target as ftpes:// or ftps://"))
		Expect(server.Stats().Sessions).To(BeZero())
	})

	It("uses the passive range up, and tells that from failures", func(ctx SpecContext) {
		if runtime.GOOS != "linux" {
			Skip("elsewhere loopback has no address that nobody else uses")
		}
		server, err := ftptest.Start(ftptest.Config{Addr: "127.0.77.1:0", PassivePorts: ftptest.Range{First: 40001, Last: 40004}})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		s := short("exhaust")
		Expect(s.Set("sessions", "10")).To(Succeed())
		Expect(s.Set("duration", "1s")).To(Succeed())
		l, err := (&scenarios.Engine{Target: target}).Run(ctx, s)
		clean(s, l, err)
		Expect(l.Sessions.Completed).To(Equal(int64(10)))
		Expect(l.Operations["passive"].Latency.Count).To(Equal(int64(4)))
		Expect(l.Operations["passive"].Refused).To(Equal(int64(6)))
		Expect(l.Operations["list"].Latency.Count).To(BeNumerically(">=", 4))
		Eventually(server.Stats).Should(HaveField("OpenListeners", int64(0)))
	})

	for _, kind := range daemon.All() {
		It("runs without a failure against "+kind.String(), func(ctx SpecContext) {
			d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: true})
			dialer := &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}
			for _, name := range library.Names() {
				By(name)
				url := d.URL()
				if strings.HasPrefix(name, "tls-") {
					url = strings.Replace(url, "ftp://", "ftpes://", 1)
				}
				target, err := probe.ParseTarget(url)
				Expect(err).NotTo(HaveOccurred())
				s := short(name)
				l, err := (&scenarios.Engine{Target: target, Dialer: dialer}).Run(ctx, s)
				if collided(l) {
					continue
				}
				clean(s, l, err)
			}
		})
	}
})
