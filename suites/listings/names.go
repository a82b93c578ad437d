package listings

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// What a listing shows is there to be fetched.
var usable = spec.Requirement{
	ID:       "MLS-015",
	Level:    report.Should,
	Severity: report.Critical,
	Title:    "The names of MLSD have no path before them, and work in the directory that was listed",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.3.1", "File names returned in the output from an MLSD command SHOULD be unqualified names within the directory named, or the current directory if no argument was given."),
		spec.RFC(3659, "7.1", "For these purposes, the contents of a directory are whatever file or directory names (not pathnames) the server-PI will allow to be referenced when the current working directory is the directory named"),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&form, &listing, &nothingElse},
	Field:     "Clients join directory and name: with a path in the name they ask for dir/dir/name, which does not exist.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		all := entries(mlsd(ctx, t, s, dir.Path))
		// What the server has put there itself may be for its own eyes.
		ours := func(e probe.Entry) bool {
			return slices.ContainsFunc(dir.Names, func(name string) bool { return strings.EqualFold(name, e.Name) })
		}
		for _, e := range all {
			if kind := e.Type(); kind != "cdir" && kind != "pdir" && strings.Contains(strings.TrimSuffix(e.Name, "/"), "/") {
				t.Fail("names without a path", probe.Printable(e.String()))
			}
		}
		before, _ := s.WorkingDirectory(ctx)
		enter(ctx, t, s, dir.Path)
		if after, _ := s.WorkingDirectory(ctx); before != "" && after == before {
			t.Skip("CWD does not change the directory")
		}
		for _, e := range all {
			switch e.Type() {
			case "file":
				m := t.Take(ctx, s, "RETR "+e.Name)
				if refused(m) && !ours(e) {
					t.Note("%s is listed, and RETR of it is answered %s", probe.Printable(e.Name), m.Final)
				} else if refused(m) {
					t.Fail("the name "+probe.Printable(e.Name)+" to work with RETR", m.Final.String())
				}
			case "dir":
				in := t.Login(ctx)
				enter(ctx, t, in, dir.Path)
				if r := t.Do(ctx, in, "CWD "+e.Name); r.Negative() && !ours(e) {
					t.Note("%s is listed, and CWD to it is answered %s", probe.Printable(e.Name), r)
				} else if r.Negative() {
					if r, err := t.Login(ctx).Do(ctx, "CWD "+dir.Path+"/"+e.Name); err == nil && r.Positive() {
						t.Skip("blocked by DIR-004: CWD to %s works from elsewhere, and not in its directory", probe.Printable(e.Name))
					}
					t.Fail("the name "+probe.Printable(e.Name)+" to work with CWD", r.String())
				}
			}
		}
	},
}

const (
	// many is the number of entries of a large directory.
	many = 10_000
	// enough of them tell something, where the way to the server is too long for all.
	enough = 500
	// making is how long they may take to be made, and again to be removed. The
	// first few, sample, tell whether it will do.
	making = 30 * time.Second
	sample = 20
)

// entryName finds the names of the large directory in a listing of any form.
var entryName = regexp.MustCompile(`(?i)entry-[0-9]{5}`)

