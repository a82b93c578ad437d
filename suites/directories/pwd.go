package directories

import (
	"context"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients build every path on what PWD says. They read it between the quotes
// that follow the code, and nowhere else.
var workingDirectory = spec.Requirement{
	ID:       "DIR-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "PWD is answered with 257 and the path in double quotes directly behind the code",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command causes the name of the current working directory to be returned in the reply."),
		spec.RFC(959, "5.4", "PWD 257 500, 501, 502, 421, 550"),
		spec.RFC(959, "Appendix II", `257<space>"<directory-name>"<space><commentary>`),
		spec.RFC(959, "Appendix II", "the successful PWD command uses the 257 reply code as well."),
	},
	Needs: spec.Login,
	Field: "curl, Python's ftplib, FileZilla and lftp ask for the directory right after the login and read it between the quotes: without them they give up, or take the wrong directory for their own.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Login(ctx), "PWD")
		const expected = `257 "path", and after a space whatever else`
		// The row names 257 alone, since clients look for this code.
		if r.Code != 257 {
			t.Fail(expected, r.String())
		}
		if _, err := probe.ParsePath(r); err != nil {
			t.Fail(expected, err.Error()+": "+r.String())
		}
	},
}

// A quotation mark within a path would end it too early.
var doubledQuotes = spec.Requirement{
	ID:       "DIR-002",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "A double quote within the path of a 257 is doubled",
	Cites: []spec.Citation{
		spec.RFC(959, "Appendix II", `The directory name can contain any character; embedded double-quotes should be escaped by double-quotes (the "quote-doubling" convention).`),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&workingDirectory},
	Field:     "Clients take the first single quotation mark for the end of the path and work in a directory that does not exist.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		enter(ctx, t, s, room)
		made := t.Do(ctx, s, `MKD q"q`)
		if !made.Positive() {
			t.Skip("a name with a quotation mark is refused: %s", made)
		}
		if r := t.Do(ctx, s, `CWD q"q`); !r.Positive() {
			t.Skip("a name with a quotation mark cannot be entered: %s", r)
		}
		told := t.Do(ctx, s, "PWD")
		for _, r := range []probe.Reply{made, told} {
			if text := r.Text(); !strings.Contains(text, `q""q`) && strings.Contains(text, `q"q`) {
				t.Warn(`the name q"q as q""q`, r.String())
			}
		}
		if !strings.Contains(told.Text(), `q""q`) {
			t.Skip("the name was changed: %s", told)
		}
	},
}

// Clients remember where they were and come back by it, from anywhere.
var wayBack = spec.Requirement{
	ID:       "DIR-003",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "The path of PWD is absolute, and CWD with it leads to the same directory",
	Cites: []spec.Citation{
		spec.RFC(959, "Appendix II", "Essentially because the PWD command returns the same type of information as the successful MKD command"),
		spec.RFC(959, "Appendix II", "the server will tell the user what string to use when referring to the created directory."),
	},
	Needs:     spec.Login | spec.Dir,
	BlockedBy: []*spec.Requirement{&workingDirectory, &changes},
	Field:     "Clients that synchronise trees, or reconnect and go back to where they were, end up in another directory or in none.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		enter(ctx, t, s, dir.Path)
		path := where(ctx, t, s)
		r := t.Do(ctx, s, "CWD "+path)
		if !r.Positive() {
			t.Fail("CWD to lead to where PWD says it is, "+probe.Printable(path), r.String())
		}
		t.ExpectCode(r, 250)
		if now := where(ctx, t, s); !same(now, path) {
			t.Fail("the same directory, "+probe.Printable(path), probe.Printable(now))
		}
		if !strings.HasPrefix(path, "/") {
			t.Note("the path does not begin with a slash: %s", probe.Printable(path))
		}
	},
}
