package transfer

import (
	"context"
	"slices"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// The client learns the name of its file from nowhere else. RFC 1123 has moved
// it from the final reply, where RFC 959 §4.1.3 has it, to the mark.
var announcedName = spec.Requirement{
	ID:       "XFER-018",
	Level:    report.Must,
	Severity: report.Major,
	Title:    `STOU announces the name of the file in the mark as "FILE: name"`,
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.9", `When it receives an STOU command, a Server-FTP MUST return the actual file name in the "125 Transfer Starting" or the "150 Opening Data Connection" message that precedes the transfer`),
		spec.RFC(1123, "4.1.2.9", "The exact format of these messages is hereby defined to be as follows: 125 FILE: pppp 150 FILE: pppp"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Field:     "The client does not know under which name its file is stored, and cannot fetch, rename or mention it.",
	Check: func(ctx context.Context, t *spec.T) {
		s := inRoom(ctx, t)
		content := random(1000)
		m := storeUnique(ctx, t, s, content)
		name, err := probe.ParseUnique(m.Opening)
		if err != nil {
			t.Fail(`"FILE: name" in the mark`, m.Opening.String())
		}
		got := t.Take(ctx, s, "RETR "+name)
		if refused(got) {
			t.Fail("the name of the file in "+m.Opening.String(), "RETR of it is answered "+got.Final.String())
		}
		t.ExpectComplete(got)
		t.ExpectContent(got.Data, content, "the file that STOU names")
	},
}

// Unique means that it replaces nothing.
var uniqueName = spec.Requirement{
	ID:       "XFER-019",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "STOU creates a new file in the current directory each time and overwrites nothing",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command behaves like STOR except that the resultant file is to be created in the current directory under a name unique to that directory."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&announcedName},
	Field:     "Clients that rely on it (fax gateways, spoolers, loggers) overwrite one another's files.",
	Check: func(ctx context.Context, t *spec.T) {
		s := inRoom(ctx, t)
		files := map[string][]byte{"stou": random(900)}
		t.Upload(ctx, s, "STOR stou", files["stou"])
		for range 3 {
			content := random(1000)
			m := storeUnique(ctx, t, s, content)
			name, err := probe.ParseUnique(m.Opening)
			if err != nil {
				t.Fail(`"FILE: name" in the mark`, m.Opening.String())
			}
			if files[name] != nil {
				t.Fail("a new name each time", m.Opening.String()+" once more")
			}
			files[name] = content
		}
		for name, content := range files {
			t.ExpectContent(t.Download(ctx, s, "RETR "+name), content, "the file "+probe.Printable(name)+" after others were stored")
		}
	},
}

// inRoom is a session in a directory that is the check's own.
func inRoom(ctx context.Context, t *spec.T) *probe.Session {
	room := t.Room(ctx)
	s := t.Login(ctx)
	enter(ctx, t, s, room)
	return s
}

// enter changes the directory; that it works, and leaves the type as it is, has
// requirements of its own.
func enter(ctx context.Context, t *spec.T, s *probe.Session, dir string) {
	if r := t.Do(ctx, s, "CWD "+dir); !r.Positive() {
		t.Skip("CWD is answered %s", r)
	}
	t.Do(ctx, s, "TYPE I")
}

// storeUnique runs STOU, which is optional (RFC 1123 §4.1.5).
func storeUnique(ctx context.Context, t *spec.T, s *probe.Session, content []byte) spec.Moved {
	m := t.Give(ctx, s, "STOU", content)
	if refused(m) {
		t.Unsupported(m.Final, "STOU")
		t.Skip("STOU is answered %s", m.Final)
	}
	t.ExpectComplete(m)
	return m
}
