package ftptest

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
)

// session is one control connection and what RFC 959 calls its user: parameters, directory,
// passive listener. Its goroutine owns everything in it; while a transfer runs, the watcher
// of the transfer reads it.
type session struct {
	srv     *Server
	hooks   *hooks
	control control
	peer    netip.Addr
	local   netip.AddrPort

	verb    string  // of the command that is running
	pending []input // what came during a transfer
	closing bool    // no more commands
	silent  bool    // replies are not sent

	login
	parameters
	dir      string // absolute, cleaned
	renaming string // RNFR name that waits for its RNTO
	restart  int64  // REST offset for the next transfer
	facts    facts  // OPTS MLST
	host     string // HOST
	language int    // LANG: an index of Config.Languages
	endpoint        // PASV, EPSV, PORT, EPRT
	security        // AUTH, PBSZ, PROT
}

func newSession(srv *Server, c *net.TCPConn) *session {
	inline(c)
	s := &session{
		srv:     srv,
		hooks:   &srv.hooks,
		control: control{tcp: c, conn: c},
		peer:    addrPort(c.RemoteAddr()).Addr(),
		local:   addrPort(c.LocalAddr()),
	}
	for _, f := range s.hooks.octets {
		s.control.received = append(s.control.received, f())
	}
	s.reset()
	return s
}

// reset makes the session as it was after the connection was made (RFC 959 §4.1.1, REIN).
// What AUTH has set up stays.
func (s *session) reset() {
	s.login = login{attempts: s.login.attempts}
	s.parameters = parameters{kind: ascii}
	s.dir = "/"
	s.renaming = ""
	s.restart = 0
	s.facts = allFacts
	s.host = ""
	s.language = 0
	s.dropEndpoint()
	s.extendedOnly = false
}

// refuse turns the client away because of the session limits.
func (s *session) refuse() {
	if s.srv.cfg.Implicit && s.protect() != nil {
		return
	}
	s.verb = greeting
	s.reply(421, "Too many sessions, try again later.")
}

// greeting is the verb of replies that answer no command.
const greeting = ""

// serve runs the session from the greeting to the last reply.
func (s *session) serve() {
	defer func() {
		s.dropEndpoint()
		for _, f := range s.hooks.ended {
			f(s)
		}
	}()
	if s.srv.cfg.Implicit && s.protect() != nil {
		return
	}
	s.verb = greeting
	s.reply(220, "pasv test server ready.")
	for !s.closing {
		line, err := s.next()
		switch {
		case err == nil:
			s.run(line)
		case errors.Is(err, errLineTooLong):
			s.verb = greeting
			s.reply(500, "Command line too long.")
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.verb = greeting
			if s.hooks.idled != nil && s.hooks.idled(s) {
				continue
			}
			s.reply(421, "Nothing to do for %v, closing the control connection.", s.srv.cfg.IdleTimeout)
			return
		default:
			return
		}
	}
}

// input is a command line, or errLineTooLong in place of one.
type input struct {
	line string
	err  error
}

// next returns the next command line: one that came during a transfer, or a new one.
func (s *session) next() (string, error) {
	if len(s.pending) > 0 {
		in := s.pending[0]
		s.pending = s.pending[1:]
		return in.line, in.err
	}
	s.control.within(s.srv.cfg.IdleTimeout)
	return s.control.line()
}

// run executes one command line.
func (s *session) run(line string) {
	s.srv.counters.commands.Add(1)
	for _, f := range s.hooks.lines {
		var ok bool
		s.verb, _ = split(line)
		if line, ok = f(s, line); !ok {
			return
		}
	}
	verb, arg := split(line)
	s.verb = verb
	s.log("> %v", logged{verb, arg})
	if verb != "RNTO" {
		s.renaming = "" // RNTO must follow RNFR immediately
	}
	run := func(arg string) { s.execute(verb, arg) }
	for _, w := range s.hooks.wrapped[verb] {
		inner := run
		run = func(arg string) { w(s, arg, inner) }
	}
	run(arg)
}

// execute runs a command after its checks.
func (s *session) execute(verb, arg string) {
	cmd, known := commands[verb]
	if !cmd.path {
		arg = strings.Trim(arg, " ")
	}
	override := s.hooks.commands[verb]
	switch {
	case cmd.login && !s.loggedIn():
		s.reply(530, "Please log in with USER and PASS.")
	case override != nil:
		override(s, arg)
	case !known:
		s.reply(500, "Command not understood.")
	case cmd.arg == required && arg == "":
		s.reply(501, "%s needs an argument.", verb)
	case cmd.arg == none && arg != "":
		s.reply(501, "%s takes no argument.", verb)
	default:
		cmd.run(s, arg)
	}
}

// split takes a line apart at its first space. Everything after that space belongs to the
// argument (RFC 3659 §2.2).
func split(line string) (verb, arg string) {
	verb, arg, _ = strings.Cut(line, " ")
	return strings.ToUpper(verb), arg
}

// reply sends the reply to the running command.
func (s *session) reply(code int, format string, args ...any) {
	s.send(answer(code, format, args...))
}

// send passes r through the hooks and on to the client.
func (s *session) send(r reply) { s.sendFor(s.verb, r) }

func (s *session) sendFor(verb string, r reply) {
	if s.silent {
		return
	}
	for _, h := range s.hooks.replies {
		if !h(s, verb, &r) {
			return
		}
	}
	s.log("< %d %s", r.code, r.lines[0])
	b := r.encode()
	for _, f := range s.hooks.wire {
		b = f(s, verb, b)
	}
	if h := s.hooks.deliver; h != nil {
		h(s, b)
		return
	}
	s.control.send(b)
}

func (s *session) log(format string, args ...any) {
	if s.srv.cfg.Log != nil {
		s.srv.cfg.Log("%v "+format, append([]any{s.control.tcp.RemoteAddr()}, args...)...)
	}
}

// logged is a command as it is logged: without secrets.
type logged struct{ verb, arg string }

func (l logged) String() string {
	switch l.verb {
	case "PASS", "ACCT":
		l.arg = "***"
	}
	return strings.TrimSpace(printable(l.verb + " " + l.arg))
}

// protected reports whether the control connection is a TLS connection.
func (s *session) protected() bool { return s.control.secure != nil }
