package security

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// word is one that nobody has as a name or a password.
func word(n int) string { return strings.ToLower(rand.Text()[:max(n, 4)]) }

// stranger sends USER with a name that nobody has, and with the target's where that
// is refused. It reports false when the server asks for no password.
func stranger(ctx context.Context, t *spec.T, s *probe.Session) (probe.Reply, bool) {
	r := t.Do(ctx, s, "USER pasv-"+word(8))
	if r.Negative() && r.Code != 421 && t.Target().User != "" {
		// It may have ended the session, too.
		if again, err := s.Do(ctx, "USER "+t.Target().User); err == nil {
			r = again
		}
	}
	return r, r.Code == 331
}

// Guessing takes as many attempts as a server grants.
var fewAttempts = spec.Requirement{
	ID:       "SEC-004",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "After three to five wrong passwords the server says 421 and closes the connection",
	Cites: []spec.Citation{
		spec.RFC(2577, "5", "After a small number of attempts (3-5), the server should close the control connection with the client. Before closing the control connection the server must send a return code of 421"),
	},
	Needs:   spec.Credentials | spec.Intrusive,
	Alone:   true,
	Timeout: 6 * time.Minute,
	Field:   "Passwords are guessed as fast as the server answers.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "max_login_fails=3"},
		{Server: "ProFTPD", Setting: "MaxLoginAttempts 3"},
		{Server: "pyftpdlib", Setting: "handler.max_login_attempts = 3"},
		{Server: "FileZilla Server", Setting: "Protocols settings > Autoban > Ban IP address after: 5 failed login attempts"},
		{Server: "IIS", Setting: `enabled="true" maxFailure="4" of system.ftpServer/security/authentication/denyByFailure`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const (
			most     = 5
			tries    = 10
			expected = "421 and the end of the connection after at most five wrong passwords"
		)
		// A server that refuses the name does not count passwords.
		name := func() string { return "pasv-" + word(8) }
		if r := t.Do(ctx, meet(ctx, t), "USER "+name()); r.Negative() && t.Target().User != "" {
			name = func() string { return t.Target().User }
		}
		s := meet(ctx, t)
		for n := 1; n <= tries; n++ {
			refused := n - 1
			r, err := s.Do(ctx, "USER "+name())
			if err == nil && r.Code == 331 {
				refused = n
				r, err = s.Do(ctx, "PASS "+word(12))
			}
			switch {
			case err != nil:
				t.Blame(err)
				t.Warn(expected, fmt.Sprintf("the end without 421 after %d", refused))
			case r.Code == 421:
				if _, err := s.Receive(ctx); err == nil || probe.CauseOf(err) == probe.Stalled {
					t.Warn(expected, "421, and a connection that stays open")
				}
				if n > most {
					t.Warn(expected, fmt.Sprintf("421 after %d", n))
				}
				t.Note("421 after %d", n)
				return
			case !r.Negative():
				t.Skip("no wrong password is refused: %s", r)
			}
		}
		t.Warn(expected, fmt.Sprintf("%d wrong passwords, and no end", tries))
	},
}

// meet opens a session for a check that comes after those that use up what a server
// has. Where that has locked everybody out, another requirement says so.
func meet(ctx context.Context, t *spec.T) *probe.Session {
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	s, err := d.Dial(ctx, target)
	if err == nil && target.Security == probe.Explicit {
		if _, err = s.StartTLS(ctx); err != nil {
			s.Close()
		}
	}
	if err != nil {
		t.Blame(err)
		t.Skip("no session: %v", err)
	}
	return t.Keep(s)
}

// A delay costs a user who mistypes nothing, and one who guesses nearly everything.
var delay = spec.Requirement{
	ID:       "SEC-005",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "The reply to a wrong password takes some seconds",
	Cites: []spec.Citation{
		spec.RFC(2577, "5", `In addition, it is suggested that the server impose a 5 second delay before replying to an invalid "PASS" command to diminish the efficiency of a brute force attack.`),
	},
	Needs: spec.Credentials | spec.Intrusive,
	Field: "Passwords are guessed as fast as the server answers.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "delay_failed_login=5"},
		{Server: "pyftpdlib", Setting: "handler.auth_failed_timeout = 5"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const short = time.Second
		s := t.Dial(ctx)
		if r, ok := stranger(ctx, t, s); !ok {
			t.Skip("no password is asked for: %s", r)
		}
		begun := time.Now()
		r := t.Do(ctx, s, "PASS "+word(12))
		took := time.Since(begun)
		if !r.Negative() {
			t.Skip("any password will do: %s", r)
		}
		if took < short {
			t.Warn("a reply to a wrong password after at least a second, better five", fmt.Sprintf("%s after %s", r, took.Round(time.Millisecond)))
		}
		t.Note("a wrong password is answered after %s", took.Round(100*time.Millisecond))
	},
}

