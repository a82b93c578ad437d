package bars_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/cmd/internal/bars"
)

// show runs two jobs, of which the first ends early, and returns what was shown.
func show(t *testing.T, style bars.Style) string {
	t.Helper()
	var out bytes.Buffer
	d := bars.New(&out, style)
	check := d.Job("check", 12)
	check.Set(3, "PASV-003 pass")
	check.Done("3 of 12 judged")
	load := d.Job("load", 1000)
	load.Set(1000, "4 sessions")
	load.Done("done")
	closed := make(chan struct{})
	go func() {
		d.Close()
		close(closed)
	}()
	NewWithT(t).Eventually(closed, 30*time.Second).Should(BeClosed(), "the display must end when its jobs are done")
	return out.String()
}

func TestPanel(t *testing.T) {
	for style, want := range map[bars.Style]string{
		bars.Lines: "load: started\nload: 00:01, 4 sessions\nload: 00:02, 4 sessions\nsomething else\nload: done\nafter\n",
		bars.Quiet: "something else\nafter\n",
	} {
		var out bytes.Buffer
		d := bars.New(&out, style)
		panel(d)
		NewWithT(t).Expect(out.String()).To(Equal(want))
	}
}

// panel shows two figures, of which one is not a number.
func panel(d *bars.Display) {
	p := d.Panel("load")
	p.Set("00:01, 4 sessions", []bars.Row{{Name: "load", Text: "00:01", Share: 0.1}, {Name: "rate", Text: "-", Share: math.NaN()}})
	p.Set("00:02, 4 sessions", []bars.Row{{Name: "load", Text: "00:02", Share: 2}, {Name: "rate", Text: "5/s", Share: math.Inf(-1)}})
	_, _ = d.Write([]byte("something else\n"))
	p.Done("done")
	d.Close()
	_, _ = d.Write([]byte("after\n"))
}

// What is written while there are bars is not lost.
func TestPanelOfBars(t *testing.T) {
	var out bytes.Buffer
	panel(bars.New(&out, bars.Bars))
	NewWithT(t).Expect(out.String()).To(And(ContainSubstring("something else\n"), HaveSuffix("after\n")))
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "00:00", 1499 * time.Millisecond: "00:01", 61 * time.Second: "01:01", 25*time.Hour + 90*time.Second: "25:01:30"} {
		NewWithT(t).Expect(bars.Clock(d)).To(Equal(want))
	}
}

// That the display ends is what counts here.
func TestBars(t *testing.T) { show(t, bars.Bars) }

func TestLines(t *testing.T) {
	NewWithT(t).Expect(show(t, bars.Lines)).To(Equal("check: started\ncheck: 3 of 12 judged\nload: started\nload: done\n"))
}

func TestQuiet(t *testing.T) {
	NewWithT(t).Expect(show(t, bars.Quiet)).To(BeEmpty())
}
