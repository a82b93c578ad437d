package transfer

import (
	"context"
	"fmt"
	"io"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// What is counted in 32 bits ends here.
var largeFile = spec.Requirement{
	ID:       "XFER-037",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "Files and offsets beyond 2^32 octets work",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "effectively causing the transmission to be restarted at a later point."),
	},
	Needs:     spec.Login | spec.HugeFile,
	BlockedBy: sound,
	Field:     "Disk images, backups and films are cut, or resumed at the wrong place.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.HugeFile)
		want, err := io.ReadAll(probe.Content(spec.HugeTail))
		t.Blame(err)
		// A server that has stored the end of the file without its offset has a file
		// of a size that cannot be told from a count that has wrapped.
		d := begin(ctx, t, t.Login(ctx), f.Path)
		begun := d.read(ctx, t, 2*spec.HugeTail)
		_ = d.c.Close()
		if begun < 2*spec.HugeTail {
			t.Skip("missing: hugefile (an upload after REST %d was stored without its offset)", f.Size-spec.HugeTail)
		}
		s := t.Login(ctx)
		judged := false
		if t.Has(ctx, "SIZE") {
			judged = true
			r := t.Do(ctx, s, "SIZE "+f.Path)
			if size, err := probe.ParseSIZE(r); err != nil || size != f.Size {
				t.Fail(fmt.Sprintf("SIZE of %d octets", f.Size), r.String())
			}
		}
		if t.Has(ctx, "MLST") {
			entry, err := s.MLST(ctx, f.Path)
			if size, ok := entry.Fact("size"); err == nil && ok {
				judged = true
				if size != fmt.Sprint(f.Size) {
					t.Fail(fmt.Sprintf("a size fact of %d", f.Size), "size="+probe.Printable(size))
				}
			}
		}
		if t.Has(ctx, "REST STREAM") {
			judged = true
			c := t.Open(ctx, s)
			t.ExpectCode(t.Do(ctx, s, fmt.Sprintf("REST %d", f.Size-spec.HugeTail)), 350)
			m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
			t.ExpectComplete(m)
			t.ExpectContent(m.Data, want, fmt.Sprintf("the end of a file of %d octets", f.Size))
		}
		if !judged {
			t.Skip("neither SIZE nor a size fact nor REST: nothing counts that far")
		}
	},
}
