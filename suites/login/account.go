package login

import (
	"context"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Few systems have accounts, and RFC 1123 exempts those that do not; but a server
// that asks for an account must know the command that names it.
var account = spec.Requirement{
	ID:       "LOG-015",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "ACCT is implemented by a server that asks for accounts",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.13", "The following commands and options MUST be supported by every server-FTP and user-FTP, except in cases where the underlying file system or operating system does not allow or support a particular command."),
		spec.RFC(1123, "4.1.2.13", "USER, PASS, ACCT,"),
	},
	Needs:     spec.Credentials,
	BlockedBy: []*spec.Requirement{&rightPassword},
	Field:     "Users who are asked for an account cannot name it.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		login := enter(ctx, t, s)
		asks := login.Code == 332
		if !asks && !login.Positive() {
			t.Skip("missing: login (%s)", login)
		}
		r := t.Do(ctx, s, "ACCT x")
		if unknown(r) {
			if !asks && t.Declared().Account.User != "" {
				_, answer := accountUser(ctx, t)
				asks = answer.Code == 332
			}
			if asks {
				t.Fail("a server that answers PASS with 332 to know ACCT", r.String())
			}
			t.Note("ACCT is not implemented (%s), and nobody was asked for an account", r)
			return
		}
		if r.Positive() {
			t.ExpectCode(r, 230, 202)
			return
		}
		t.ExpectRefusal(r, 501, 503, 530)
	},
}

// The third command of a login, for those who need it.
var accountLogin = spec.Requirement{
	ID:       "LOG-016",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "When PASS is answered 332, ACCT with the right account completes the login with 230 or 202",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "when account information is required for login, the response to a successful PASSword command is reply code 332."),
		spec.RFC(959, "5.4", "ACCT 230 202 530 500, 501, 503, 421"),
	},
	Needs:     spec.AccountUser,
	BlockedBy: []*spec.Requirement{&account},
	Field:     "Users who need an account cannot log in.",
	Check: func(ctx context.Context, t *spec.T) {
		s, r := accountUser(ctx, t)
		if r.Code != 332 {
			t.Skip("no account is asked for: %s", r)
		}
		r, err := s.Do(ctx, "ACCT "+string(t.Declared().Account.Account))
		t.Expect(err).To(noError, "a reply to ACCT")
		if !r.Positive() {
			t.Fail("reply code 230 or 202", r.String())
		}
		t.ExpectCode(r, 230, 202)
	},
}

// accountUser opens a session and logs the declared user in, up to where the
// account is due.
func accountUser(ctx context.Context, t *spec.T) (*probe.Session, probe.Reply) {
	a := t.Declared().Account
	// A session keeps its target's password out of every transcript, and that of
	// LoginAs. The account is as secret as they are, so it stands in for the former.
	d, target := t.With(func(_ *probe.Dialer, target *probe.Target) { target.User, target.Pass = a.User, a.Account })
	s, err := d.Dial(ctx, target)
	if err != nil {
		t.Blame(err)
		t.Skip("no session: %v", err)
	}
	t.Keep(s)
	if target.Security == probe.Explicit {
		if _, err := s.StartTLS(ctx); err != nil {
			t.Blame(err)
			t.Skip("missing: tls (%v)", err)
		}
	}
	r, err := s.LoginAs(ctx, a.User, a.Pass)
	t.Expect(err).To(noError, "a reply to USER and PASS of the declared account")
	return s, r
}
