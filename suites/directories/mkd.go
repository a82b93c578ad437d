package directories

import (
	"context"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// An upload of a tree begins with its directories.
var made = spec.Requirement{
	ID:       "DIR-008",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "MKD makes a directory below the current one and is answered with 257 and its quoted path",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the directory specified in the pathname to be created as a directory (if the pathname is absolute) or as a subdirectory of the current working directory (if the pathname is relative)."),
		spec.RFC(959, "5.4", "MKD 257 500, 501, 502, 421, 530, 550"),
		spec.RFC(959, "Appendix II", `upon successful completion of an MKD command, the server should return a line of the form: 257<space>"<directory-name>"<space><commentary>`),
		spec.RFC(959, "Appendix II", "The 257 reply to the MKD command must always contain the absolute pathname of the created directory."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&workingDirectory},
	Field:     "Uploads of trees fail, or land in one heap, because their directories are missing or elsewhere.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "write_enable=YES (anon_mkdir_write_enable=YES for anonymous users)"},
		{Server: "FileZilla Server", Setting: "Rights management > Users > Mount points: Access mode Read + Write, and Writable directory structure"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		base := where(ctx, t, s)
		r := t.Do(ctx, s, "MKD d1")
		t.ExpectCode(r, 257)
		var path string
		if r.Code == 257 {
			var err error
			if path, err = probe.ParsePath(r); err != nil {
				const expected = `257 "path", and after a space whatever else`
				// That the path is there is a must, where it stands a should.
				if !strings.Contains(r.Text(), `d1"`) {
					t.Fail(expected, err.Error()+": "+r.String())
				}
				t.Warn(expected, r.String())
			}
		}
		entered := t.Do(ctx, s, "CWD d1")
		if !entered.Positive() && path != "" {
			// Where a new directory can only be entered by the path in the reply
			// (959 Appendix II has such a host), that has to do.
			if again := t.Do(ctx, s, "CWD "+path); again.Positive() {
				if strings.HasPrefix(base, "/") && !strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/") {
					_, _ = s.Do(ctx, "CDUP")
					_, _ = s.Do(ctx, "RMD "+path)
					t.Fail("a directory below the current one, "+probe.Printable(base), "one elsewhere: "+r.String())
				}
				t.Note("the new directory is entered as %s, not as d1: %s", probe.Printable(path), entered)
				return
			}
		}
		t.ExpectCode(entered, 250)
	},
}

// The argument of MKD is good in the current directory only, and on some hosts
// not even there. What the reply says is good everywhere.
var absolute = spec.Requirement{
	ID:       "DIR-009",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The path in the 257 that answers MKD is absolute",
	Cites: []spec.Citation{
		spec.RFC(959, "Appendix II", "The 257 reply to the MKD command must always contain the absolute pathname of the created directory."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&changes, &made},
	Field:     "Clients that keep the path from the reply for later look for the directory in the wrong place.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		r := create(ctx, t, s, "d2")
		create(ctx, t, s, "d2/"+inner)
		path, err := probe.ParsePath(r)
		if err != nil {
			t.Skip("no readable 257 this time: %s", r)
		}
		// From the root, and then from within: what is good in both places does
		// not depend on the place.
		t.Do(ctx, s, "CWD /")
		for _, from := range []string{"the root", "the directory itself"} {
			if r := t.Do(ctx, s, "CWD "+path); !r.Positive() {
				t.Fail("a path that leads to the new directory from everywhere", probe.Printable(path)+", which does not lead there from "+from+": "+r.String())
			}
		}
		if r := t.Do(ctx, s, "CWD "+inner); r.Negative() {
			t.Fail("the path of the new directory", probe.Printable(path)+", which is that of another one: "+inner+" is not in it")
		}
	},
}

// inner is the name of a directory by which the one that it is in is known.
const inner = spec.Workplace + "inner"

// A client that finds the directory there must learn it.
var exists = spec.Requirement{
	ID:       "DIR-010",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MKD of a directory that exists already is refused with 521 or 550",
	Cites: []spec.Citation{
		spec.RFC(959, "Appendix II", `The prior existence of a subdirectory with the same name is an error, and the server must return an "access denied" error reply in that case.`),
		spec.RFC(959, "5.4", "MKD 257 500, 501, 502, 421, 530, 550"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&made},
	Field:     "Programs that use MKD as a lock, or to find a free name, share with others what they take for theirs.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		create(ctx, t, s, "d1")
		refused(t, "MKD of a directory that exists", t.Do(ctx, s, "MKD d1"), 521, 550)
	},
}
