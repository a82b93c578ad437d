package directories

import (
	"context"
	"slices"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

var removed = spec.Requirement{
	ID:       "DIR-011",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "RMD removes an empty directory and is answered with 250",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the directory specified in the pathname to be removed as a directory (if the pathname is absolute) or as a subdirectory of the current working directory (if the pathname is relative)."),
		spec.RFC(959, "5.4", "RMD 250 500, 501, 502, 421, 530, 550"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&made, &noSuchDirectory},
	Field:     "Clients believe that the directory is gone; mirrors never come to an end.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		create(ctx, t, s, "d1")
		t.ExpectCode(t.Do(ctx, s, "RMD d1"), 250)
		refused(t, "CWD to the directory that was removed", t.Do(ctx, s, "CWD d1"), 550)
	},
}

// RFC 959 does not say in so many words that a directory has to be empty. It
// has RMD share its replies with DELE, and removing a tree at one command is
// nothing that a client could want without knowing.
var notRemoved = spec.Requirement{
	ID:       "DIR-012",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "RMD of a missing path, of a file and of a directory that is not empty is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the directory specified in the pathname to be removed as a directory"),
		spec.RFC(959, "5.4", "RMD 250 500, 501, 502, 421, 530, 550"),
		spec.RFC(959, "Appendix II", "The reply codes for RMD be identical to the reply codes for its file analogue, DELE."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(transfer.Uploads, []*spec.Requirement{&made}),
	Field:     "Files are lost: clients try RMD to see whether a name is an empty directory.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		refused(t, "RMD of a missing path", t.Do(ctx, s, "RMD nosuch"), 550, 450)
		create(ctx, t, s, "full")
		create(ctx, t, s, "full/sub")
		refused(t, "RMD of a directory with another one in it", t.Do(ctx, s, "RMD full"), 550, 450)
		if r := t.Do(ctx, t.Login(ctx), "CWD "+room+"/full/sub"); r.Negative() {
			t.Fail("a directory that is there after RMD of it was refused", "CWD into what was in it is answered "+r.String())
		}
		store(ctx, t, s, "f", []byte("a file\n"))
		refused(t, "RMD of a file", t.Do(ctx, s, "RMD f"), 550, 450)
		store(ctx, t, s, "full/sub/f", []byte("a file\n"))
		refused(t, "RMD of a directory with a file in it", t.Do(ctx, s, "RMD full/sub"), 550, 450)
	},
}
