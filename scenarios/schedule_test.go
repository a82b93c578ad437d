package scenarios

import (
	"math/rand/v2"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A schedule", func() {
	const ms = time.Millisecond
	due := func(s *schedule) (all []time.Duration) {
		for at, ok := s.next(); ok; at, ok = s.next() {
			all = append(all, at)
		}
		return all
	}
	stage := func(from, to Rate, d time.Duration) Stage { return Stage{from, to, Duration(d)} }

	It("spreads a constant rate evenly", func() {
		all := due(newSchedule(&Model{Stages: []Stage{stage(50, 50, 10*time.Second)}}))
		Expect(all).To(HaveLen(500))
		for i, at := range all {
			Expect(at).To(Equal(time.Duration(i) * 20 * ms))
		}
	})

	It("follows a rate that rises, and one that falls", func() {
		// 100 in all: n of them are due after sqrt(n) seconds, as 1·t² has it.
		rising := due(newSchedule(&Model{Stages: []Stage{stage(0, 20, 10*time.Second)}}))
		Expect(rising).To(HaveLen(100))
		for n, want := range map[int]time.Duration{0: 0, 1: time.Second, 4: 2 * time.Second, 25: 5 * time.Second, 81: 9 * time.Second} {
			Expect(rising[n]).To(BeNumerically("~", want, time.Microsecond))
		}
		// The same backwards: 100-n are due after 10-sqrt(n) seconds.
		falling := due(newSchedule(&Model{Stages: []Stage{stage(20, 0, 10*time.Second)}}))
		Expect(falling).To(HaveLen(100))
		for n, want := range map[int]time.Duration{0: 0, 19: time.Second, 75: 5 * time.Second, 99: 9 * time.Second} {
			Expect(falling[n]).To(BeNumerically("~", want, time.Microsecond))
		}
	})

	It("goes from stage to stage without a jump", func() {
		// 0.5 of a session is left over at the end of the first stage.
		all := due(newSchedule(&Model{Stages: []Stage{stage(1, 1, 2500*ms), stage(0, 0, time.Second), stage(10, 10, 300*ms)}}))
		Expect(all).To(Equal([]time.Duration{0, 1000 * ms, 2000 * ms, 3550 * ms, 3650 * ms, 3750 * ms}))
	})

	It("leaves it to chance when that is wanted", func() {
		s := newSchedule(&Model{Arrivals: poisson, Stages: []Stage{stage(0, 200, 10*time.Second), stage(200, 200, 10*time.Second)}})
		s.chance = rand.New(rand.NewPCG(1, 2))
		all := due(s)
		// 3000 are expected; the standard deviation is its root, 55.
		Expect(len(all)).To(BeNumerically("~", 3000, 220))
		var long, late int
		for i, at := range all {
			Expect(at).To(BeNumerically("<", 20*time.Second))
			if at < 10*time.Second {
				continue
			}
			late++
			Expect(at).To(BeNumerically(">=", all[i-1]))
			if i > 0 && at-all[i-1] > 5*ms {
				long++
			}
		}
		// One in e of the distances is longer than the mean one.
		Expect(float64(long) / float64(late)).To(BeNumerically("~", 0.368, 0.05))
	})

	It("is another one each time when it is left to chance", func() {
		m := &Model{Arrivals: poisson, Stages: []Stage{stage(100, 100, time.Second)}}
		Expect(due(newSchedule(m))).NotTo(Equal(due(newSchedule(m))))
	})
})
