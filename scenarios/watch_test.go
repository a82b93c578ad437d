package scenarios

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

// watched is what a watch sees in a while of a process that has used processor
// time up to a moment.
func watched(t *testing.T, while time.Duration, used func(at time.Duration) time.Duration) report.Generator {
	t.Helper()
	began := time.Now()
	w := newWatch()
	w.cores = 2
	w.processor = func() time.Duration { return used(time.Since(began)) }
	w.files = func() int { return 7 }
	w.begin()
	time.Sleep(while)
	w.end()
	return w.seen
}

func TestWatchTellsTheProcessorTimeOfEachSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		// All of two processors for two seconds, a quarter of them before and after.
		seen := watched(t, 4605*time.Millisecond, func(at time.Duration) time.Duration {
			busy := min(max(at-time.Second, 0), 2*time.Second)
			return 2*busy + (at-busy)/2
		})
		g.Expect(seen.CPU).To(BeNumerically("~", 5.3025, 1e-9))
		g.Expect(seen.Share).To(BeNumerically("~", 5.3025/2/4.605, 1e-9))
		g.Expect(seen.Peak).To(BeNumerically("~", 1, 1e-9))
		g.Expect(seen.Watched).To(Equal(5), "what is left of a second counts from half of it")
		g.Expect(seen.Saturated).To(Equal(2))
		g.Expect(seen.FilesOpen).To(Equal(7))
		g.Expect(seen.Lag.Count).To(Equal(int64(230)))
		g.Expect(seen.Lag.Max).To(BeNumerically("<", 1e-6))
	})
}

func TestWatchCountsAStandstillAsOftenAsItWouldHaveBeenSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		stood := false
		seen := watched(t, 3005*time.Millisecond, func(at time.Duration) time.Duration {
			if at >= time.Second && !stood {
				stood = true
				time.Sleep(500 * time.Millisecond)
			}
			return 0
		})
		// It was due 150 times; 25 of them it was late by 480, 460, ... 0 ms.
		g.Expect(seen.Lag.Count).To(Equal(int64(150)))
		g.Expect(seen.Lag.Max.Duration()).To(BeNumerically("~", 480*time.Millisecond, time.Millisecond))
		g.Expect(seen.Lag.P99.Duration()).To(BeNumerically("~", 460*time.Millisecond, 21*time.Millisecond))
		g.Expect(seen.Lag.P50).To(BeNumerically("<", 1e-6))
	})
}

func TestWatchThatNeverBeganEnds(t *testing.T) {
	newWatch().end()
	var none *watch
	none.begin()
	none.end()
}

func TestWatchSeesThisProcess(t *testing.T) {
	g := NewWithT(t)
	w := newWatch()
	w.begin()
	for began := time.Now(); time.Since(began) < 50*time.Millisecond; {
	}
	w.end()
	g.Expect(w.seen.CPU).To(BeNumerically(">", 0))
	g.Expect(w.seen.Cores).To(BeNumerically(">", 0))
	g.Expect(w.seen.Watched).To(BeZero(), "no second has gone by")
	if open := filesOpen(); open > 0 {
		g.Expect(w.seen.FilesOpen).To(BeNumerically(">=", 3))
		g.Expect(uint64(w.seen.FilesOpen)).To(BeNumerically("<=", openFiles()))
	}
}

func TestWatchPutsDroppedAndFailedConnectionsTogether(t *testing.T) {
	g := NewWithT(t)
	var l report.Load
	newWatch().judge(&l, &[reasons]int64{outOfPorts: 2}, &[reasons]int64{atMost: 9, outOfPorts: 3, outOfDescriptors: 4}, "", []string{"before"})
	g.Expect(l.Generator.Lacked).To(Equal(map[string]int64{"ports": 5, "file descriptors": 4}))
	g.Expect(l.Generator.Limits).To(HaveLen(2))
	g.Expect(l.Generator.Warnings).To(Equal([]string{"before"}))
}