// Whoever knows the names has half of what it takes. 530 to USER is in the table of
// RFC 959; RFC 2577 asks not to use it.
var unknownUser = spec.Requirement{
	ID:       "SEC-006",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "The replies to USER and PASS do not tell whether there is such a user",
	Cites: []spec.Citation{
		spec.RFC(2577, "7", "it is suggested that a server always return 331 to the USER command and then reject the combination of username and password for an invalid username."),
	},
	Needs: spec.Credentials | spec.Intrusive,
	Field: "Lists of names are tried first, and passwords only for those that exist.",
	Check: func(ctx context.Context, t *spec.T) {
		known := t.Target().User
		switch strings.ToLower(known) {
		case "", "anonymous", "ftp":
			t.Skip("anybody may know the user %s", probe.Anonymous)
		}
		try := func(user string) (replies [2]probe.Reply, took time.Duration) {
			s := t.Dial(ctx)
			replies[0] = t.Do(ctx, s, "USER "+user)
			if replies[0].Code != 331 {
				return replies, 0
			}
			begun := time.Now()
			replies[1] = t.Do(ctx, s, "PASS "+word(12))
			return replies, time.Since(begun)
		}
		ours, slow := try(known)
		if ours[0].Code != 331 || !ours[1].Negative() {
			t.Skip("the user needs no password: %s", ours[0])
		}
		name, other := word(len(known)), word(len(known))
		theirs, fast := try(name)
		third, _ := try(other)
		for i, verb := range []string{"USER", "PASS"} {
			expected := fmt.Sprintf("the same answer to %s for every name, as %s", verb, ours[i])
			seen := fmt.Sprintf("%s for a name that nobody has", theirs[i])
			if ours[i].Code != theirs[i].Code {
				t.Fail(expected, seen)
			}
			if shape(theirs[i], name) != shape(third[i], other) {
				t.Note("the text of the answer to %s is never the same", verb)
			} else if shape(ours[i], known) != shape(theirs[i], name) {
				t.Fail(expected, seen)
			}
		}
		t.Note("PASS is answered after %s, and after %s for a name that nobody has", slow.Round(time.Millisecond), fast.Round(time.Millisecond))
	},
}

// shape is the text of a reply without the name and without numbers.
func shape(r probe.Reply, name string) string {
	text := strings.ReplaceAll(strings.ToLower(r.Text()), strings.ToLower(name), "*")
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return '#'
		}
		return c
	}, text)
}

// What stands in a reply stands in logs, in transcripts and on screens.
var passwordEcho = spec.Requirement{
	ID:       "SEC-012",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "No reply repeats a password",
	Needs:    spec.Credentials,
	Field:    "Passwords are in the logs of clients, which users send around when something does not work; mistyped ones are nearly right.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		judge := func(s *probe.Session, when, argument, secret string) {
			r, err := s.Do(ctx, "PASS "+argument)
			if err != nil {
				t.Blame(err)
				t.Inconclusive("PASS %s: %v", when, err)
			}
			if strings.Contains(strings.ToLower(r.Raw), secret) {
				t.Warn("no password in a reply", fmt.Sprintf("the reply %d to PASS %s has the word that was sent", r.Code, when))
			}
		}
		// One that is in the greeting, too, or in the name, is there for another reason.
		right, user := strings.ToLower(string(t.Target().Pass)), strings.ToLower(t.Target().User)
		if greeting := strings.ToLower(s.Greeting().Raw); len(right) >= 6 && !strings.Contains(greeting+user, right) {
			r, err := t.Dial(ctx).Login(ctx)
			if err == nil && strings.Contains(strings.ToLower(r.Raw), right) {
				t.Warn("no password in a reply", fmt.Sprintf("the reply %d to the right one has it", r.Code))
			}
		}
		secret := word(16)
		judge(s, "before USER", secret, secret)
		for _, argument := range []string{secret, "a " + secret} {
			s := t.Dial(ctx) // a server may end a session for one wrong password
			when := fmt.Sprintf("with a wrong password of %d words", len(strings.Fields(argument)))
			if r, ok := stranger(ctx, t, s); !ok {
				t.Note("PASS %s is not judged: USER is answered %s", when, r)
				continue
			}
			judge(s, when, argument, secret)
		}
	},
}
