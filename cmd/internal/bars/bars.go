// Package bars shows on standard error how far a run has come: as bars on a
// terminal, as a plain line per interval elsewhere, or not at all. It is the
// only importer of mpb.
//
// A [Job] is done step by step and has one bar; a [Panel] has several figures, each
// with its own.
//
// What was found out belongs to the report, not here.
package bars

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Style is how progress is shown.
type Style int

const (
	// Lines writes a plain line per interval.
	Lines Style = iota
	// Bars draws bars; the writer must be a terminal.
	Bars
	// Quiet shows nothing.
	Quiet
)

// interval is the least time between two lines of one job.
const interval = 5 * time.Second

// Display shows the jobs of one run. But for Write, it is used by one goroutine.
type Display struct {
	style Style
	out   io.Writer
	bars  *mpb.Progress
}

// New makes a display that writes to out.
func New(out io.Writer, style Style) *Display {
	d := &Display{style: style, out: out}
	if style == Bars {
		d.bars = mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh(), mpb.WithWidth(40), mpb.WithRefreshRate(100*time.Millisecond))
	}
	return d
}

// Job is one piece of work of known size.
type Job struct {
	display *Display
	name    string
	total   int
	status  atomic.Value // string
	bar     *mpb.Bar
	last    time.Time
	shown   string
}

// Job begins a job of total steps.
func (d *Display) Job(name string, total int) *Job {
	j := &Job{display: d, name: name, total: total, last: time.Now()}
	j.status.Store("")
	switch d.style {
	case Bars:
		j.bar = d.bars.New(int64(total), style(),
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-9s", name)), decor.Elapsed(decor.ET_STYLE_MMSS, decor.WC{W: 6})),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + j.status.Load().(string) })),
		)
	case Lines:
		fmt.Fprintf(d.out, "%s: started\n", name)
	}
	return j
}

func style() mpb.BarStyleComposer {
	return mpb.BarStyle().Lbound("[").Rbound("]").Filler("=").Tip(">").Padding(" ")
}

// Set tells how many steps are done and what is going on.
func (j *Job) Set(done int, status string) {
	j.status.Store(status)
	switch j.display.style {
	case Bars:
		// The last step is left to Done, or mpb would take the bar away.
		j.bar.SetCurrent(int64(min(done, j.total-1)))
	case Lines:
		if time.Since(j.last) >= interval && status != j.shown {
			j.last, j.shown = time.Now(), status
			fmt.Fprintf(j.display.out, "%s: %d/%d %s\n", j.name, done, j.total, status)
		}
	}
}

// Done ends the job.
func (j *Job) Done(status string) {
	switch j.display.style {
	case Bars:
		j.bar.SetCurrent(int64(j.total))
	case Lines:
		fmt.Fprintf(j.display.out, "%s: %s\n", j.name, status)
	}
}

// Write writes what is not progress: on a terminal above the bars. It may be used
// by any goroutine, and after Close.
func (d *Display) Write(b []byte) (int, error) {
	if d.bars != nil {
		// The terminal may have echoed a key, and left the cursor behind it.
		_, err := d.bars.Write(append([]byte("\r"), b...))
		if !errors.Is(err, mpb.ErrDone) {
			return len(b), err
		}
	}
	return d.out.Write(b)
}

// Close ends the display. All jobs must be done.
func (d *Display) Close() {
	if d.bars != nil {
		d.bars.Wait()
	}
}
