package listings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// The space keeps an entry from being taken for the last line of the reply.
var reply = spec.Requirement{
	ID:       "MLS-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "MLST is answered over the control connection alone, with 250 and the entry in a line of its own behind one space",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.2", `control-response = "250-" [ response-message ] CRLF 1*( SP entry CRLF ) "250" [ SP response-message ] CRLF`),
		spec.RFC(3659, "7.2", "Note that for MLST the fact set is preceded by a space."),
		spec.RFC(3659, "7.1", "In all cases for MLST, a single set of fact lines (usually a single fact line) containing the information about the named file or directory shall be returned over the control connection, without opening a data connection."),
	},
	Needs:     spec.Login | spec.File,
	Features:  features,
	BlockedBy: transfer.Uploads,
	Field:     "FileZilla, WinSCP and FluentFTP ask MLST for a single file: they do not find the facts, or wait for a data connection that never comes.",
	Check: func(ctx context.Context, t *spec.T) {
		file := t.Fixture(ctx, spec.File)
		r := t.Do(ctx, t.Login(ctx), "MLST "+file.Path)
		t.ExpectCode(r, 250)
		const expected = "250-, the entry behind one space, and a line of 250"
		lines := r.Lines()
		if len(lines) < 3 {
			t.Fail(expected, fmt.Sprintf("%d lines: %s", len(lines), r))
		}
		var first probe.Entry
		for i, line := range lines[1 : len(lines)-1] {
			seen := "the line " + probe.Printable(line)
			entry, indented := strings.CutPrefix(line, " ")
			if !indented {
				t.Fail(expected, seen)
			}
			if factLike.MatchString(strings.TrimLeft(entry, " ")) && strings.HasPrefix(entry, " ") {
				t.Fail(expected, "more spaces before the facts: "+seen)
			}
			e, ok := parse(entry)
			switch {
			case !ok: // its form is for MLS-002 to judge
			case i == 0:
				first = e
				if !strings.EqualFold(path.Base(e.Name), path.Base(file.Path)) {
					t.Note("the entry names %s, not %s", probe.Printable(e.Name), file.Path)
				}
			case e.Name != first.Name || e.Type() == "" || e.Type() == first.Type():
				// Several entries are for a file of several types (§7.5.1.6).
				t.Fail("one entry", fmt.Sprintf("%d, one of them %s", len(lines)-2, probe.Printable(line)))
			}
		}
	},
}

// Everything up to the first space is facts, and everything behind it the name:
// that is all there is to tell them apart.
var form = spec.Requirement{
	ID:       "MLS-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "An entry is facts of the form name=value; without spaces in them, exactly one space, and the pathname",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.2", "entry = [ facts ] SP pathname"),
		spec.RFC(3659, "7.2", `facts = 1*( fact ";" )`),
		spec.RFC(3659, "7.2", "The set of facts must not contain any spaces anywhere inside it."),
		spec.RFC(3659, "7.4", `The facts are a series of keyword=value pairs each followed by semi-colon (";") characters.`),
	},
	Needs:     spec.Login | spec.File | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply},
	Field:     "Clients lose the entry, or a part of the facts becomes a part of the name: files cannot be fetched by the names that are shown.",
	Check: func(ctx context.Context, t *spec.T) {
		file, dir := t.Fixture(ctx, spec.File), t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		lines := []string{mlst(ctx, t, s, file.Path), mlst(ctx, t, s, dir.Path)}
		m := t.Take(ctx, s, "MLSD "+dir.Path)
		if m.Err == nil && m.Final.Positive() {
			// Which line ends are used is for MLS-003 to judge.
			for line := range strings.SplitSeq(strings.ReplaceAll(string(m.Data), "\r\n", "\n"), "\n") {
				if foreign(line, dir.Names) == "" {
					lines = append(lines, line)
				}
			}
		}
		for _, line := range lines {
			e, ok := parse(line)
			switch {
			case !ok:
				t.Fail("facts that each end in a semicolon, one space, and a name", probe.Printable(line))
			case factLike.MatchString(e.Name):
				t.Fail("facts without a space in them", probe.Printable(line))
			}
		}
	},
}

// foreign says what a line of MLSD is that is no entry, or has spaces around its
// name; empty for all others, also those whose form is wrong otherwise.
func foreign(line string, names []string) string {
	switch {
	case strings.TrimSpace(line) == "":
		return "an empty line"
	case strings.HasPrefix(line, " ") && factLike.MatchString(strings.TrimLeft(line, " ")):
		return "a space before the facts"
	case !strings.ContainsAny(line, "=;") && !strings.HasPrefix(line, " "):
		return "a line that is no entry"
	}
	e, ok := parse(line)
	if !ok {
		return ""
	}
	for _, name := range names {
		if strings.EqualFold(strings.TrimSpace(e.Name), name) && !strings.EqualFold(e.Name, name) {
			return "spaces around the name"
		}
	}
	return ""
}

