package scenarios

import (
	"math"
	"math/rand/v2"
	"time"
)

// schedule says when the sessions of the open model are due. Stage by stage it
// adds up the rate over time; the session number n, from 0, is due when that sum
// is n, or by chance where sessions arrive so.
type schedule struct {
	stages []Stage
	// chance makes the distances between sessions, in sessions; nil for 1 each.
	chance *rand.Rand

	sum   float64       // at which the next session is due
	below float64       // the sum of the stages that are over
	begun time.Duration // when the present stage began
}

// newSchedule makes a schedule of a model. Sessions at random are other ones in
// every run.
func newSchedule(m *Model) *schedule {
	s := &schedule{stages: m.Stages}
	if m.Arrivals == poisson {
		s.chance = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
		s.sum = s.chance.ExpFloat64()
	}
	return s
}

// next is when the next session is due since the load began. It is false when
// there are no more.
func (s *schedule) next() (time.Duration, bool) {
	for len(s.stages) > 0 {
		stage := s.stages[0]
		if x := s.sum - s.below; x < stage.area() {
			due := s.begun + stage.at(x)
			if s.chance == nil {
				s.sum++
			} else {
				s.sum += s.chance.ExpFloat64()
			}
			return due, true
		}
		s.below += stage.area()
		s.begun += time.Duration(stage.For)
		s.stages = s.stages[1:]
	}
	return 0, false
}

// area is the number of sessions that are due in the stage.
func (s Stage) area() float64 {
	return float64(s.Rate+s.To) / 2 * time.Duration(s.For).Seconds()
}

// at is when, since the stage began, x sessions have become due. The rate is a
// straight line r + k·t, so that is where r·t + k·t²/2 = x, in the form that does
// not lose digits when k is small.
func (s Stage) at(x float64) time.Duration {
	if x <= 0 && s.Rate == 0 {
		return 0
	}
	r := float64(s.Rate)
	k := float64(s.To-s.Rate) / time.Duration(s.For).Seconds()
	t := 2 * x / (r + math.Sqrt(max(r*r+2*k*x, 0)))
	return min(time.Duration(math.Round(t*float64(time.Second))), time.Duration(s.For))
}
