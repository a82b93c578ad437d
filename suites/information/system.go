package information

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// systems are names that servers give and clients know. The list in the Assigned
// Numbers is longer and no longer kept; another name is only noted.
var systems = []string{
	"UNIX", "UNIX-BSD", "UNIX-V", "LINUX", "WINDOWS-NT", "WINDOWS_NT", "WIN32", "WINDOWS", "MACOS", "DOS", "MSDOS", "OS/2",
	"VMS", "OPENVMS", "MVS", "OS/390", "Z/OS", "OS/400", "VM", "VM/CMS", "BS2000", "TANDEM", "NETWARE", "TOPS20",
}

// Clients choose how to read listings by this word.
var system = spec.Requirement{
	ID:       "INFO-001",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "SYST is answered with 215, and the first word is the name of a system",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "The reply shall have as its first word one of the system names listed in the current version of the Assigned Numbers document [4]."),
		spec.RFC(959, "5.4", "SYST 215 500, 501, 502, 421"),
	},
	Needs: spec.Login,
	Field: "Clients choose how to read listings by this word: with no name, or a wrong one, directories look empty.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Login(ctx), "SYST")
		t.ExpectCode(r, 215)
		word := firstWord(r)
		switch {
		case word == "":
			t.Fail("the name of a system behind the code", r.String())
		case !slices.Contains(systems, strings.ToUpper(word)):
			t.Note("the name of the system is not a known one: %s", r)
		}
	},
}

func firstWord(r probe.Reply) string {
	if words := strings.Fields(r.Text()); len(words) > 0 {
		return words[0]
	}
	return ""
}

// The word promises how LIST looks. Only the one mismatch that clients trip over
// is judged: Windows servers may list in the form of Unix, and many do.
var listingForm = spec.Requirement{
	ID:       "INFO-008",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "A server that says in SYST that it is UNIX does not list in the form of DOS",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command is used to find out the type of operating system at the server."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&system},
	Field:     "Clients that believe SYST and read listings in the form of ls -l show an empty directory, or garbage.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := t.Do(ctx, s, "SYST")
		if !strings.HasPrefix(strings.ToUpper(firstWord(r)), "UNIX") {
			t.Skip("the server does not say that it is UNIX: %s", r)
		}
		m := t.Take(ctx, s, "LIST "+t.Fixture(ctx, spec.Dir).Path)
		if !m.Final.Positive() {
			t.Skip("no listing: %s", m.Final)
		}
		for line := range strings.Lines(string(m.Data)) {
			line = strings.TrimRight(line, "\r\n")
			if item, err := probe.ParseListItem(line, time.Now()); err == nil && item.Mode == "" {
				t.Fail("lines in the form of ls -l, after "+r.String(), probe.Printable(line))
			}
		}
	},
}