// Servers hold listings in buffers, and have limits that nobody remembers. The
// entries are directories, since one command makes one; an upload takes four
// and a port.
var complete = spec.Requirement{
	ID:       "MLS-019",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "Large directories are listed completely",
	Needs:    spec.Login | spec.Write,
	Takes:    time.Minute,
	Timeout:  5 * time.Minute,
	Field:    "Files beyond the limit do not exist for clients. Mirrors delete their copies, backups are incomplete.",
	Fixes: []spec.Fix{
		{Server: "Pure-FTPd", Setting: "-L 100000:10 (LimitRecursion 100000 10 in pure-ftpd.conf)"},
		{Server: "ProFTPD", Setting: "no ListOptions with maxfiles"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		entry := func(n int) string { return fmt.Sprintf("%s/entry-%05d", room, n) }
		// Its own test divides the number, like the times of slow requirements.
		want := int(t.Shortened(many))
		made := 0
		defer func() {
			// Whatever remains is removed with the rest at the end of the run.
			for end := time.Now().Add(making); made > 0 && time.Now().Before(end); made-- {
				if _, err := s.Do(ctx, "RMD "+entry(made-1)); err != nil {
					return
				}
			}
		}()
		start := time.Now()
		for ; made < want && time.Since(start) < making; made++ {
			r, err := s.Do(ctx, "MKD "+entry(made))
			t.Blame(err)
			if err != nil || !r.Positive() {
				t.Skip("no more than %d directories can be made: %s %v", made, r, err)
			}
			if spent := time.Since(start); made == sample && spent/sample > making/enough {
				t.Skip("the server is too far away: %d directories made in %s", made, spent.Round(time.Millisecond))
			}
		}
		if made < want {
			if made < min(enough, want) {
				t.Skip("only %d directories could be made in %s", made, making)
			}
			t.Note("judged with %d entries, which is what could be made in %s", made, making)
		}
		verbs := []string{"LIST", "NLST"}
		if t.Has(ctx, "MLST") {
			verbs = append([]string{"MLSD"}, verbs...)
		}
		for _, verb := range verbs {
			m := t.Take(ctx, s, verb+" "+room)
			if refused(m) && m.Opening.IsZero() {
				t.Note("%s is refused: %s", verb, m.Final)
				continue
			}
			if !whole(m) {
				small := t.Take(ctx, t.Login(ctx), verb+" "+entry(0))
				if !whole(small) {
					t.Skip("%s of an empty directory fails, too: %s", verb, small.Final)
				}
			}
			t.ExpectComplete(m)
			count := map[string]int{}
			for _, name := range entryName.FindAll(m.Data, -1) {
				count[strings.ToLower(string(name))]++
			}
			if len(count) == 0 && bytes.Count(m.Data, []byte("\n")) > 1 {
				t.Note("%s lists another directory", verb)
				continue
			}
			if verb == "NLST" && len(count) == 0 {
				t.Note("NLST lists files alone") // 959 §4.1.3 speaks of names of files
				continue
			}
			for i := range made {
				name := path.Base(entry(i))
				if count[name] != 1 {
					t.Fail(fmt.Sprintf("each of %d entries once by %s", made, verb),
						fmt.Sprintf("%d different entries, %s %d times; %s", len(count), name, count[name], m.Final))
				}
			}
		}
	},
}

// whole tells a transfer that came to its end.
func whole(m spec.Moved) bool { return m.Err == nil && m.DataErr == nil && m.Final.Positive() }

// forged is a line of MLSD that a file name tries to be.
const forged = "type=file; forged"

// A name is whatever the user of another account has chosen.
var brokenName = spec.Requirement{
	ID:       "MLS-020",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A name with CR LF in it makes no line of its own in MLSD and NLST",
	Cites: []spec.Citation{
		spec.RFC(3659, "2.2", "Files with names containing the CRLF sequence must either have that sequence converted to some other form, such that the other form can be recognised and be correctly converted back to CRLF, or be omitted from the listing."),
		spec.RFC(3659, "2.2", "Hence, pathnames containing the CRLF pair of characters cannot be transmitted over a data connection."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  features,
	BlockedBy: []*spec.Requirement{&listing},
	Unwatched: true,
	Field:     "Whoever may upload makes others see files that are not there, with any type, size and date, or fetch another one than they see.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		name := room + "/a\r\x00\n" + forged
		if !upload(ctx, t, name) {
			return
		}
		// The replies of that session may be out of step: the name may be in one.
		s := t.Login(ctx)
		defer func() {
			if s.Write(ctx, "DELE "+name+"\r\n") == nil {
				_, _ = s.Receive(ctx)
			}
		}()
		for _, verb := range []string{"MLSD", "NLST"} {
			m := t.Take(ctx, s, verb+" "+room)
			if m.Err != nil || m.DataErr != nil || !m.Final.Positive() {
				if verb == "NLST" {
					continue // some refuse to list an empty directory
				}
				t.Blame(m.Err)
				t.Skip("no listing this time: MLSD is answered %s", m.Final)
			}
			for _, line := range split(m.Data) {
				// An LF that is left over from the name does not make it another line.
				if strings.HasPrefix(strings.TrimLeft(line, "\n"), forged) {
					t.Fail("no line "+forged+" from "+verb, fmt.Sprintf("the line %q", line))
				}
			}
			if bytes.Contains(m.Data, []byte("forged")) {
				t.Note("the name is listed by %s in another form: %q", verb, m.Data)
			}
		}
	},
}

// upload stores a file by a name with CR NUL in it, and tells whether it was
// taken.
func upload(ctx context.Context, t *spec.T, name string) (stored bool) {
	s := t.Login(ctx)
	c := t.Open(ctx, s)
	defer c.Close()
	err := s.Write(ctx, "STOR "+name+"\r\n")
	var r probe.Reply
	if err == nil {
		r, err = s.Receive(ctx)
	}
	t.Blame(err)
	switch cause := probe.CauseOf(err); {
	case cause == probe.Closed || cause == probe.Reset:
		t.Skip("blocked by UTF-006: %v", err)
	case r.Negative():
		t.Note("the name is refused: %s", r)
		return false
	}
	if s.Protected() {
		err = c.Handshake(ctx)
	}
	if err == nil {
		err = c.Send(ctx, strings.NewReader("a file with a long name\n"))
	}
	if err == nil {
		_ = c.Finish(ctx)
	}
	_ = c.Close()
	// The name may have put the replies out of step, so that none may be waited
	// for too long.
	const patience = 2 * time.Second
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := s.Complete(short); err != nil && ctx.Err() == nil {
		t.Sleep(ctx, patience/2)
	}
	s.Close()
	return true
}

// There is no name for the current directory that every server knows: leaving
// the argument out is the only way.
var here = spec.Requirement{
	ID:       "MLS-021",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "MLSD without an argument lists the current directory, and all that is in it; MLST without one describes it",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.1", "If no argument is given then MLSD must return a listing of the contents of the current working directory, and MLST must return a listing giving information about the current working directory itself."),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing, &nothingElse},
	Field:     "Most clients enter a directory and list it without an argument: wherever they go they see the same files, or miss some.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		before, _ := s.WorkingDirectory(ctx)
		enter(ctx, t, s, dir.Path)
		if after, _ := s.WorkingDirectory(ctx); before != "" && after == before {
			t.Skip("CWD does not change the directory")
		}
		all := entries(mlsd(ctx, t, s, ""))
		// What a space in a name has become is the server's business.
		plain := func(name string) string { return strings.ReplaceAll(strings.ToLower(path.Base(name)), " ", "_") }
		for _, name := range dir.Names {
			if !slices.ContainsFunc(all, func(e probe.Entry) bool { return plain(e.Name) == plain(name) }) {
				t.Fail("an entry for "+name+" in the current directory", fmt.Sprintf("%d entries, none of that name", len(all)))
			}
		}
		r := t.Do(ctx, s, "MLST")
		if r.Negative() {
			t.Fail("250 and the facts of the current directory", r.String())
		}
		if e, ok := parse(strings.TrimPrefix(r.Lines()[min(1, len(r.Lines())-1)], " ")); ok && e.Type() == "file" {
			t.Fail("the facts of the current directory", probe.Printable(e.String()))
		}
	},
}
