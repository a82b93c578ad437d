package directories

import (
	"context"
	"path"
	"slices"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// What CWD says and what it does have to agree: the commands that follow are
// about the files of that directory.
var changes = spec.Requirement{
	ID:       "DIR-004",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "CWD to a directory that exists is answered with 250 and changes to it",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "This command allows the user to work with a different directory or dataset for file storage or retrieval without altering his login or accounting information."),
		spec.RFC(959, "5.4", "CWD 250 500, 501, 502, 421, 530, 550"),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&workingDirectory},
	Field:     "Clients walk to a file directory by directory (curl does by default): they read, overwrite and delete files of the same name in the wrong directory.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		before := where(ctx, t, s)
		t.ExpectCode(t.Do(ctx, s, "CWD "+dir.Path), 250)
		after := where(ctx, t, s)
		switch expected := path.Join(before, dir.Path); {
		case same(after, before):
			t.Fail("another directory after CWD, "+probe.Printable(expected), "PWD says "+probe.Printable(after)+" before and after it")
		case !same(after, expected):
			// Links, letter case and the server's own way to write a path: the
			// files that are there decide.
			name := dir.Names[0]
			m := t.Take(ctx, s, "RETR "+name)
			if m.Err == nil && m.Final.Negative() {
				t.Fail("the directory "+probe.Printable(expected), "PWD says "+probe.Printable(after)+", and its file "+name+" is not there: "+m.Final.String())
			}
			t.Note("PWD says %s after CWD %s from %s", probe.Printable(after), dir.Path, probe.Printable(before))
		default:
			// What PWD says has to be where the commands look that follow.
			name := dir.Names[0]
			m := t.Take(ctx, s, "RETR "+name)
			if m.Err != nil || !m.Final.Negative() {
				break
			}
			if there := t.Take(ctx, t.Login(ctx), "RETR "+dir.Path+"/"+name); there.Err == nil && there.Final.Positive() {
				t.Fail("the directory "+probe.Printable(expected), "its file "+name+" is not found in it by its name alone: "+m.Final.String())
			}
		}
		// The next step goes from there, not from where the session began.
		const sub = "sub"
		if r := t.Do(ctx, s, "CWD "+sub); r.Negative() {
			t.Fail("CWD "+sub+" to lead on from "+probe.Printable(after), r.String())
		}
		if now := where(ctx, t, s); same(now, after) {
			t.Fail("another directory after CWD "+sub, "PWD says "+probe.Printable(now)+" before and after it")
		}
	},
}

// Clients use CWD to find out whether something is a directory.
var noSuchDirectory = spec.Requirement{
	ID:       "DIR-005",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "CWD to what is no directory is refused with 550 and changes nothing",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "The argument is a pathname specifying a directory or other system dependent file group designator."),
		spec.RFC(959, "5.4", "CWD 250 500, 501, 502, 421, 530, 550"),
		spec.RFC(959, "4.2.2", "550 Requested action not taken. File unavailable (e.g., file not found, no access)."),
	},
	Needs:     spec.Login | spec.File,
	BlockedBy: []*spec.Requirement{&workingDirectory},
	Field:     "Clients tell files from directories by trying CWD. They take every file for a directory, or do not notice that the directory they upload to is missing.",
	Check: func(ctx context.Context, t *spec.T) {
		file, room := t.Fixture(ctx, spec.File), t.Room(ctx)
		s := t.Login(ctx)
		before := where(ctx, t, s)
		for what, name := range inOrder("CWD to a missing directory", room+"/nosuch", "CWD to a file", file.Path) {
			refused(t, what, t.Do(ctx, s, "CWD "+name), 550)
			if now := where(ctx, t, s); !same(now, before) {
				t.Fail("the same directory after "+what+", "+probe.Printable(before), probe.Printable(now))
			}
		}
	},
}

// inOrder yields pairs in the order in which they are written.
func inOrder(pairs ...string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := 0; i < len(pairs); i += 2 {
			if !yield(pairs[i], pairs[i+1]) {
				return
			}
		}
	}
}

