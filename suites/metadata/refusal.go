package metadata

import (
	"context"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// missing is a name that nobody uses.
const missing = spec.Workplace + "no-such-file"

// Clients ask for the size to find out whether a file is there, and whether it is
// a file.
var refused = spec.Requirement{
	ID:       "META-003",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MDTM and SIZE of a name that does not exist, and SIZE of a directory, are refused",
	Cites: []spec.Citation{
		spec.RFC(3659, "3.2", "Where the command is correctly parsed but the modification time is not available, either because the pathname identifies no existing entity or because the information is not available for the entity named, then a 550 reply should be sent."),
		spec.RFC(3659, "4.2", "perhaps because the pathname identifies no existing entity or because the entity named cannot be transferred in the current MODE and TYPE (or at all), then a 550 reply should be sent"),
	},
	Needs:    spec.Login,
	Features: []string{"MDTM"},
	Field:    "Clients overwrite, resume or skip files that are not there, and try to fetch directories as files.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		refuse := func(line string) {
			switch r := t.Do(ctx, s, line); {
			case r.Code == 550:
			case r.Negative():
				t.Tolerate("reply code 550 to "+line, r.String())
			default:
				t.Fail("reply code 550 to "+line, r.String())
			}
		}
		refuse("MDTM " + missing)
		here, err := probe.ParsePath(t.Do(ctx, s, "PWD"))
		if err == nil {
			t.Note("MDTM of a directory is answered %s", t.Do(ctx, s, "MDTM "+here))
		}
		if !t.Has(ctx, "SIZE") {
			return
		}
		refuse("SIZE " + missing)
		if err == nil {
			// The 550 is a should, and a directory is there.
			switch r := t.Do(ctx, s, "SIZE "+here); {
			case r.Positive():
				t.Warn("a refusal of SIZE of a directory, which cannot be transferred", r.String())
			case r.Code != 550:
				t.Tolerate("reply code 550 to SIZE of a directory", r.String())
			}
		}
	},
}

// Patterns are for the client: a server that expands them gives the size of
// another file than the one that was asked for.
var literal = spec.Requirement{
	ID:       "META-007",
	Level:    report.MustNot,
	Severity: report.Minor,
	Title:    "MDTM, SIZE and MLST take * for a letter like others, not for a pattern",
	Cites: []spec.Citation{
		spec.RFC(3659, "2.2.2", "For the commands defined in this specification, all pathnames are to be treated literally."),
		spec.RFC(3659, "2.2.2", `No characters from the pathname may be treated as special or "magic", thus no pattern matching (other than for exact equality) between the pathname given and the files present in the NVFS of the server-FTP is permitted.`),
	},
	Needs:    spec.Login | spec.Dir,
	Features: []string{"SIZE"},
	Field:    "For a file with * or ? in its name a client learns the size and time of some other one.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		if r := t.Do(ctx, s, "CWD "+dir.Path); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		for _, verb := range []string{"SIZE", "MDTM", "MLST"} {
			if !t.Has(ctx, verb) {
				continue
			}
			// The last pattern fits one entry only.
			for _, pattern := range []string{"*", "*.txt", "b.*"} {
				line := verb + " " + pattern
				r := t.Do(ctx, s, line)
				if r.Code == 501 {
					t.Tolerate("reply code 550 to "+line, r.String())
					continue
				}
				t.ExpectRefusal(r, 550)
			}
		}
	},
}
