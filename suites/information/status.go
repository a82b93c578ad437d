package information

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// STAT is the one command that lists without a data connection.
var status = spec.Requirement{
	ID:       "INFO-002",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "STAT without an argument is answered with 211 on the control connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command shall cause a status response to be sent over the control connection in the form of a reply."),
		spec.RFC(959, "5.4", "STAT 211, 212, 213 450 500, 501, 502, 421, 530"),
	},
	Needs: spec.Login,
	Field: "Clients that keep a session alive with STAT, or ask how a transfer is going, get an error or wait.",
	Check: func(ctx context.Context, t *spec.T) {
		t.ExpectCode(t.Do(ctx, t.Login(ctx), "STAT"), 211, 212, 213)
	},
}

// 959 lets the argument be a partial name, so that no entries are an answer to a
// name that nothing has.
var statusOfPath = spec.Requirement{
	ID:       "INFO-003",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "STAT with a path lists it over the control connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", `If the argument is a pathname, the command is analogous to the "list" command except that data shall be transferred over the control connection.`),
	},
	Needs: spec.Login | spec.Dir,
	Field: "Clients that list with STAT because data connections do not come through (lftp with ftp:use-stat-for-list, FlashFXP) see nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		r := t.Do(ctx, s, "STAT "+dir.Path)
		t.ExpectCode(r, 212, 213, 211)
		text := r.Text()
		for _, name := range dir.Names {
			if !strings.Contains(text, name) {
				if m := t.Take(ctx, s, "NLST "+dir.Path); !strings.Contains(string(m.Data), name) {
					t.Skip("NLST does not list %s either", name)
				}
				t.Fail("a listing with "+name+" in it", fmt.Sprintf("%d lines without it: %s", len(r.Lines()), r))
			}
		}
		r = t.Do(ctx, s, "STAT "+dir.Path+"/nosuch")
		switch {
		case r.Positive():
			t.Note("the name of nothing is answered with a listing: %s", r)
		case r.Code == 550:
			t.Tolerate("reply code 450 to the name of nothing", r.String())
		default:
			t.ExpectRefusal(r, 450)
		}
	},
}

// The text of a multi-line reply ends where a line begins with its code. A name in
// it is the user's choice.
var statusFramed = spec.Requirement{
	ID:       "INFO-004",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The name of a file cannot end the reply to STAT that lists it",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "If an intermediary line begins with a 3-digit number, the Server must pad the front to avoid confusion."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&statusOfPath},
	Field:     "Whoever may upload can put words into the server's mouth: clients are out of step from then on and take the rest of the listing for replies to their commands.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		// The code may be any of three, and two servers do not use the same.
		for _, code := range statusCodes {
			if m := t.Give(ctx, s, fmt.Sprintf("STOR %s/%d End", room, code), nil); !m.Final.Positive() {
				t.Skip("no file of such a name can be made: %s", m.Final)
			}
		}
		r := t.Do(ctx, s, "STAT "+room)
		if !r.Positive() {
			t.Skip("STAT is refused: %s", r)
		}
		noop, err := s.Do(ctx, "NOOP")
		expected := "the reply to NOOP after that to STAT, " + r.String()
		switch stray := s.Stray(); {
		case err != nil:
			t.Blame(err)
			t.Fail(expected, err.Error())
		case len(stray) > 0:
			t.Fail(expected, stray[0].String())
		case slices.Contains(statusCodes, noop.Code):
			t.Fail(expected, noop.String())
		}
		if r.Quirks&probe.QuirkInnerCode != 0 {
			t.Note("a line within the reply begins with another code")
		}
	},
}

var statusCodes = []int{211, 212, 213}
