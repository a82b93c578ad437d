package directories

import (
	"context"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// Whether the file is gone is tried by RETR: several servers refuse SIZE for
// other reasons.
var deleted = spec.Requirement{
	ID:       "DIR-013",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "DELE removes a file and is answered with 250",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the file specified in the pathname to be deleted at the server site."),
		spec.RFC(959, "5.4", "DELE 250 450, 550 500, 501, 502, 421, 530"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: transfer.Uploads,
	Field:     "Clients that move files (fetch, then delete) fetch them again and again; what was to be gone can still be read.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Room(ctx) + "/f1"
		s := t.Login(ctx)
		store(ctx, t, s, f, []byte("to be deleted\n"))
		t.ExpectCode(t.Do(ctx, s, "DELE "+f), 250)
		m := t.Take(ctx, s, "RETR "+f)
		if m.Err == nil && !m.Final.Negative() {
			t.Fail("a refusal of RETR of the file that was deleted", m.Final.String())
		}
		t.ExpectRefused(m, 550, 450)

		// In its directory a bare name is enough. It is one that nobody else has: a
		// server may look elsewhere.
		const here = spec.Workplace + "f2"
		enter(ctx, t, s, t.Room(ctx))
		store(ctx, t, s, here, []byte("to be deleted\n"))
		if m := t.Take(ctx, s, "RETR "+here); m.Err != nil || !m.Final.Positive() {
			return // which is not for DELE to answer for
		}
		t.ExpectCode(t.Do(ctx, s, "DELE "+here), 250)
		if m := t.Take(ctx, s, "RETR "+here); m.Err == nil && !m.Final.Negative() {
			t.Fail("a refusal of RETR of the file that was deleted in the current directory", m.Final.String())
		}
	},
}

var notDeleted = spec.Requirement{
	ID:       "DIR-014",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "DELE of a missing path and of a directory is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the file specified in the pathname to be deleted at the server site."),
		spec.RFC(959, "5.4", "DELE 250 450, 550 500, 501, 502, 421, 530"),
	},
	// A run that may not write sends no DELE.
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&made},
	Field:     "A mistyped name goes unnoticed; clients that try DELE first remove directories that they meant to look into.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		refused(t, "DELE of a missing path", t.Do(ctx, s, "DELE nosuch"), 550, 450)
		create(ctx, t, s, "d")
		refused(t, "DELE of a directory", t.Do(ctx, s, "DELE d"), 550, 450)
	},
}

// RFC 959 knows no patterns: the pathname is that of one file. A client deletes
// the file that it names, and not those beside it.
var literal = spec.Requirement{
	ID:       "DIR-019",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "DELE takes asterisk and question mark literally and deletes no other files",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the file specified in the pathname to be deleted at the server site."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&deleted},
	Field:     "One DELE of a file with an asterisk in its name, or of an unfilled variable, empties the directory.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		content := []byte("to be kept\n")
		for _, name := range []string{"w1", "w2"} {
			store(ctx, t, s, room+"/"+name, content)
		}
		for _, pattern := range []string{"w*", "w?"} {
			r := t.Do(ctx, s, "DELE "+room+"/"+pattern)
			for _, name := range []string{"w1", "w2"} {
				m := t.Take(ctx, s, "RETR "+room+"/"+name)
				if m.Err == nil && m.Final.Negative() {
					t.Fail("the files w1 and w2 after DELE "+pattern, "DELE is answered "+r.String()+", then RETR "+name+" "+m.Final.String())
				}
			}
			if !r.Negative() {
				t.Note("DELE %s is answered %s, and nothing is deleted", pattern, r)
			}
		}
	},
}
