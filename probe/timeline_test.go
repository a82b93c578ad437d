package probe

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl := Timeline{epoch: time.Now()}
		time.Sleep(time.Second)
		start := tl.now()
		time.Sleep(2 * time.Second)
		end := tl.add(Passive, start)
		if start != time.Second || end != 3*time.Second {
			t.Errorf("from %v to %v", start, end)
		}
		time.Sleep(4 * time.Second)
		end = tl.add(Opening, end)
		tl.add(Passive, end)

		want := []Span{{Passive, time.Second, 3 * time.Second}, {Opening, 3 * time.Second, 7 * time.Second}, {Passive, 7 * time.Second, 7 * time.Second}}
		if got := tl.Spans(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		total, seen := tl.Totals()
		var all time.Duration
		for _, d := range total {
			all += d
		}
		if total[Passive] != 2*time.Second || total[Opening] != 4*time.Second || all != 6*time.Second {
			t.Errorf("totals %v", total)
		}
		for p := range Phases {
			if seen[p] != (Phase(p) == Passive || Phase(p) == Opening) {
				t.Errorf("%v seen: %v", Phase(p), seen[p])
			}
		}

		tl.Reset()
		if total, seen := tl.Totals(); len(tl.Spans()) != 0 || total != [Phases]time.Duration{} || seen != [Phases]bool{} {
			t.Errorf("after Reset: %v, %v, %v", tl.Spans(), total, seen)
		}
		if got := tl.now(); got != 7*time.Second {
			t.Errorf("the clock says %v after Reset", got)
		}
	})
}
