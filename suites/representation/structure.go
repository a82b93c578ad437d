package representation

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// These are the defaults, so that a client need not set them. Some do.
var streamAndFile = spec.Requirement{
	ID:       "REP-009",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MODE S and STRU F are accepted",
	Cites: []spec.Citation{
		spec.RFC(959, "5.1", "MODE - Stream STRUCTURE - File, Record"),
		spec.RFC(1123, "4.1.2.13", "Mode: Stream Structure: File, Record*"),
	},
	Needs: spec.Login,
	Field: "Clients that set what is the default anyway (the .NET and Java libraries, mainframes) give up before the first transfer.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		t.ExpectCode(t.Do(ctx, s, "MODE S"), 200)
		t.ExpectCode(t.Do(ctx, s, "STRU F"), 200)
	},
}

// A host without records need not know STRU R, and block and compressed mode are
// anybody's choice. But there has to be an answer, and a way back.
var otherModes = spec.Requirement{
	ID:       "REP-010",
	Level:    report.May,
	Severity: report.Minor,
	Title:    "STRU R, MODE B and MODE C are accepted or refused, and stream transfers work afterwards",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.13", "*Record structure is REQUIRED only for hosts whose file systems support record structure."),
		spec.RFC(959, "4.2.2", "504 Command not implemented for that parameter."),
	},
	Needs: spec.Login,
	Field: "Clients that ask for a mode and fall back to another (mainframes, programs for compressed transfers) hang, or cannot fall back.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		fetch(ctx, t, s, "LIST")
		var answers []string
		for _, try := range []struct{ line, back string }{{"STRU R", "STRU F"}, {"MODE B", "MODE S"}, {"MODE C", "MODE S"}} {
			r := t.Do(ctx, s, try.line)
			if !r.Positive() && !r.Negative() {
				t.Fail("reply code 200 or 504 to "+try.line, r.String())
			}
			answers = append(answers, fmt.Sprintf("%s is answered %s", try.line, r))
			if r.Positive() {
				t.Do(ctx, s, try.back)
			}
		}
		m := t.Take(ctx, s, "LIST")
		t.Expect(m.Err).NotTo(HaveOccurred(), "LIST after %s", strings.Join(answers, ", "))
		t.ExpectComplete(m)
		t.Record("%s", strings.Join(answers, "; "))
	},
}

// Nobody has page-structured files, and a server that says it has will be
// believed.
var pageStructure = spec.Requirement{
	ID:       "REP-011",
	Level:    report.ShouldNot,
	Severity: report.Minor,
	Title:    "STRU P is not offered",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.3", "Implementation of page structure is NOT RECOMMENDED in general."),
	},
	Needs: spec.Login,
	Field: "A client that is told yes sends files with page headers in them, which are stored as data.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := t.Do(ctx, s, "STRU P")
		if r.Positive() {
			t.Warn("a refusal of STRU P, reply code 504", r.String())
		}
		t.ExpectRefusal(r, 504, 501, 500)
	},
}
