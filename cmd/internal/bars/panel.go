package bars

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Row is one figure of a [Panel].
type Row struct {
	// Name stands before the bar, Text behind it.
	Name, Text string
	// Share is how much of the bar is filled, from 0 to 1.
	Share float64
}

// Panel is a job with several figures. The caller decides how often they change.
type Panel struct {
	display *Display
	name    string
	rows    []*row
}

type row struct {
	bar  *mpb.Bar
	text atomic.Value // string
}

// full is the length of a bar of a panel. Bars stay one below it: mpb takes away
// what is complete.
const full = 1000

// Panel begins a job.
func (d *Display) Panel(name string) *Panel {
	if d.style == Lines {
		fmt.Fprintf(d.out, "%s: started\n", name)
	}
	return &Panel{display: d, name: name}
}

// Set shows the rows as bars on a terminal, and the line elsewhere. The number of
// rows and their names are always the same.
func (p *Panel) Set(line string, rows []Row) {
	switch p.display.style {
	case Lines:
		fmt.Fprintf(p.display.out, "%s: %s\n", p.name, line)
	case Bars:
		for i, r := range rows {
			if i == len(p.rows) {
				p.add(r.Name)
			}
			share := r.Share
			if !(share > 0) { // not a number either
				share = 0
			}
			p.rows[i].text.Store(r.Text)
			p.rows[i].bar.SetCurrent(int64(math.Round(min(share, 1) * (full - 1))))
		}
	}
}

func (p *Panel) add(name string) {
	r := &row{}
	r.text.Store("")
	r.bar = p.display.bars.New(full, style().Tip("="),
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-10s", name))),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return r.text.Load().(string) }, decor.WC{W: textWidth, C: decor.DindentRight})),
	)
	p.rows = append(p.rows, r)
}

// textWidth keeps the bars of a panel as long as each other, whatever is written
// behind them.
const textWidth = 30

// Done ends the job.
func (p *Panel) Done(status string) {
	switch p.display.style {
	case Bars:
		for _, r := range p.rows {
			r.bar.Abort(true)
		}
	case Lines:
		fmt.Fprintf(p.display.out, "%s: %s\n", p.name, status)
	}
}

// Clock shows a duration as minutes and seconds: "02:07".
func Clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}
