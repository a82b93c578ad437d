package features

import (
	"context"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Malformed options of MLST have a requirement of their own; this is about
// whether OPTS is there and says no to what it does not know.
var options = spec.Requirement{
	ID:       "FEAT-008",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "OPTS is there when FEAT is, and refuses what it does not know with 501",
	Cites: []spec.Citation{
		spec.RFC(2389, "4", "The OPTS command MUST be implemented whenever the FEAT command is implemented."),
		spec.RFC(2389, "4", `An "opts-bad" response is sent in other cases. A 501 reply is appropriate for any permanent error.`),
	},
	Needs: spec.Login | spec.Feat,
	Field: "A client that is told yes believes in an option that does not exist: an encoding, or facts in a listing.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "reply code 501 to OPTS XYZZ"
		s := t.Login(ctx)
		switch r := t.Do(ctx, s, "OPTS XYZZ"); {
		case r.Code == 501, r.Code == 451:
		case r.Negative():
			t.Tolerate(expected, r.String())
		default:
			t.Fail(expected, r.String())
		}
	},
}

// The command is from a draft that has expired. A server that has UTF-8 for names
// has nothing to do, and should say so.
var optionUTF8 = spec.Requirement{
	ID:       "FEAT-009",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "OPTS UTF8 ON is answered with 200",
	Needs:    spec.Login | spec.Feat,
	Field:    "Windows clients send it first of all. Most go on after an error; some then use the code page of their system, and names with accents cannot be opened.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		t.ExpectCode(t.Do(ctx, s, "OPTS UTF8 ON"), 200, 202)
	},
}
