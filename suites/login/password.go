package login

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// USER opens the sequence of every login. Another class than the ones of the
// table leads a client into the wrong state of RFC 959 §6.
var user = spec.Requirement{
	ID:       "LOG-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "USER is answered with 331 (password needed), 230 (logged in), 332 (account needed), or a refusal",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "USER 230 530 500, 501, 421 331, 332"),
		spec.RFC(2228, "8.2", "USER 232 336"),
	},
	Needs: spec.Credentials,
	Field: "Clients send PASS after 331 only. With another answer they stop, or take themselves for logged in.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		r := t.Do(ctx, s, "USER "+name(t))
		switch class := r.Class(); {
		case r.Code == 331, r.Code == 230, r.Code == 332:
		case (r.Code == 232 || r.Code == 336) && s.TLS() != nil: // after a security exchange, RFC 2228 §8.2
		case class == 2, class == 3:
			t.Tolerate("reply code 331, 230 or 332", r.String())
		default:
			t.ExpectRefusal(r, 421, 500, 501, 530)
		}
	},
}

// name is what to send with USER.
func name(t *spec.T) string {
	if u := t.Target().User; u != "" {
		return u
	}
	return probe.Anonymous
}

// The account has been logged in with before anything is judged, so that what is
// refused here is refused without reason. It is judged alone and given time
// nevertheless: a server may let an account in a few times at once only.
var rightPassword = spec.Requirement{
	ID:       "LOG-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The right password completes the login with 230 or 202, or is followed by a demand for the account, 332",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "PASS 230 202 530 500, 501, 503, 421 332"),
		spec.RFC(959, "4.1.1", "if account information is NOT required for login, the reply to a successful PASSword command is 230"),
	},
	Needs:     spec.Credentials,
	BlockedBy: []*spec.Requirement{&user},
	Alone:     true,
	Field:     "Clients give up, or ask the user for a password that is right already.",
	Check: func(ctx context.Context, t *spec.T) {
		for try := 1; ; try++ {
			s := t.Dial(ctx)
			r := enter(ctx, t, s)
			switch {
			case r.Code == 332:
			case r.Negative() && try < logins:
				t.Note("refused at first: %s", r)
				s.Close()
				t.Sleep(ctx, 2*time.Second)
				continue
			case !r.Positive():
				t.Fail("reply code 230, 202 or 332 for the right password", r.String())
			default:
				t.ExpectCode(r, 230, 202)
			}
			return
		}
	},
}

// logins is how often a login is tried that a server refuses for the moment, perhaps.
const logins = 4

// The whole point of a password.
var wrongPassword = spec.Requirement{
	ID:       "LOG-003",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A wrong password is refused with 530, and the session is not logged in",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.2", "530 Not logged in."),
		spec.RFC(959, "4.1.1", "The user identification is that which is required by the server for access to its file system."),
	},
	Needs:     spec.Credentials,
	BlockedBy: []*spec.Requirement{&user},
	Field:     "Anybody can read, change and delete the files of the account.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		r := mistype(ctx, t, s)
		if r.Code == 421 {
			return // the server closes, and who is not connected is not logged in
		}
		switch {
		case r.Positive(), r.Preliminary():
			t.Fail("reply code 530 for a wrong password", r.String())
		case r.Negative():
			t.ExpectRefusal(r, 530)
		default:
			t.Note("a wrong password is answered %s", r)
		}
		pwd, err := s.Do(ctx, "PWD")
		if hungUp(err) {
			t.Note("the server closes the connection after a wrong password")
			return
		}
		t.Expect(err).To(noError, "PWD after a wrong password")
		if pwd.Positive() {
			t.Fail("PWD to be refused after a wrong password", pwd.String())
		}
		t.ExpectRefusal(pwd)
		for _, line := range []string{"CWD /", "PASV", "EPSV"} {
			r, err := s.Do(ctx, line)
			if hungUp(err) {
				return // it has had enough of this
			}
			t.Expect(err).To(noError, "%s after a wrong password", line)
			if r.Negative() {
				continue
			}
			// What is allowed without a login has a requirement of its own.
			if before, err := t.Dial(ctx).Do(ctx, line); err == nil && before.Negative() {
				t.Fail(line+" to be refused after a wrong password", r.String())
			}
		}
	},
}

// mistype logs in with a wrong password and returns the answer to it. Accounts
// that need no password, or take any, are skipped.
func mistype(ctx context.Context, t *spec.T, s *probe.Session) probe.Reply {
	if u := strings.ToLower(name(t)); u == probe.Anonymous || u == "ftp" || t.Target().Pass == "" {
		t.Skip("no password is wrong for this account")
	}
	r := t.Do(ctx, s, "USER "+name(t))
	if r.Code != 331 {
		t.Skip("no password is asked for: %s", r)
	}
	return t.Do(ctx, s, "PASS "+random())
}

// random is a word that occurs nowhere else.
func random() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// PASS belongs to a USER. A server that takes it by itself has logged somebody in
// without knowing whom.
var passFirst = spec.Requirement{
	ID:       "LOG-004",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "PASS without USER is refused with 503",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "This command must be immediately preceded by the user name command"),
		spec.RFC(959, "4.2.2", "503 Bad sequence of commands."),
	},
	Field: "A client that is out of step is told of a wrong password where the order of its commands is wrong.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Dial(ctx), "PASS "+random())
		switch r.Code {
		case 530, 500, 501:
			t.Tolerate("reply code 503", r.String())
		default:
			t.ExpectRefusal(r, 503)
		}
	},
}

// Otherwise passwords could be guessed without naming the user again.
var fromTheStart = spec.Requirement{
	ID:       "LOG-005",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "After a wrong password the login begins again at USER: PASS alone is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "A failure at any point in the sequence necessitates the repetition of the entire sequence from the beginning."),
		spec.RFC(959, "4.1.1", "This command must be immediately preceded by the user name command"),
	},
	Needs:     spec.Credentials,
	BlockedBy: []*spec.Requirement{&rightPassword, &wrongPassword},
	Field:     "Passwords are guessed in half as many commands; a client that is out of step logs in as somebody else than it thinks.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		t.MayLogIn(s)
		if r := mistype(ctx, t, s); r.Code == 421 {
			t.Note("the server ends the session after a wrong password")
			return
		}
		r, err := s.Do(ctx, "PASS "+string(t.Target().Pass))
		if hungUp(err) {
			t.Note("the server closes the connection after a wrong password")
			return
		}
		t.Expect(err).To(noError, "the second PASS")
		t.ExpectRefusal(r, 503, 530)
	},
}

// People mistype passwords, and clients that then ask again use the session that
// they have.
var secondTry = spec.Requirement{
	ID:       "LOG-017",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "After a wrong password USER and the right password log in, on the same connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "A failure at any point in the sequence necessitates the repetition of the entire sequence from the beginning."),
	},
	Needs:     spec.Credentials,
	BlockedBy: []*spec.Requirement{&rightPassword, &wrongPassword},
	Field:     "Whoever mistypes the password once is refused with the right one, too, and takes it for wrong.",
	Alone:     true, // a server may let a user in a few times at once only
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		t.MayLogIn(s)
		if r := mistype(ctx, t, s); r.Code == 421 {
			t.Skip("the server ends the session after a wrong password")
		}
		r, err := s.Login(ctx)
		if hungUp(err) {
			t.Skip("the server closes the connection after a wrong password")
		}
		t.Expect(err).To(noError, "USER and PASS after a wrong password")
		expectLogin(ctx, t, r, "after a wrong password")
	},
}
