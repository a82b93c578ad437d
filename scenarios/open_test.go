package scenarios

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

func TestOpenModelBeginsSessionsWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 15 * time.Millisecond}}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {model: open, stages: [{rate: 0/s, to: 50/s, for: 4s}, {rate: 50/s, for: 6s}]}\nsession: [login]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(began)).To(Equal(10 * time.Second))
		g.Expect(l.Model).To(Equal("open"))
		g.Expect(l.Elapsed).To(Equal(report.Seconds(10)))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: DefaultAtMost, Completed: 400}))
		g.Expect(s.begins[1]).To(BeNumerically("~", 400*time.Millisecond, time.Microsecond))
		g.Expect(s.begins[25]).To(BeNumerically("~", 2*time.Second, time.Microsecond))
		for i := 100; i < 400; i++ {
			g.Expect(s.begins[i]).To(Equal(4*time.Second + time.Duration(i-100)*20*time.Millisecond))
		}
		g.Expect(l.Starts.Slip.Count).To(Equal(int64(400)))
		g.Expect(l.Starts.Slip.Max).To(BeNumerically("<", 1e-6), "what the histogram cannot tell from nothing")
		g.Expect(l.Starts.Late).To(BeZero())
		g.Expect(l.Dropped).To(BeZero())
		g.Expect(l.Operations["login"].Latency.Max).To(BeNumerically("~", 0.015, 1e-4))
		g.Expect(l.Operations["login"].Rate).To(Equal(40.0))
	})
}

func TestALateSessionIsTimedFromWhenItWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 150 * time.Millisecond}, grace: time.Second}
		l, err := s.run(t, t.Context(), "load: {model: open, at-most: 1, stages: [{rate: 10/s, for: 1s}]}\nsession: [login]\n"+
			"want: [count(late) == 6, count(dropped) == 3, max(start) < 301ms, max(start) > 299ms]\n")

		g.Expect(err).NotTo(HaveOccurred())
		// One is due every 100 ms and takes 150 ms, so that each is 50 ms later than
		// the one before. The eighth would begin at 1050 ms.
		g.Expect(s.begins).To(Equal([]time.Duration{0, 150e6, 300e6, 450e6, 600e6, 750e6, 900e6}))
		g.Expect(l.Operations["login"].Latency.Count).To(Equal(int64(7)))
		g.Expect(l.Operations["login"].Latency.Min).To(BeNumerically("~", 0.150, 1e-3))
		g.Expect(l.Operations["login"].Latency.Max).To(BeNumerically("~", 0.450, 1e-3))
		g.Expect(l.Starts.Late).To(Equal(int64(6)))
		g.Expect(l.Starts.Slip.Max).To(BeNumerically("~", 0.300, 1e-3))
		g.Expect(l.Dropped).To(Equal(int64(3)))
		g.Expect(l.DroppedFor).To(Equal(map[string]int64{"at-most": 3}))
		g.Expect(l.Broken()).To(BeZero())
	})
}

func TestSessionsThatAreDueInTheWarmUpDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 260 * time.Millisecond}, grace: time.Second}
		l, err := s.run(t, t.Context(), "load: {model: open, at-most: 2, stages: [{rate: 10/s, for: 3s}]}\nwarm-up: 1s\nsession: [login]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Elapsed).To(Equal(report.Seconds(2)))
		// One place begins a session every 260 ms, from 0 on, the other from 100 ms on:
		// 12 each. The first ten of them were due in the warm-up.
		g.Expect(s.begins).To(HaveLen(24))
		g.Expect(l.Starts.Slip.Count).To(Equal(int64(14)))
		g.Expect(l.Starts.Late).To(Equal(int64(14)))
		g.Expect(l.Dropped).To(Equal(int64(30 - 24)))
		g.Expect(l.Operations["login"].Latency.Count).To(Equal(int64(14)))
	})
}

func TestAnInterruptOfTheOpenModelDropsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: time.Millisecond}}
		ctx, cancel := context.WithTimeout(t.Context(), 550*time.Millisecond)
		defer cancel()
		began := time.Now()
		l, err := s.run(t, ctx, "load: {model: open, stages: [{rate: 10/s, for: 1h}]}\nsession: [login]\n")

		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		g.Expect(time.Since(began)).To(Equal(550 * time.Millisecond))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: DefaultAtMost, Completed: 6}))
		g.Expect(l.Dropped).To(BeZero())
	})
}

func TestWhatThisMachineRunsOutOfIsNoFailureOfTheServer(t *testing.T) {
	for name, why := range map[string]error{
		"file descriptors": syscall.EMFILE, "ports": syscall.EADDRNOTAVAIL, "resources": syscall.ENOMEM,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &stage{unable: &probe.Error{Phase: probe.Connect, Cause: probe.Local, Err: why}}
				l, err := s.run(t, t.Context(), "load: {model: open, stages: [{rate: 10/s, for: 2s}]}\nsession: [login]\n")

				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(l.DroppedFor).To(Equal(map[string]int64{name: 20}))
				g.Expect(l.Dropped).To(Equal(int64(20)))
				g.Expect(l.Failures).To(BeEmpty())
				g.Expect(l.Sessions.Failed).To(BeZero())
			})
		})
	}
}

func TestFailingSessionsOfTheOpenModelDoNotSlowItDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{err: errRefused}}
		l, err := s.run(t, t.Context(), "load: {model: open, at-most: 1, stages: [{rate: 100/s, for: 2s}]}\nsession: [login]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 1, Failed: 200}))
		g.Expect(l.Starts.Late).To(BeZero())
	})
}

func TestARampSpreadsTheFirstSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: time.Millisecond, quit: time.Millisecond}, grace: time.Second}
		l, err := s.run(t, t.Context(), "load: {sessions: 10, ramp: 1s, for: 5s}\nsession: [login, hold, quit]\n")

		g.Expect(err).NotTo(HaveOccurred())
		for i, at := range s.begins {
			g.Expect(at).To(Equal(time.Duration(i) * 100 * time.Millisecond))
		}
		g.Expect(s.begins).To(HaveLen(10))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 10, Completed: 10}))
	})
}

func TestHoldKeepsTheSessionUntilTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		hold          string
		noops, rounds int64
	}{
		"idle":                        {"hold", 0, 1},
		"with NOOP":                   {"hold: {noop: 2s}", 4, 1},
		"for a while":                 {"hold: 3s", 0, 4},
		"for a while, with NOOP":      {"hold: {for: 3s, noop: 2s}", 3, 4},
		"for longer than it lasts":    {"hold: 1h", 0, 1},
		"twice":                       {"hold, hold: 1h, hold", 0, 1},
		"for a multiple of the pause": {"hold: {for: 4s, noop: 2s}", 4, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &stage{puppet: puppet{quit: time.Millisecond}, grace: time.Second}
				l, err := s.run(t, t.Context(), "load: {sessions: 1, for: 9500ms}\nsession: [login, "+c.hold+", quit]\n")

				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(l.Sessions.Completed).To(Equal(c.rounds))
				g.Expect(l.Sessions.Interrupted).To(BeZero())
				g.Expect(l.Operations["noop"].Latency.Count).To(Equal(c.noops))
				g.Expect(l.Operations["quit"].Latency.Count).To(Equal(c.rounds))
			})
		})
	}
}

// late is how many began more than is allowed after they were due.
func late(begins []time.Duration, perSecond int) (n int) {
	slices.Sort(begins)
	for i, at := range begins {
		if at-time.Duration(i)*time.Second/time.Duration(perSecond) > report.LateAfter {
			n++
		}
	}
	return n
}

func TestAServerThatStopsShowsInTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: time.Millisecond, stopped: time.Now().Add(2 * time.Second), goes: time.Now().Add(7 * time.Second)}, grace: time.Second}
		l, err := s.run(t, t.Context(), "load: {model: open, at-most: 20, stages: [{rate: 100/s, for: 12s}]}\nsession: [login]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 20, Completed: 1200}))
		// 20 sessions wait for the server, and the 480 that are due until it goes on
		// for one of them. Then 20 begin each millisecond, and two that are due
		// meanwhile are late too.
		g.Expect(l.Starts.Late).To(Equal(int64(482)))
		g.Expect(late(s.begins, 100)).To(Equal(482))
		latency := l.Operations["login"].Latency
		g.Expect(latency.Max).To(BeNumerically("~", 5.001, 0.003))
		// Twelve of 1200 take longer than the 99th percentile; one is due every 10 ms.
		g.Expect(latency.P99).To(BeNumerically("~", 4.88, 0.02))
		g.Expect(latency.P50).To(BeNumerically("~", 0.001, 1e-4))
	})
}

