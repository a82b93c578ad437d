package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/internal/human"
)

// Options say how a run is shown. The zero value is plain text for 80 columns.
type Options struct {
	// Color marks verdicts with ANSI colours.
	Color bool
	// Width is the number of columns, 80 when zero; below 40 it is taken as 40.
	// A table that is wider is not broken.
	Width int
	// Verbose lists what is in order as well, and shows transcripts whole.
	Verbose bool
}

// Write renders the run with the zero [Options].
func Write(w io.Writer, r report.Run) error { return Options{}.Write(w, r) }

// Write renders the run. It fails only when w does.
func (o Options) Write(w io.Writer, r report.Run) error {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	p := &printer{Options: o}
	if r.Load != nil && r.Load.GeneratorLimited() {
		p.ownLimit(r.Load)
	}
	p.head(r)
	if r.Check != nil {
		p.check(r.Check)
	}
	if r.Load != nil {
		p.load(r.Load)
	}
	if r.Diagnose != nil {
		p.diagnosis(r.Diagnose)
	}
	p.blank()
	p.conclusion(&r)
	_, err := io.Copy(w, bytes.NewReader(p.out.Bytes()))
	return err
}

// head says what was tested, by what, and when.
func (p *printer) head(r report.Run) {
	target := r.Target.URL
	if r.Target.Embedded {
		target += " (the server built into pasv)"
	}
	if r.Load != nil && len(r.Load.Targets) > 1 {
		target += fmt.Sprintf(" (one of %d targets of the load, see there)", len(r.Load.Targets))
	}
	p.labelled(0, "target", plain, target)
	var server []string
	if r.Target.Server != "" {
		server = append(server, r.Target.Server)
	}
	if r.Target.Address != "" {
		server = append(server, "at "+r.Target.Address)
	}
	if len(server) > 0 {
		p.labelled(0, "server", plain, strings.Join(server, " "))
	}
	if r.Target.Greeting != "" {
		p.labelled(0, "greeting", plain, r.Target.Greeting)
	}
	p.labelled(0, "run", plain, r.Started.UTC().Format(time.DateTime)+" UTC, "+human.Duration(r.Elapsed)+
		", "+r.Tool.Name+" "+r.Tool.Version+" on "+r.Tool.OS+"/"+r.Tool.Arch)
	if r.Partial {
		p.labelled(0, "PARTIAL", yellow, "the run was interrupted: what is here is true, but not all")
	}
}

// conclusion is the overall result.
func (p *printer) conclusion(r *report.Run) {
	c := red
	switch r.Exit {
	case report.ExitOK:
		c = green
	case report.ExitIncomplete:
		c = yellow
	}
	p.hang(0, 2, c, "", r.Conclusion())
}
