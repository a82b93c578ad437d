package control

import (
	"context"
	"fmt"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/codes"
	"github.com/passiveftp/pasv/suites/spec"
)

// The one place where codes are judged by the table. The other requirements take
// any code whose first digit is right.
var listedCodes = spec.Requirement{
	ID:       "CTL-010",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "A command is answered with a reply code that is listed for it",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "The table below lists alternative success and failure replies for each command. These must be strictly adhered to"),
		spec.RFC(1123, "4.1.2.11", "A Server-FTP SHOULD use the reply codes defined in RFC-959 whenever they apply. However, a server-FTP MAY use a different reply code when needed, as long as the general rules of Section 4.2 are followed."),
	},
	Field:   "Clients that look at more than the first digit misunderstand the answer; a wrong first digit misleads all of them: they wait for a second reply, or send what is not asked for.",
	Timeout: monitoring,
	Watch:   watchCodes,
	Check: func(ctx context.Context, t *spec.T) {
		for _, l := range converse(ctx, t) {
			// A command that seems to go on for ever is not watched: sure is only
			// what has come to its end.
			if !l.opening.IsZero() {
				t.Fail("a code that is listed for the command", l.where+": "+l.opening.String())
			}
		}
	},
}

func watchCodes(w *spec.Watched) {
	loggedOut := false // by AUTH, which the server may take for REIN (RFC 4217 §4.2)
	for i, x := range w.Exchanges {
		verb := x.Verb()
		row, known := codes.Lookup(x.Command)
		loggedIn := x.LoggedIn && !loggedOut
		switch {
		case verb == "AUTH":
			loggedOut = true
		case verb == "USER" || verb == "PASS" || verb == "ACCT":
			loggedOut = false
		}
		// After one exchange that is not sure the replies may be out of step.
		if !x.Sure {
			return
		}
		// The greeting has a requirement of its own. What a server has to say to a
		// verb that the table does not know is only certain for nonsense, which has
		// one, too: only other ways to refuse it are left for this one.
		if i == 0 || !known && verb != nonsense {
			continue
		}
		opened := false
		for _, r := range x.Replies {
			if opened && r.Preliminary() {
				continue // how many there may be has a requirement of its own, too
			}
			standing := row.Place(r.Code, opened, loggedIn)
			opened = opened || r.Preliminary()
			seen := fmt.Sprintf("%d %s", r.Code, where(x))
			if standing >= codes.Practice && standing != codes.OtherPlace && shifted(w, i, r) {
				w.Note("%s, perhaps a second reply to the command before", seen)
				continue
			}
			switch standing {
			case codes.OtherPlace:
				w.Note("%s, listed for the other side of the 1yz reply", seen)
			case codes.Practice:
				w.Tolerate("a code that is listed for "+verb, "practice: "+seen)
			case codes.Unlisted:
				w.Tolerate("a code that is listed for "+verb, unlisted(row, r.Code)+": "+seen)
			case codes.WrongClass:
				if known {
					w.Fail("a code that is listed for "+verb+", or another one of the same class", seen+": "+r.String())
				}
			}
		}
	}
}

// unlisted is the word for a code of the right class that is not in the row:
// whether at least its second digit is.
func unlisted(row codes.Command, code int) string {
	failure := code/100 > 3
	for _, m := range []map[int]string{row.Preliminary, row.Success, row.Intermediate, row.Failure, row.FailureAfter} {
		for listed := range m {
			if (listed/100 == code/100 || failure && listed/100 > 3) && listed/10%10 == code/10%10 {
				return "unlisted-code"
			}
		}
	}
	return "unlisted-group"
}

// shifted tells whether a reply that does not fit its command may be a second
// one to the command before: it fits that, and the one that is due comes after
// it, unasked or in answer to the next command.
func shifted(w *spec.Watched, i int, r probe.Reply) bool {
	all := w.Exchanges
	fits := func(x spec.Exchange, r probe.Reply) bool {
		row, _ := codes.Lookup(x.Command)
		return row.Place(r.Code, false, x.LoggedIn) < codes.Unlisted || row.Place(r.Code, true, x.LoggedIn) < codes.Unlisted
	}
	if !fits(all[i-1], r) {
		return false
	}
	if len(w.Unasked) > 0 || i+1 == len(all) || len(all[i+1].Replies) == 0 {
		return true
	}
	// What fits a command in answer to another one of the same kind proves nothing.
	return all[i+1].Verb() != all[i].Verb() && fits(all[i], all[i+1].Replies[0])
}

// The first digit is what a client decides by, and there are but five.
var digits = spec.Requirement{
	ID:       "CTL-011",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The first digit of a reply code is 1 to 5 (6 only under a security mechanism that protects replies), the second 0 to 5",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "There are five values for the first digit of the reply code:"),
		spec.RFC(959, "4.2", "The following function groupings are encoded in the second digit:"),
		spec.RFC(2228, "5.2", "A protected reply may only be sent if a security data exchange has succeeded."),
	},
	Field:   "Clients cannot tell whether the command has succeeded, failed, or is still running.",
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		protecting := false
		for _, x := range w.Exchanges {
			protecting = protecting || x.Verb() == "ADAT" && len(x.Replies) > 0 && x.Replies[0].Code == 235
		}
		for a := range replies(w) {
			switch first, second := a.reply.Code/100, a.reply.Code/10%10; {
			case first == 6 && protecting:
			case first < 1 || first > 5:
				w.Fail("a reply code whose first digit is 1 to 5", a.where+": "+a.reply.String())
			case second > 5:
				w.Tolerate("a reply code whose second digit is 0 to 5", a.where+": "+a.reply.String())
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) { converse(ctx, t) },
}

// Clients try commands that a server may not know, and go on without them.
var unknownVerb = spec.Requirement{
	ID:       "CTL-012",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "An unknown command is refused with 500 or 502, and the session stays usable",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.1", "500 Syntax error, command unrecognized."),
		spec.RFC(959, "4.2", "If, on the other hand, the command requests a non-site-specific action and is unimplemented, the response is 502."),
	},
	Needs: spec.Login,
	Field: "Clients that try a newer command first believe that it works, hang, or lose the session.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		want := plain(ctx, t, s, "NOOP")
		t.ExpectRefusal(t.Do(ctx, s, nonsense), 500, 502)
		t.ExpectRefusal(t.Do(ctx, s, nonsense+" plugh"), 500, 502)
		if r := t.Do(ctx, s, "NOOP"); r.Class() != want.Class() {
			t.Fail(fmt.Sprintf("NOOP to be answered %d again after an unknown command", want.Code), r.String())
		}
	},
}