// The same on the wire: a server that says nothing for five seconds.
var _ = Describe("The open model", func() {
	It("shows a server that stops, and counts the sessions that begin late", func(ctx SpecContext) {
		const perSecond = 100
		var gate sync.RWMutex
		server, err := ftptest.Start(ftptest.Config{Log: func(string, ...any) {
			gate.RLock()
			defer gate.RUnlock()
		}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		scenario := parsed(fmt.Sprintf("load: {model: open, at-most: 20, stages: [{rate: %d/s, for: 9s}]}\nsession: [login, quit]\n", perSecond))
		plan, err := scenario.compile("own")
		Expect(err).NotTo(HaveOccurred())

		var mu sync.Mutex
		var begins []time.Duration
		to, err := (&Engine{Target: target}).newTargets(ctx)
		Expect(err).NotTo(HaveOccurred())
		var r *run
		d := &driver{plan: plan, dial: func(ctx context.Context, n int64) (conversation, error) {
			mu.Lock()
			begins = append(begins, time.Since(r.collector.epoch))
			mu.Unlock()
			return to.dial(ctx, n)
		}}
		var paused time.Duration
		stopped := false
		var going sync.WaitGroup
		r = newRun(scenario, d, func(s Snapshot) {
			if stopped || s.Elapsed < time.Second {
				return
			}
			stopped = true
			gate.Lock()
			began := time.Now()
			going.Go(func() {
				pause(ctx, 5*time.Second)
				paused = time.Since(began)
				gate.Unlock()
			})
		}, defaultGrace)
		Expect(r.execute(ctx)).To(Succeed())
		going.Wait()
		l := r.collector.load(scenario)

		Expect(l.Failures).To(BeEmpty())
		truth := late(begins, perSecond)
		Expect(truth).To(BeNumerically(">", 400))
		Expect(l.Starts.Late).To(BeNumerically("~", truth, 0.02*float64(truth)))
		Expect(l.Sessions.Completed + l.Sessions.Interrupted + l.Dropped).To(Equal(int64(9 * perSecond)))
		latency := l.Operations["login"].Latency
		Expect(latency.Max).To(BeNumerically(">", 0.98*paused.Seconds()))
		Expect(latency.P99).To(BeNumerically(">", 0.9*paused.Seconds()))
	})
})

// The time by which sessions begin later than they are due, at 1000 a second. The
// work of a session has no part in it.
func BenchmarkPacer(b *testing.B) {
	for _, c := range []struct {
		name  string
		alarm func() alarm
	}{{"precise", precise}, {"timers", func() alarm { return coarse }}} {
		b.Run(c.name, func(b *testing.B) {
			scenario, err := Parse("b.yaml", []byte("name: b\nload: {model: open, at-most: 100, stages: [{rate: 1000/s, for: 2s}]}\nsession: [login]\n"))
			if err != nil {
				b.Fatal(err)
			}
			p, err := scenario.compile("own")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s := &stage{}
				r := newRun(scenario, &driver{plan: p, dial: func(context.Context, int64) (conversation, error) {
					made := s.puppet
					made.closed = &s.ended
					return &made, nil
				}}, nil, time.Second)
				r.open.alarm = c.alarm
				if err := r.execute(b.Context()); err != nil {
					b.Fatal(err)
				}
				slip := r.collector.load(scenario).Starts.Slip
				b.ReportMetric(float64(slip.P50)*1e3, "p50-ms")
				b.ReportMetric(float64(slip.P99)*1e3, "p99-ms")
				b.ReportMetric(float64(slip.Max)*1e3, "max-ms")
			}
		})
	}
}
