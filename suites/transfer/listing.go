package transfer

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

var impliedType = spec.RFC(1123, "4.1.2.7", "The data returned by a LIST or NLST command SHOULD use an implied TYPE AN")

// What users see of a server is its listing.
var listsAll = spec.Requirement{
	ID:       "XFER-020",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "LIST without an argument lists the current directory over the data connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "If the pathname specifies a directory or other group of files, the server should transfer a list of files in the specified directory."),
		spec.RFC(959, "4.1.3", "A null argument implies the user's current working or default directory. The data transfer is over the data connection"),
		listReplies,
	},
	Needs: spec.Login | spec.Dir,
	Field: "Clients that show directories show nothing, or too little: files that are there cannot be fetched, and a synchronisation deletes them.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		enter(ctx, t, s, d.Path)
		lines := entries(t.Download(ctx, s, "LIST"))
		for _, name := range d.Names {
			if !mentions(lines, name) {
				if name != "sub" && lost(ctx, t, d.Path+"/"+name) {
					t.Skip("blocked by XFER-010: %s was stored and is not there", name)
				}
				t.Fail("a line for each of "+strings.Join(d.Names, ", "), fmt.Sprintf("none for %s in %s", name, shown(lines)))
			}
		}
	},
}

// entries are the lines of a listing without their ends, and without those that
// tell of no entry of the directory: the total, the directory itself, its parent.
func entries(data []byte) []string {
	var lines []string
	for line := range strings.SplitSeq(string(data), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if f := strings.Fields(line); len(f) > 0 {
			if !(f[0] == "total" && len(f) == 2) && !itself(f[len(f)-1]) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// itself tells the names by which a directory lists itself and its parent.
func itself(name string) bool {
	name = strings.TrimSuffix(name, "/")
	return name == "." || name == ".."
}

// mentions tells whether a name stands in a line: in which place, in which case of
// its letters, and what a space in it has become, is the server's business.
func mentions(lines []string, name string) bool {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "_") }
	for _, line := range lines {
		if strings.Contains(plain(line), plain(name)) {
			return true
		}
	}
	return false
}

// shown is some lines for a report.
func shown(lines []string) string {
	const most = 6
	quoted := make([]string, 0, most)
	for _, line := range lines[:min(len(lines), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", probe.Printable(line)))
	}
	if len(lines) > most {
		quoted = append(quoted, "...")
	}
	return fmt.Sprintf("%d lines (%s)", len(lines), strings.Join(quoted, ", "))
}

// Listings are text for programs of every system.
var listingLines = spec.Requirement{
	ID:        "XFER-021",
	Level:     report.Should,
	Severity:  report.Major,
	Title:     "LIST and NLST end their lines in CR LF, whatever TYPE is set",
	Cites:     []spec.Citation{impliedType},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&listsAll},
	Field:     "Clients that split at CR LF take the whole listing for one name.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx) // in TYPE I
		enter(ctx, t, s, d.Path)
		for _, kind := range []string{"TYPE I", "TYPE A"} {
			if r := t.Do(ctx, s, kind); !r.Positive() {
				continue
			}
			for _, verb := range []string{"LIST", "NLST"} {
				m := t.Take(ctx, s, verb)
				if refused(m) {
					t.Unsupported(m.Final, verb)
				}
				t.ExpectComplete(m)
				for line := range bytes.Lines(m.Data) {
					if text, ok := bytes.CutSuffix(line, []byte("\r\n")); !ok || bytes.HasSuffix(text, []byte("\r")) {
						t.Fail("CR LF at the end of each line of "+verb+" in "+kind, fmt.Sprintf("%q", line))
					}
				}
			}
		}
	},
}

// Programs set TYPE I once and list in between.
var listingKeepsType = spec.Requirement{
	ID:        "XFER-022",
	Level:     report.Should,
	Severity:  report.Critical,
	Title:     "A listing does not change the TYPE of the transfers after it",
	Cites:     []spec.Citation{impliedType},
	Needs:     spec.Login | spec.Dir | spec.File,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&listsAll}),
	Field:     "Binary files that are fetched after a listing are damaged, those before it are not.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		for _, verb := range []string{"LIST", "NLST"} {
			if m := t.Take(ctx, s, verb); m.Err != nil {
				t.Skip("blocked by XFER-020: %v", m.Err)
			}
			t.ExpectContent(t.Download(ctx, s, "RETR "+f.Path), f.Content, "a download in TYPE I after "+verb)
		}
	},
}

