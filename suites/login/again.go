package login

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// nobody is a user whom no server knows, so that it is another one than the
// user who is logged in. vsftpd tells the two cases apart.
const nobody = "pasv-nobody"

// Both is legal; what is not is to say nothing.
var userAgain = spec.Requirement{
	ID:       "LOG-009",
	Level:    report.May,
	Severity: report.Minor,
	Title:    "USER in a session that is logged in begins a new login or is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "Servers may allow a new USER command to be entered at any point in order to change the access control and/or accounting information."),
	},
	Needs: spec.Login,
	Field: "Clients that change users on one connection wait for a reply, or lose the session.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Login(ctx), "USER "+nobody)
		switch {
		case r.Preliminary():
			t.Fail("USER to be accepted or refused", r.String())
		case r.Negative():
			t.Record("refused: %s", r)
		default:
			t.Record("accepted: %s", r)
		}
	},
}

// Whoever begins a login has no rights until it is complete, least of all those
// of the user before.
var oldUserGone = spec.Requirement{
	ID:       "LOG-010",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "When a new USER is accepted, the old user's rights are gone until the new login is complete",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "This has the effect of flushing any user, password, and account information already supplied and beginning the login sequence again."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&userAgain},
	Field:     "A client that was refused as one user goes on with the files of the other, in pools of connections those of somebody else.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		switch r := t.Do(ctx, s, "USER "+nobody); {
		case r.Negative():
			t.Skip("USER in a session that is logged in is refused: %s", r)
		case r.Positive():
			t.Skip("USER is answered as if no password were needed, whether there is such a user or not: %s", r)
		}
		if r := t.Do(ctx, s, "PWD"); !r.Negative() {
			t.Fail("PWD to be refused, since nobody is logged in", r.String())
		}
		// A login that fails does not bring the old one back.
		r, failed := afterFailure(ctx, s)
		if !failed || r.Negative() {
			return
		}
		// Unless a login that fails is as good as any.
		if fresh, failed := afterFailure(ctx, t.Dial(ctx)); failed && fresh.Negative() {
			t.Fail("PWD to be refused after the new login has failed", r.String())
		}
	},
}

// afterFailure is the answer to PWD after a login that was refused.
func afterFailure(ctx context.Context, s *probe.Session) (pwd probe.Reply, failed bool) {
	if r, err := s.Do(ctx, "USER "+nobody); err != nil || r.Code != 331 {
		return r, false
	}
	if r, err := s.Do(ctx, "PASS "+random()); err != nil || !r.Negative() {
		return r, false
	}
	pwd, err := s.Do(ctx, "PWD")
	return pwd, err == nil
}

// A server may have REIN or not, but it has to say which.
var reinitialize = spec.Requirement{
	ID:       "LOG-011",
	Level:    report.May,
	Severity: report.Minor,
	Title:    "REIN is answered with 220, or 120 and then 220, or it is not implemented",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "REIN 120 220 220 421 500, 502"),
	},
	Needs: spec.Login,
	Field: "Clients that use one connection for several users do not know whether they may log in again.",
	Check: func(ctx context.Context, t *spec.T) {
		switch r := rein(ctx, t, t.Login(ctx)); {
		case r.Negative():
			t.Record("refused: %s", r)
		case r.Code == 220:
			t.Record("accepted: %s", r)
		case r.Positive():
			t.Tolerate("reply code 220", r.String())
		default:
			t.Fail("reply code 220, or 500 or 502", r.String())
		}
	},
}

// rein is the reply to REIN, the one after 120 if there is a 120.
func rein(ctx context.Context, t *spec.T, s *probe.Session) probe.Reply {
	r := t.Do(ctx, s, "REIN")
	if r.Preliminary() {
		r = t.Receive(ctx, s, "the reply to REIN that follows "+r.String())
	}
	return r
}

