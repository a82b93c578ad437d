package directories

import (
	"context"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// Careful uploads go to a temporary name and are renamed when they are complete.
var renamed = spec.Requirement{
	ID:       "DIR-015",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "RNFR of what exists is answered with 350, and the RNTO that follows renames it and is answered with 250",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "Together the two commands cause a file to be renamed."),
		spec.RFC(959, "5.4", "RNFR 450, 550 500, 501, 502, 421, 530 350"),
		spec.RFC(959, "5.4", "RNTO 250 532, 553 500, 501, 502, 503, 421, 530"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: transfer.Uploads,
	Field:     "Uploads under a temporary name never get their real one, or are there twice. Whoever watches for the real name waits in vain, or takes half a file.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		content := spec.Binary(1000)
		store(ctx, t, s, room+"/a", content)
		t.ExpectCode(t.Do(ctx, s, "RNFR "+room+"/a"), 350)
		t.ExpectCode(t.Do(ctx, s, "RNTO "+room+"/b"), 250)
		m := t.Take(ctx, s, "RETR "+room+"/b")
		if m.Err == nil && m.Final.Negative() {
			t.Fail("the file under its new name", m.Final.String())
		}
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, content, "the file under its new name")
		m = t.Take(ctx, s, "RETR "+room+"/a")
		if m.Err == nil && !m.Final.Negative() {
			t.Fail("a refusal of RETR of the old name", m.Final.String())
		}
		t.ExpectRefused(m, 550, 450)

		// Bare names are those of the current directory. The new one is one that
		// nobody else has: a server may put the file elsewhere.
		const here = spec.Workplace + "c"
		enter(ctx, t, s, room)
		if m := t.Take(ctx, s, "RETR b"); m.Err != nil || !m.Final.Positive() {
			return // which is for DIR-004 to say
		}
		t.ExpectCode(t.Do(ctx, s, "RNFR b"), 350)
		t.ExpectCode(t.Do(ctx, s, "RNTO "+here), 250)
		m = t.Take(ctx, t.Login(ctx), "RETR "+room+"/"+here)
		if m.Err == nil && m.Final.Negative() {
			t.Fail("the file in the current directory under its new name", m.Final.String())
		}
	},
}

var nothingToRename = spec.Requirement{
	ID:       "DIR-016",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "RNFR of a missing path is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "RNFR 450, 550 500, 501, 502, 421, 530 350"),
		spec.RFC(959, "4.2.2", "350 Requested file action pending further information."),
	},
	Needs: spec.Login | spec.Write,
	Field: "Clients use RNFR to find out whether a file exists, and are told that every file does.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		refused(t, "RNFR of a missing path", t.Do(ctx, t.Login(ctx), "RNFR "+room+"/nosuch"), 550, 450)
	},
}

var outOfSequence = spec.Requirement{
	ID:       "DIR-017",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "RNTO without RNFR before it is refused with 503",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "RNTO 250 532, 553 500, 501, 502, 503, 421, 530"),
		spec.RFC(959, "4.1.3", `This command specifies the new pathname of the file specified in the immediately preceding "rename from" command.`),
		spec.RFC(959, "4.2.2", "503 Bad sequence of commands."),
	},
	Needs: spec.Login,
	Field: "A client whose RNFR was refused and that goes on is told that the file was renamed.",
	Check: func(ctx context.Context, t *spec.T) {
		refused(t, "RNTO without RNFR", t.Do(ctx, t.Login(ctx), "RNTO "+spec.Workplace+"renamed"), 503)
	},
}

// 959 §4.1.3 only says that RNTO follows RNFR immediately; that a failed RNTO
// uses up its RNFR is derived from it.
var sequenceEnds = spec.Requirement{
	ID:       "DIR-018",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "A failed RNTO ends the renaming: another RNTO needs another RNFR",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", `This command specifies the new pathname of the file specified in the immediately preceding "rename from" command.`),
		spec.RFC(959, "4.1.3", `This command must be immediately followed by a "rename to" command specifying the new file pathname.`),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&renamed, &outOfSequence},
	Field:     "An RNTO that was meant for another file renames this one.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		store(ctx, t, s, room+"/a", []byte("to be renamed\n"))
		if r := t.Do(ctx, s, "RNFR "+room+"/a"); r.Code != 350 {
			t.Skip("no 350 this time: %s", r)
		}
		r := t.Do(ctx, s, "RNTO "+room+"/nosuch/dir/b")
		if r.Positive() {
			t.Skip("a rename into a directory that is missing makes the directory here: %s", r)
		}
		refused(t, "RNTO into a directory that is missing", r, 553, 532)
		refused(t, "RNTO after an RNTO that failed", t.Do(ctx, s, "RNTO "+room+"/c"), 503)
	},
}
