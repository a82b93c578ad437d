package scenarios

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

func TestSnapshotsComeTwiceASecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 90 * time.Millisecond, octets: 1000}}
		var seen []Snapshot
		s.progress = func(s Snapshot) { seen = append(seen, s) }
		l, err := s.run(t, t.Context(), "load: {sessions: 1, for: 2100ms}\nsession: [login, think: 20ms]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(seen).To(HaveLen(5))
		var at time.Duration
		var octets int64
		for i, now := range seen {
			at += now.Latest.Took
			octets += now.Latest.Bytes
			g.Expect(now.Elapsed).To(Equal(at))
			g.Expect(now.Latest.At).To(Equal(at - now.Latest.Took))
			g.Expect(now.Bytes).To(Equal(octets))
			g.Expect([]int{now.Active, now.AtOnce}).To(Equal([]int{1, 1}))
			g.Expect(now.Done).To(BeNumerically("~", now.Elapsed.Seconds()/2.1, 1e-9))
			// A session takes 110 ms.
			g.Expect(now.Latest.Bytes).To(Equal([]int64{4000, 5000, 4000, 5000, 1000}[i]))
			g.Expect(now.Latest.Throughput()).To(BeNumerically("~", []float64{8000, 10_000, 8000, 10_000, 10_000}[i], 1e-6))
		}
		g.Expect(at).To(Equal(2100 * time.Millisecond))
		g.Expect(octets).To(Equal(l.Bytes))
	})
}

func TestIntervalsOfSnapshotsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 30 * time.Millisecond, octets: 10}, grace: time.Second}
		var operations, latencies int64
		var longest report.Seconds
		s.progress = func(s Snapshot) {
			operations += s.Latest.Operations
			latencies += s.Latest.Latency.Count
			g.Expect(s.Operations).To(Equal(operations))
			g.Expect(s.Latest.Latency.HDR).To(BeEmpty())
			longest = max(longest, s.Latest.Latency.Max)
		}
		// What a session holds back until it reports comes late, but comes.
		l, err := s.run(t, t.Context(), "load: {sessions: 3, for: 3s}\nwarm-up: 1s\nsession: [login, think: 300ms]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(operations).To(Equal(l.Operations["login"].Latency.Count))
		g.Expect(latencies).To(Equal(operations))
		g.Expect(longest).To(BeNumerically("~", 0.030, 1e-4))
	})
}

func TestFailuresShowWhileTheLoadRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{err: errRefused}}
		var last Snapshot
		s.progress = func(s Snapshot) { last = s }
		_, err := s.run(t, t.Context(), "load: {sessions: 1, for: 10s}\nsession: [login]\n")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect([]int64{last.Failures, last.Failed, last.Operations}).To(Equal([]int64{16, 16, 0}))
	})
}

// Who is slow to show the snapshots gets fewer of them, each about a longer time;
// the load does not wait.
func TestTheLoadDoesNotWaitForWhoWatchesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 10 * time.Millisecond, octets: 1}, grace: time.Second}
		var octets int64
		var snapshots int
		s.progress = func(s Snapshot) {
			snapshots++
			octets += s.Latest.Bytes
			time.Sleep(7 * time.Second)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		l, err := s.run(t, ctx, "load: {sessions: 1, for: 59995ms}\nsession: [login]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Elapsed).To(Equal(report.Seconds(59.995)))
		g.Expect(l.Operations["login"].Latency.Count).To(Equal(int64(6000)))
		g.Expect(snapshots).To(BeNumerically("~", 60/7+ahead, 2))
		g.Expect(octets).To(BeNumerically(">", 5500))
	})
}

func TestWhenMeasuringBeganIsInTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 90 * time.Millisecond}}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 1, for: 1s}\nwarm-up: 3s\nsession: [login]\n")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Started).To(BeTemporally("==", began.Add(3*time.Second)))
	})
}