// Half of all listings that clients ask for name a path.
var listsArgument = spec.Requirement{
	ID:       "XFER-050",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "LIST of a directory lists that one, and LIST of a file tells of that file",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "If the pathname specifies a directory or other group of files, the server should transfer a list of files in the specified directory."),
		spec.RFC(959, "4.1.3", "If the pathname specifies a file then the server should send current information on the file."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&listsAll},
	Field:     "Scripts that name the directory get the listing of another one, and take its files for those that they want to fetch or delete.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		lines := entries(t.Download(ctx, s, "LIST "+d.Path))
		if !slices.ContainsFunc(d.Names, func(name string) bool { return mentions(lines, name) }) {
			t.Fail("lines for "+strings.Join(d.Names, ", "), shown(lines))
		}
		file := d.Names[0]
		m := t.Take(ctx, s, "LIST "+d.Path+"/"+file)
		if m.Err == nil && m.Final.Negative() && lost(ctx, t, d.Path+"/"+file) {
			t.Skip("blocked by XFER-010: %s was stored and is not there", file)
		}
		t.ExpectComplete(m)
		lines = entries(m.Data)
		if !mentions(lines, file) {
			t.Fail("a line for "+file, shown(lines))
		}
		if len(lines) > 1 && mentions(lines, d.Names[1]) {
			t.Fail("nothing but "+file, shown(lines))
		}
	},
}

// An empty directory is no error.
var emptyListing = spec.Requirement{
	ID:        "XFER-023",
	Level:     report.Must,
	Severity:  report.Major,
	Title:     "Listing an empty directory succeeds with an empty result",
	Cites:     []spec.Citation{listReplies},
	Needs:     spec.Login | spec.EmptyDir,
	BlockedBy: []*spec.Requirement{&listsAll},
	Field:     "Clients cannot enter a directory that has just been made, or hang there.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.EmptyDir)
		s := t.Login(ctx)
		enter(ctx, t, s, d.Path)
		m := t.Take(ctx, s, "LIST")
		if m.Err == nil && m.Final.Code == 450 {
			t.Warn("an empty listing", m.Final.String())
		}
		t.ExpectComplete(m)
		for _, line := range entries(m.Data) {
			// What a listing says besides is the server's own affair (959 §4.1.3).
			if item, err := probe.ParseListItem(line, time.Now()); err != nil || itself(item.Name) {
				t.Note("a line that is no entry: %q", probe.Printable(line))
				continue
			}
			t.Fail("no entries", shown([]string{line}))
		}
		m = t.Take(ctx, s, "NLST")
		switch {
		case m.Err == nil && m.Final.Code == 450:
			return
		case m.Err == nil && m.Final.Code == 550:
			t.Warn("an empty list of names", m.Final.String())
		case refused(m):
			t.Unsupported(m.Final, "NLST")
		}
		t.ExpectComplete(m)
		if lines := entries(m.Data); len(lines) > 0 {
			t.Fail("no names", shown(lines))
		}
	},
}

// Nothing is not the same as an empty directory.
var missingListing = spec.Requirement{
	ID:        "XFER-024",
	Level:     report.Should,
	Severity:  report.Minor,
	Title:     "LIST of a path that does not exist is refused",
	Cites:     []spec.Citation{listReplies, exactReply},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&listsAll},
	Field:     "A directory with a typing error in its name looks empty, and a file that is looked for by LIST seems to be missing or there at will.",
	Check: func(ctx context.Context, t *spec.T) {
		m := t.Take(ctx, t.Login(ctx), "LIST "+nosuch)
		if m.Err == nil && m.Final.Positive() && len(m.Data) == 0 {
			t.Warn("a refusal of LIST of a missing path", "an empty listing, then "+m.Final.String())
		}
		t.ExpectRefused(m, 450, 550)
	},
}