// TYPE shows whether parameters are reset: the default is ASCII, and clients set
// I. Servers that convert nothing in ASCII do not show it.
var asConnected = spec.Requirement{
	ID:       "LOG-012",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "After REIN the session is as after the connect: not logged in, parameters at their defaults",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "All parameters are reset to the default settings and the control connection is left open. This is identical to the state in which a user finds himself immediately after the control connection is opened."),
		spec.RFC(959, "5.1", "TYPE - ASCII Non-print"),
	},
	Needs:      spec.Login | spec.Rein | spec.TextFile,
	BlockedBy:  []*spec.Requirement{&reinitialize},
	Field:      "The next user of the connection has the rights of the one before, or gets files in a form that was not asked for.",
	Alone:      true, // a server may let a user in a few times at once only
	AloneAgain: true,
	Check: func(ctx context.Context, t *spec.T) {
		text := t.Fixture(ctx, spec.TextFile)
		s := t.Login(ctx)
		if s.TLS() != nil {
			t.Skip("REIN ends TLS, too (RFC 4217 §13), and no password is sent without")
		}
		onTheWire := bytes.ReplaceAll(text.Content, []byte("\n"), []byte("\r\n"))
		t.Do(ctx, s, "TYPE A")
		before := t.Take(ctx, s, "RETR "+text.Path)
		home, _ := s.WorkingDirectory(ctx)
		t.Do(ctx, s, "CWD "+t.Room(ctx))
		t.Do(ctx, s, "TYPE I")
		forgotten := t.Open(ctx, s)
		defer forgotten.Close()
		if t.Has(ctx, "REST STREAM") {
			t.Do(ctx, s, fmt.Sprintf("REST %d", forgottenOffset))
		}

		r := rein(ctx, t, s)
		if !r.Positive() {
			t.Skip("REIN is answered %s", r)
		}
		pwd := t.Do(ctx, s, "PWD")
		if !pwd.Negative() {
			t.Fail("PWD to be refused after REIN, reply code 530", pwd.String())
		}
		t.ExpectRefusal(pwd, 530)
		t.MayLogIn(s)
		login, err := s.Login(ctx)
		if hungUp(err) {
			t.Note("the server closes the connection when a command comes before the login")
			return
		}
		t.Expect(err).To(noError, "a reply to USER and PASS after REIN")
		expectLogin(ctx, t, login, "after REIN")
		if dir := t.Target().Dir; dir != "" {
			t.Do(ctx, s, "CWD "+dir)
		}
		if now, err := s.WorkingDirectory(ctx); err == nil && home != "" && now != home {
			t.Fail("the directory of a new login after REIN, "+probe.Printable(home), probe.Printable(now))
		}
		if before.Err != nil || before.DataErr != nil || !before.Final.Positive() || !bytes.Equal(before.Data, onTheWire) {
			t.Note("TYPE is not judged: TYPE A did not bring the text with CR LF before REIN either")
		} else if after := t.Take(ctx, s, "RETR "+text.Path); bytes.Equal(after.Data, text.Content) {
			t.Fail("TYPE A after REIN: lines that end with CR LF", "lines that end with LF, as in TYPE I")
		} else if len(after.Data) > 0 && (bytes.Equal(after.Data, text.Content[forgottenOffset:]) || bytes.Equal(after.Data, onTheWire[forgottenOffset:])) {
			t.Fail("the whole file after REIN", fmt.Sprintf("all but its first %d octets, for which REST was sent before", forgottenOffset))
		} else if !bytes.Equal(after.Data, onTheWire) {
			t.Inconclusive("the text did not come as in either TYPE after REIN: %d octets, %s", len(after.Data), after.Final)
		}
		switch t.Watch(ctx, forgotten, time.Second) {
		case spec.Spoke:
			t.Fail("no data on the data connection from before REIN", "data")
		case spec.Silent:
			t.Note("the data connection from before REIN stays open and silent")
		}
		portGone(ctx, t)
	},
}

// forgottenOffset is one that REST sets before REIN.
const forgottenOffset = 10

// portGone expects that a transfer after REIN does not go over the port from before.
func portGone(ctx context.Context, t *spec.T) {
	s := t.Login(ctx)
	old := t.Open(ctx, s)
	defer old.Close()
	if r := rein(ctx, t, s); !r.Positive() {
		return
	}
	if r, err := s.Login(ctx); err != nil || !r.Positive() || s.Send(ctx, "LIST") != nil {
		return
	}
	if t.Watch(ctx, old, 2*time.Second) == spec.Spoke {
		t.Fail("no data on the data connection from before REIN", "a listing after the next login")
	}
}
