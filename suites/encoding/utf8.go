package encoding

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// The two ways to write the same letter. File systems of macOS store the second
// one whatever they are given.
const (
	composed   = "\u00e9"
	decomposed = "e\u0301"
)

// beyondASCII are names of two, three and four octets a letter, and one with a
// letter that is made of two.
var beyondASCII = []string{"caf" + composed, "\u6f22\u5b57", "\U0001f600", "caf" + decomposed + "s"}

// Names go through every command that has one, in both directions.
var survives = spec.Requirement{
	ID:       "UTF-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Names in UTF-8 come back octet by octet from commands, listings and replies",
	Cites: []spec.Citation{
		spec.RFC(2640, "3.1", "Conforming clients and servers MUST support UTF-8 for the transfer and receipt of pathnames."),
		spec.RFC(3659, "7.3", "An FTP implementation supporting the MLSx commands must be 8-bit clean."),
		spec.RFC(3659, "8", "In general, the support of MLST requires support for arbitrary character sets wherever file names and directory names are allowed. This applies equally to both arguments given to the following commands and to the replies from them, as appropriate."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"UTF8"},
	BlockedBy: transfer.Uploads,
	Field:     "Files whose names are not English are shown with question marks or in wild letters, and cannot be fetched, renamed or deleted.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "UseEncoding on (mod_lang)"},
		{Server: "IIS", Setting: `allowUTF8="true" of ftpServer`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		// What a plain name cannot do either has requirements of its own.
		goes(ctx, t, room, "plain", func(expected, seen string) {
			t.Skip("a plain name fails, too: expected %s; saw %s", expected, seen)
		})
		taken := 0
		for _, name := range beyondASCII {
			if goes(ctx, t, room, name, t.Fail) {
				taken++
			}
		}
		if taken == 0 {
			// The file system may not have them, or the operator may not want them:
			// 959 §4.2.1 has a code for that.
			if _, r := stored(ctx, t, login(ctx, t), room+"/"+beyondASCII[0], nil); r.Code == 553 {
				t.Warn("names in UTF-8 to be allowed", "all of them are refused: "+r.String())
			}
			t.Fail("names in UTF-8 to be taken", "all of them are refused")
		}
	},
}

// goes takes a name through the commands, in a session of its own. It reports false
// when the name is not taken at all.
func goes(ctx context.Context, t *spec.T, room, name string, fail func(expected, seen string)) bool {
	s := login(ctx, t)
	path := room + "/" + name
	content := fmt.Appendf(nil, "a file by the name %s\n", name)
	ok, r := stored(ctx, t, s, path, content)
	if !ok {
		t.Note("the name %s is refused: %s", name, r)
		return false
	}
	path = room + "/" + listed(ctx, t, s, room, name, fail)
	fetch(ctx, t, s, path, content, fail)
	if r := t.Do(ctx, s, "SIZE "+path); r.Code == 213 {
		if n, err := probe.ParseSIZE(r); err == nil && n != int64(len(content)) {
			fail(fmt.Sprintf("SIZE %d of the file %s", len(content), name), r.String())
		}
	}
	for _, step := range []string{"RNFR " + path, "RNTO " + path + ".renamed"} {
		if r := t.Do(ctx, s, step); r.Negative() {
			fail("the file "+name+" to be renamed", step[:4]+" is answered "+r.String())
		}
	}
	path = room + "/" + listed(ctx, t, s, room, name+".renamed", fail)
	fetch(ctx, t, s, path, content, fail)
	if r := t.Do(ctx, s, "DELE "+path); r.Negative() {
		fail("the file "+name+" to be deleted", r.String())
	}
	directory(ctx, t, room, name, fail)
	return true
}

// login opens a session that takes names as UTF-8. A server that lists UTF8 has to
// do so unasked (RFC 2640 §3.2), another one is asked.
func login(ctx context.Context, t *spec.T) *probe.Session {
	s := t.Login(ctx)
	if !t.Features(ctx).Has("UTF8") {
		t.Do(ctx, s, "OPTS UTF8 ON")
	}
	return s
}

// listed expects a name in the listing of room, and returns it as it is there:
// the same but for what the file system makes of letters with an accent.
func listed(ctx context.Context, t *spec.T, s *probe.Session, room, name string, fail func(expected, seen string)) string {
	names := list(ctx, t, s, room)
	if slices.Contains(names, name) {
		return name
	}
	for _, there := range names {
		if normal(there) == normal(name) {
			t.Note("the file system writes %s as %q", name, there)
			return there
		}
	}
	fail("the name "+name+" in the listing of its directory", quote(names))
	return ""
}

// normal has one of the two ways to write a letter.
func normal(name string) string { return strings.ReplaceAll(name, decomposed, composed) }

func fetch(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte, fail func(expected, seen string)) {
	m := t.Take(ctx, s, "RETR "+path)
	if m.Err == nil && m.Final.Negative() {
		fail("the file by its name, "+probe.Printable(path), m.Final.String())
	}
	t.ExpectComplete(m)
	t.ExpectContent(m.Data, content, "the file by its name, "+probe.Printable(path))
}

// directory expects that a directory can be made and entered by a name, and that
// PWD tells it.
func directory(ctx context.Context, t *spec.T, room, name string, fail func(expected, seen string)) {
	s := login(ctx, t)
	name += ".dir"
	if r := t.Do(ctx, s, "MKD "+room+"/"+name); r.Negative() {
		fail("a directory by the name "+name, "MKD is answered "+r.String())
	}
	if r := t.Do(ctx, s, "CWD "+room+"/"+name); r.Negative() {
		fail("the way into the directory "+name, r.String())
	}
	r := t.Do(ctx, s, "PWD")
	path, err := probe.ParsePath(r)
	if err != nil {
		return // that it can be read is for DIR-001 to say
	}
	if !strings.HasSuffix(normal(strings.TrimSuffix(path, "/")), "/"+normal(name)) {
		fail("PWD to end with "+name, r.String())
	}
}

// Clients look for this word, and for no other.
var feature = spec.Requirement{
	ID:       "UTF-002",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A server that has MLST, or UTF-8 by another name, lists the feature UTF8",
	Cites: []spec.Citation{
		spec.RFC(2640, "3.2", `Servers MUST support the UTF-8 feature in response to the FEAT command [RFC2389]. The UTF-8 feature is a line containing the exact string "UTF8". This string is not case sensitive, but SHOULD be transmitted in upper case.`),
		spec.RFC(3659, "2.2", "All implementations supporting MLST MUST support [7]."),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Clients that do not find UTF8 take names for the letters of their own system, and show and send other ones.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "UseEncoding on (mod_lang)"},
		{Server: "IIS", Setting: `allowUTF8="true" of ftpServer`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		f, err := t.Login(ctx).Features(ctx)
		if err != nil {
			t.Skip("no features this time: %v", err)
		}
		const expected = "the line UTF8 in FEAT"
		if lines := f.Params("UTF8"); len(lines) > 0 {
			if params := strings.TrimSpace(lines[0]); params != "" {
				t.Tolerate(expected, "UTF8 "+probe.Printable(params))
			}
			return
		}
		for _, line := range f.All {
			switch strings.ToUpper(strings.ReplaceAll(line.Label, "_", "-")) {
			case "UTF-8", "UTF":
				t.Fail(expected, "the line "+probe.Printable(line.Label))
			}
		}
		if f.Has("MLST") {
			t.Fail(expected+", since MLST is there", "none")
		}
		t.Skip("FEAT lists neither UTF8 nor MLST")
	},
}

// The first space ends the verb; the others are the client's.
var spaces = spec.Requirement{
	ID:       "UTF-003",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "One space separates a command from its pathname; further ones, and those at its end, belong to the name",
	Cites: []spec.Citation{
		spec.RFC(2640, "3.1", "Implementations MUST assume <SP> characters following the initial <SP> as part of the pathname."),
		spec.RFC(3659, "2.2", "Any trailing spaces preceding that CRLF form part of the name. Exactly one space will precede the pathname and serve as a separator from the preceding syntax element. Any additional spaces form part of the pathname."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"UTF8"},
	BlockedBy: transfer.Uploads,
	Field:     "A file whose name begins or ends with a space is listed and cannot be fetched, or overwrites another one.",
	Check: func(ctx context.Context, t *spec.T) {
		claims(ctx, t)
		room := t.Room(ctx)
		s := t.Login(ctx)
		if r := t.Do(ctx, s, "CWD "+room); !r.Positive() {
			t.Skip("no way into the directory of this check: %s", r)
		}
		for _, name := range []string{" leading", "trailing "} {
			if ok, r := stored(ctx, t, s, name, []byte("a name with a space\n")); !ok {
				t.Note("the name %q is refused: %s", name, r)
				continue
			}
			names := list(ctx, t, t.Login(ctx), room)
			switch {
			case slices.Contains(names, name):
			case slices.Contains(names, strings.TrimSpace(name)):
				plainly(ctx, t, t.Login(ctx), room)
				t.Fail(fmt.Sprintf("the name %q in the listing", name), quote(names))
			default:
				t.Note("the name %q is changed: %s", name, quote(names))
			}
		}
	},
}

// Old archives are full of such names. 2640 §3.1 has raw octets used for what is
// in an unknown character set.
var raw = spec.Requirement{
	ID:       "UTF-004",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "Names that are not UTF-8 are kept as the octets that they are",
	Cites: []spec.Citation{
		spec.RFC(3659, "2.2", "pathname = utf-8-name / raw"),
		spec.RFC(3659, "7", `The MLSx command allows both UTF-8/Unicode and "raw" forms as arguments, and in responses both to the MLST and MLSD commands, and all other FTP commands which take pathnames as arguments.`),
		spec.RFC(2640, "3.1", "There may be cases when the code set / encoding presented to the server or client cannot be determined. In such cases the raw bytes SHOULD be used."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: transfer.Uploads,
	Field:     "Files from older systems cannot be stored, or not be fetched by the name under which they were stored.",
	Check: func(ctx context.Context, t *spec.T) {
		const name = "caf\xe9.txt"
		room := t.Room(ctx)
		s := t.Login(ctx)
		// Not every listing would show it to whoever cleans up.
		defer func() { _, _ = s.Do(ctx, "DELE "+room+"/"+name) }()
		content := []byte("a name in Latin 1\n")
		// Where neither UTF8 nor MLST is offered, names are ASCII (RFC 959 §5.3.2).
		if ok, r := stored(ctx, t, s, room+"/"+name, content); !ok {
			claims(ctx, t)
			t.Warn("the name "+probe.Printable(name)+" to be taken", r.String())
		}
		if names := list(ctx, t, s, room); !slices.Contains(names, name) {
			claims(ctx, t)
			plainly(ctx, t, s, room)
			t.Warn("the name "+probe.Printable(name)+" in the listing", quote(names))
		}
		m := t.Take(ctx, s, "RETR "+room+"/"+name)
		if m.Err != nil || !m.Final.Positive() || !bytes.Equal(m.Data, content) {
			claims(ctx, t)
			t.Warn("the file by its name, "+probe.Printable(name), fmt.Sprintf("%d octets, %s", len(m.Data), m.Final))
		}
	},
}
