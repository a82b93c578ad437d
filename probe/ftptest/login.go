package ftptest

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// login is who the user is.
type login struct {
	name     string // of the last USER; empty: none, or the login has failed
	stage    stage
	attempts int // wrong passwords so far
}

type stage byte

const (
	wantUser stage = iota
	wantPassword
	wantAccount
	in
)

func (s *session) loggedIn() bool { return s.login.stage == in }

// user begins a login, also in the middle of a session: the old user is gone at once
// (RFC 959 §4.1.1). Every name is asked for a password, so that names cannot be probed
// (RFC 2577 §7).
func (s *session) user(name string) {
	if s.srv.cfg.RequireTLS && !s.protected() {
		s.reply(530, "Please protect the connection with AUTH TLS first.")
		return
	}
	s.login.name, s.login.stage = name, wantPassword
	s.reply(331, "Please send the password.")
}

func (s *session) pass(password string) {
	if s.login.stage != wantPassword {
		s.reply(503, "Please send USER first.")
		return
	}
	if !s.authentic(password) {
		s.login.stage = wantUser
		s.login.attempts++
		if s.srv.cfg.LoginDelay > 0 && !s.srv.sleep(s.srv.cfg.LoginDelay) {
			s.closing = true
			return
		}
		if s.login.attempts >= s.srv.cfg.LoginAttempts {
			s.reply(421, "Too many wrong passwords, closing the control connection.")
			s.closing = true
			return
		}
		s.reply(530, "Login incorrect.")
		return
	}
	if s.srv.cfg.Accounts[s.login.name] != "" {
		s.login.stage = wantAccount
		s.reply(332, "Please send the account.")
		return
	}
	s.enter()
}

func (s *session) acct(account string) {
	switch s.login.stage {
	case in:
		s.reply(202, "No account is needed.")
	case wantAccount:
		if !equal(account, s.srv.cfg.Accounts[s.login.name]) {
			s.login.stage = wantUser
			s.reply(530, "Login incorrect.")
			return
		}
		s.enter()
	default:
		s.reply(503, "Please send USER and PASS first.")
	}
}

func (s *session) enter() {
	s.login.stage = in
	s.login.attempts = 0
	s.dir = "/"
	s.reply(230, "Logged in.")
}

// authentic reports whether password is that of the user, in a time that does not tell
// whether there is such a user.
func (s *session) authentic(password string) bool {
	if anonymous(s.login.name) && !s.srv.cfg.UsersOnly {
		return true
	}
	want, known := s.srv.cfg.Users[s.login.name]
	return equal(password, want) && known
}

func anonymous(name string) bool {
	return strings.EqualFold(name, "anonymous") || strings.EqualFold(name, "ftp")
}

func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// rein is answered in the protected session and then ends its protection (RFC 4217 §13), unless
// the protection was there before the greeting.
func (s *session) rein(string) {
	s.reset()
	s.reply(220, "Ready for a new user.")
	if s.protected() && s.srv.cfg.Implicit {
		s.security = security{dataTLS: s.dataTLS}
		return
	}
	s.security = security{}
	if s.protected() {
		s.closing = s.control.unprotect(s.srv.cfg.IdleTimeout) != nil
	}
}

// quit comes after the running transfer, whose commands are queued (RFC 959 §4.1.1).
func (s *session) quit(string) {
	s.dropEndpoint()
	s.reply(221, "Goodbye.")
	s.closing = true
}