// No RFC says what a line is, but all clients read these two.
var listingFormat = spec.Requirement{
	ID:       "XFER-025",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "The lines of LIST have the form of ls -l or that of DOS",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "Since the information on a file may vary widely from system to system, this information may be hard to use automatically in a program, but may be quite useful to a human user."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&listsAll},
	Field:     "Clients without MLSD show an empty directory, or names with half of a date in them.",
	Fixes: []spec.Fix{
		{Server: "IIS", Setting: "FTP Directory Browsing > Directory Listing Style: MS-DOS or UNIX"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		enter(ctx, t, s, d.Path)
		for _, line := range entries(t.Download(ctx, s, "LIST")) {
			if _, err := probe.ParseListItem(line, time.Now()); err != nil {
				t.Fail("lines like those of ls -l or of DOS", fmt.Sprintf("%q", line))
			}
		}
	},
}

// NLST is there for programs that fetch what it names.
var usableNames = spec.Requirement{
	ID:       "XFER-026",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "NLST returns names and nothing else, and each works in a following command",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.7", "The data returned by an NLST command MUST contain only a simple list of legal pathnames, such that the server can use them directly as the arguments of subsequent data transfer commands for the individual files."),
		spec.RFC(959, "4.1.3", "The server will return a stream of names of files and no other information."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&listsAll}),
	Field:     "\"mget *\" and every script that fetches a directory fails at names that are none.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		useAll(ctx, t, d.Path, "NLST")
	},
}

// The same from outside the directory.
var usablePaths = spec.Requirement{
	ID:       "XFER-027",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "NLST of another directory returns names that work from the current one",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.7", "The data returned by an NLST command MUST contain only a simple list of legal pathnames, such that the server can use them directly as the arguments of subsequent data transfer commands for the individual files."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&usableNames},
	Field:     "\"mget dir/*\" finds names and then none of the files, or files of the same name elsewhere.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		parent, name := path.Split(d.Path)
		names := useAll(ctx, t, parent, "NLST "+name)
		// Usable they may be, too, when they are those of another directory.
		if len(names) > 0 && !slices.ContainsFunc(d.Names, func(name string) bool { return mentions(names, name) }) {
			t.Fail("names out of "+name+": "+strings.Join(d.Names, ", "), shown(names))
		}
	},
}

// useAll fetches whatever a list of names has, or enters it. It returns the names.
func useAll(ctx context.Context, t *spec.T, dir, list string) []string {
	const most = 20
	s := t.Login(ctx)
	enter(ctx, t, s, dir)
	m := t.Take(ctx, s, list)
	if refused(m) {
		t.Unsupported(m.Final, "NLST")
	}
	t.ExpectComplete(m)
	if len(m.Data) == 0 {
		return nil // what a list lacks has a requirement of its own
	}
	// Each line counts: here a total would be taken for a name.
	names := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(m.Data), "\r\n", "\n"), "\n"), "\n")
	for _, name := range names[:min(len(names), most)] {
		name = strings.TrimRight(name, "\r") // how lines end is for XFER-021 to judge
		file := t.Take(ctx, s, "RETR "+name)
		if file.Err == nil && file.Final.Positive() {
			continue
		}
		r, err := s.Do(ctx, "CWD "+name)
		if err != nil || !r.Positive() {
			if r, err := t.Login(ctx).Do(ctx, "CWD "+path.Join(dir, name)); err == nil && r.Positive() {
				t.Skip("blocked by DIR-004: CWD %s does not work in %s, and does elsewhere", probe.Printable(name), dir)
			}
			t.Fail("names that RETR or CWD take", fmt.Sprintf("%q in the list, and RETR of it is answered %s", name, last(file)))
		}
		s = t.Login(ctx)
		enter(ctx, t, s, dir)
	}
	return names
}

// A list that lacks a name hides the file. Directories may be missing: the list is
// one of files.
var listsNames = spec.Requirement{
	ID:       "XFER-048",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "NLST names every file of the directory",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "The pathname should specify a directory or other system-specific file group descriptor; a null argument implies the current directory. The server will return a stream of names of files and no other information."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&listsAll, &usableNames},
	Field:     "Scripts that fetch a directory leave files behind and say nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		d := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		enter(ctx, t, s, d.Path)
		m := t.Take(ctx, s, "NLST")
		if refused(m) {
			t.Unsupported(m.Final, "NLST")
		}
		t.ExpectComplete(m)
		names := entries(m.Data)
		for _, name := range d.Names {
			if name != "sub" && !mentions(names, name) {
				t.Fail("a name for each of "+strings.Join(d.Names, ", "), fmt.Sprintf("none for %s in %s", name, shown(names)))
			}
		}
	},
}