// Data of MLSD are the same on every system; lines end as everywhere in FTP.
var listing = spec.Requirement{
	ID:       "MLS-003",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "MLSD of a directory is answered with 150, lines that end in CR LF, the end of the data connection, and 226",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.2", "data-response = *( entry CRLF )"),
		spec.RFC(3659, "7.2", `initial-response = "150" [ SP response-message ] CRLF`),
		spec.RFC(3659, "7.2", `final-response = "226" SP response-message CRLF`),
		spec.RFC(3659, "7.2", "the server will return the initial-response, send the appropriate data-response over the new data connection, close that connection, and then send the final-response over the control connection."),
	},
	Needs:    spec.Login | spec.Dir,
	Features: features,
	Field:    "Clients that find MLST in FEAT list by MLSD and by nothing else: directories are empty for them, or one long line.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		m := t.Take(ctx, t.Login(ctx), "MLSD "+dir.Path)
		if e := (*probe.Error)(nil); errors.As(m.DataErr, &e) && e.Phase == probe.DataTLS {
			t.Skip("blocked by TLS-012: %v", m.DataErr)
		}
		t.ExpectComplete(m)
		if m.Opening.Code != 150 || m.Final.Code != 226 {
			t.Note("%s and %s instead of 150 and 226", m.Opening, m.Final)
		}
		const expected = "lines that end in CR LF"
		data := string(m.Data)
		switch {
		case data == "":
			t.Fail(fmt.Sprintf("entries of the directory, which has %d", len(dir.Names)), "no data")
		case strings.Contains(data, "\r\r\n"):
			t.Fail(expected, "lines that end in CR CR LF")
		case strings.Count(data, "\n") > strings.Count(data, "\r\n"):
			t.Fail(expected, "lines that end in LF alone")
		case !strings.HasSuffix(data, "\r\n"):
			t.Fail(expected, "a last line without an end")
		}
		if !slices.ContainsFunc(dir.Names, func(name string) bool { return strings.Contains(strings.ToLower(data), name) }) {
			t.Fail("entries of the directory that MLSD names, "+strings.Join(dir.Names, ", "), "those of another one: "+probe.Printable(split(m.Data)[0]))
		}
	},
}

// The format is rigid because machines read it.
var nothingElse = spec.Requirement{
	ID:       "MLS-004",
	Level:    report.MustNot,
	Severity: report.Critical,
	Title:    "MLSD sends no header, title, summary or empty lines, and no spaces beyond the one before the name",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.1", "No title, header, or summary, lines, or any other formatting, other than as is specified below, is ever returned in the output of an MLST or MLSD command."),
		spec.RFC(3659, "7.2", "Implementations MUST NOT vary the format by, for example, inserting extra spaces for readability, replacing spaces by tabs, including header or title lines, or inserting blank lines, or in any other way alter this format."),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&listing},
	Field:     "Strict clients reject the whole listing; the others show files that do not exist, or names that cannot be fetched.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		for _, line := range mlsd(ctx, t, t.Login(ctx), dir.Path) {
			if what := foreign(line, dir.Names); what != "" {
				t.Fail("entries and nothing else", fmt.Sprintf("%s: %q", what, line))
			}
		}
	},
}

// MLSD lists directories. MLST is there for files.
var notDirectory = spec.Requirement{
	ID:       "MLS-005",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "MLSD of a file is refused with 501",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.1", "If a directory name is given then MLSD must return a listing of the contents of the named directory, otherwise it issues a 501 reply, and does not open a data connection."),
		spec.RFC(3659, "7.2.1", "Giving a pathname that exists but is not a directory as the argument to a MLSD command generates a 501 reply."),
	},
	Needs:     spec.Login | spec.File,
	Features:  features,
	BlockedBy: []*spec.Requirement{&listing},
	Field:     "Clients that try MLSD to see whether a name is a directory take the file for one, and descend into it.",
	Check: func(ctx context.Context, t *spec.T) {
		file := t.Fixture(ctx, spec.File)
		m := t.Take(ctx, t.Login(ctx), "MLSD "+file.Path)
		if m.Err == nil && !m.Final.Negative() {
			t.Fail("a refusal of MLSD of a file, reply code 501", fmt.Sprintf("%s %s, with %d octets of data", m.Opening, m.Final, len(m.Data)))
		}
		t.ExpectRefused(m, 501)
		if !m.Opening.IsZero() {
			// 959 §6 lets a refusal come after a 1yz reply, 3659 has none here.
			t.Tolerate("501 at once", fmt.Sprintf("%s first, and then %s", m.Opening, m.Final))
		}
	},
}

