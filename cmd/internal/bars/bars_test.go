package bars_test

import (
	"bytes"
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

// Nothing is drawn where there is no terminal; that the display ends is what
// counts here.
func TestBars(t *testing.T) { show(t, bars.Bars) }

func TestLines(t *testing.T) {
	NewWithT(t).Expect(show(t, bars.Lines)).To(Equal("check: started\ncheck: 3 of 12 judged\nload: started\nload: done\n"))
}

func TestQuiet(t *testing.T) {
	NewWithT(t).Expect(show(t, bars.Quiet)).To(BeEmpty())
}