// 959 lists 200 for CDUP (§5.4) and says that its codes are those of CWD
// (§4.1.1, Appendix II): both are right.
var parent = spec.Requirement{
	ID:       "DIR-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "CDUP moves to the parent directory and is answered with 200 or 250",
	Cites: []spec.Citation{
		spec.RFC(959, "Appendix II", "Change to the parent of the current working directory."),
		spec.RFC(959, "5.4", "CDUP 200 500, 501, 502, 421, 530, 550"),
		spec.RFC(959, "4.1.1", "The reply codes shall be identical to the reply codes of CWD."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&workingDirectory, &changes},
	Field:     "Clients that walk a tree come back by CDUP: they continue in the wrong directory. \"Up\" in FileZilla and Total Commander does nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		above, name := path.Split(t.Fixture(ctx, spec.Dir).Path)
		s := t.Login(ctx)
		enter(ctx, t, s, path.Clean(above))
		before := where(ctx, t, s)
		enter(ctx, t, s, name)
		t.ExpectCode(t.Do(ctx, s, "CDUP"), 200, 250)
		if now := where(ctx, t, s); !same(now, before) {
			t.Fail("the parent directory, "+probe.Printable(before), probe.Printable(now))
		}
	},
}

// There is nothing above the root.
var top = spec.Requirement{
	ID:       "DIR-007",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "CDUP at the root stays at the root",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "This command is a special case of CWD, and is included to simplify the implementation of programs for transferring directory trees"),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&workingDirectory},
	Field:     "An account that is confined to its directory sees what is outside of it; elsewhere clients end up in paths like /.. in which nothing can be found.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "chroot_local_user=YES"},
		{Server: "ProFTPD", Setting: "DefaultRoot ~"},
		{Server: "Pure-FTPd", Setting: "-A"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		if r := t.Do(ctx, s, "CWD /"); !r.Positive() {
			t.Skip("there is no root to go to: %s", r)
		}
		root := where(ctx, t, s)
		if r := t.Do(ctx, s, "CDUP"); r.Negative() {
			t.ExpectRefusal(r, 550)
		} else {
			t.ExpectCode(r, 200, 250)
		}
		// Not like elsewhere in this area: /.. is not /.
		if now := where(ctx, t, s); now != root {
			t.Fail("the root, "+probe.Printable(root), probe.Printable(now))
		}
	},
}

// Between TYPE and the transfer most clients change the directory.
var parameters = spec.Requirement{
	ID:       "DIR-020",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "CWD and CDUP leave the transfer parameters as they are",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "Transfer parameters are similarly unchanged."),
	},
	Needs:     spec.Login | spec.File | spec.Dir,
	BlockedBy: slices.Concat(transfer.Downloads, []*spec.Requirement{&changes, &parent}),
	Field:     "Clients set TYPE I once, after the login. From the first change of directory on binary files arrive converted, which is to say broken.",
	Check: func(ctx context.Context, t *spec.T) {
		dir, file := t.Fixture(ctx, spec.Dir), t.Fixture(ctx, spec.File)
		above, name := path.Split(dir.Path)
		s := t.Login(ctx)
		if r := t.Do(ctx, s, "TYPE I"); !r.Positive() {
			t.Skip("no TYPE I: %s", r)
		}
		before := t.Take(ctx, s, "RETR "+file.Path)
		if before.Err != nil || before.DataErr != nil || !before.Final.Positive() {
			t.Skip("no file to work with: RETR is answered %s", before.Final)
		}
		for _, way := range [][]string{{"CWD " + path.Clean(above)}, {"CWD " + name, "CDUP"}} {
			for _, step := range way {
				if r := t.Do(ctx, s, step); !r.Positive() {
					t.Skip("no way to go: %s is answered %s", step, r)
				}
			}
			after := t.Take(ctx, s, "RETR "+path.Base(file.Path))
			if after.Err == nil && after.DataErr == nil && after.Final.Negative() {
				t.Skip("the file is not there any more: RETR is answered %s", after.Final)
			}
			t.ExpectComplete(after)
			t.ExpectContent(after.Data, before.Data, "the same file in TYPE I after "+way[len(way)-1])
		}
	},
}