// 3659 has 501 for invalid arguments in §7.1, and 550 for names that do not
// exist in §7.2.1. Both are right.
var missing = spec.Requirement{
	ID:       "MLS-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MLST and MLSD of a missing path are refused with 550 or 501",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.2.1", "Giving a name that does not exist, or for which access permission (to obtain directory information as requested) is not granted will elicit a 550 reply."),
		spec.RFC(3659, "7.1", "If the Client-FTP sends an invalid argument, the server-FTP MUST reply with an error code of 501."),
	},
	Needs:     spec.Login,
	Features:  features,
	BlockedBy: []*spec.Requirement{&listing},
	Field:     "Clients take a missing directory for an empty one. A mirror deletes its copies then.",
	Check: func(ctx context.Context, t *spec.T) {
		const nosuch = spec.Workplace + "nosuch"
		s := t.Login(ctx)
		r := t.Do(ctx, s, "MLST "+nosuch)
		if !r.Negative() {
			t.Fail("a refusal of MLST of a missing path", r.String())
		}
		t.ExpectRefusal(r, 550, 501)
		m := t.Take(ctx, s, "MLSD "+nosuch)
		if m.Err == nil && !m.Final.Negative() {
			t.Fail("a refusal of MLSD of a missing path", fmt.Sprintf("%s %s", m.Opening, m.Final))
		}
		t.ExpectRefused(m, 550, 501)
	},
}

// Names are octets; TYPE A would convert them on some systems. And the next
// file has to come as the client has asked for before.
var anyType = spec.Requirement{
	ID:       "MLS-007",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MLSD sends the same octets whatever TYPE is set, and leaves TYPE as it is",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.2", `The data connection opened for a MLSD response shall be a connection as if the "TYPE L 8", "MODE S", and "STRU F" commands had been given, whatever FTP transfer type, mode and structure had actually been set, and without causing those settings to be altered for future commands.`),
	},
	Needs:     spec.Login | spec.Write,
	Features:  features,
	BlockedBy: slices.Concat(transfer.Downloads, []*spec.Requirement{&listing}),
	Field:     "Binary files that are fetched after a listing are broken, or names with letters beyond ASCII are, depending on what TYPE was set before.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		content := []byte("one\ntwo\nthree\n")
		store(ctx, t, s, room+"/text.txt", content)
		for _, name := range []string{"\u00e9\u6f22.txt", "\u0430\u00df.txt"} {
			if m := t.Give(ctx, s, "STOR "+room+"/"+name, content); refused(m) {
				t.Note("the name %s is refused: %s", name, m.Final)
			}
		}
		names := map[string][]string{}
		for _, kind := range []string{"I", "A"} {
			if r := t.Do(ctx, s, "TYPE "+kind); !r.Positive() {
				t.Skip("no TYPE %s: %s", kind, r)
			}
			before := t.Take(ctx, s, "RETR "+room+"/text.txt")
			if before.Err != nil || before.DataErr != nil || !before.Final.Positive() {
				t.Skip("no file to work with: RETR is answered %s", before.Final)
			}
			if kind == "A" && bytes.Equal(before.Data, content) {
				t.Note("a file comes alike in TYPE A and TYPE I, so that a change of TYPE would not show")
			}
			for _, line := range mlsd(ctx, t, s, room) {
				if e, ok := parse(line); ok && e.Type() != "cdir" && e.Type() != "pdir" {
					names[kind] = append(names[kind], e.Name)
				}
			}
			after := t.Download(ctx, s, "RETR "+room+"/text.txt")
			t.ExpectContent(after, before.Data, "a file in TYPE "+kind+" after MLSD as before it")
		}
		if len(names["I"]) != len(names["A"]) {
			t.Fail(fmt.Sprintf("the %d entries of TYPE I in TYPE A, too", len(names["I"])), fmt.Sprintf("%d entries", len(names["A"])))
		}
		for _, name := range names["I"] {
			if !slices.Contains(names["A"], name) {
				t.Fail("the name "+probe.Printable(name)+" in TYPE A, too", probe.Printable(fmt.Sprintf("%q", names["A"])))
			}
		}
	},
}
