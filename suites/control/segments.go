package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A command is a line, wherever TCP has cut it. These requirements send octets
// instead of commands; Go's connections have TCP_NODELAY set.

// readBoundaries is the sentence behind most of them.
var readBoundaries = spec.RFC(1123, "4.1.2.10", "Implementors MUST NOT assume any correspondence between READ boundaries on the control connection and the Telnet EOL sequences (CR LF).")

// Half a command may be the beginning of another one: STOR is not STOU.
var patientForEnd = spec.Requirement{
	ID:       "CTL-017",
	Level:    report.MustNot,
	Severity: report.Major,
	Title:    "The server takes no action before the end of a command line has come",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3", "It should be noted that the server is to take no action until the end of line code is received."),
	},
	Needs: spec.Login,
	Takes: 4 * time.Second,
	Field: "A command that is cut on its way is executed as another one: \"DELE report\" instead of \"DELE report.old\".",
	Check: func(ctx context.Context, t *spec.T) {
		const patience = 3 * time.Second
		s := t.Login(ctx)
		want := works(ctx, t, s, "NOOP")
		write(ctx, t, s, "NOO")
		switch e := listen(ctx, t, s, patience); {
		case e.kind == spoke && e.reply.Code == 421:
			t.Skip("the session was ended meanwhile: %s", e.text)
		case e.kind != silent:
			t.Fail(fmt.Sprintf("nothing for %s after half a command", patience), e.text)
		}
		write(ctx, t, s, "P\r\n")
		answered(ctx, t, s, "NOOP in two pieces", want)
	},
}

// Telnet clients send every key as it is pressed, and no path is obliged to put
// the pieces together.
var oneByOne = spec.Requirement{
	ID:       "CTL-018",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A command that comes in several TCP segments is one command",
	Cites: []spec.Citation{
		readBoundaries,
		spec.RFC(1123, "4.1.2.10", "Thus, a server-FTP (or User-FTP) must continue reading characters from the control connection until a complete Telnet EOL sequence is encountered, before processing the command (or response, respectively)."),
	},
	Needs: spec.Login,
	Takes: time.Second,
	Field: "Commands fail at random, with clients that write them in pieces and on paths that cut them, tunnels for instance.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		want := works(ctx, t, s, "PWD")
		for _, octet := range []string{"P", "W", "D"} {
			write(ctx, t, s, octet)
			t.Sleep(ctx, 20*time.Millisecond)
		}
		write(ctx, t, s, "\r\n")
		answered(ctx, t, s, "PWD in four pieces", want)
	},
}

// A client should wait for each reply, but what comes early is to be queued.
var severalAtOnce = spec.Requirement{
	ID:       "CTL-019",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Several commands in one TCP segment are all executed, in their order",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.10", "Conversely, a single READ from the control connection may include more than one FTP command."),
		spec.RFC(959, "4.2", "server-FTP processes should queue any commands that arrive while a preceding command is in progress."),
	},
	Needs: spec.Login,
	Field: "Clients that do not wait for every reply, to save time on a long path, hang: the server has lost a command.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		noop, pwd := works(ctx, t, s, "NOOP"), works(ctx, t, s, "PWD")
		write(ctx, t, s, "NOOP\r\nPWD\r\nNOOP\r\n")
		for i, want := range []probe.Reply{noop, pwd, noop} {
			what := fmt.Sprintf("reply %d to NOOP, PWD, NOOP in one piece: %d", i+1, want.Code)
			if r := t.Receive(ctx, s, what); r.Code != want.Code {
				t.Fail(what, r.String())
			}
		}
	},
}

// The end of a line that was thrown away must not become a command: it may have
// been made for that.
var longLine = spec.Requirement{
	ID:       "CTL-020",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "A command line that is too long is rejected as a whole, and no part of it is executed",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.1", "This may include errors such as command line too long."),
	},
	Needs:   spec.Login,
	Field:   "The end of a long name is executed as a command of its own, and the replies are out of step with the commands; a server that dies of it takes every other session along.",
	Timeout: 5 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		works(ctx, t, s, "NOOP")
		refusals := 0
		hear := func(r probe.Reply) {
			if refusals++; refusals > 1 {
				t.Fail("one reply to one line", "another one: "+r.String())
			}
		}
		gone := func(how string) {
			if refusals == 0 {
				t.Note("the session ends without a reply: %s", how)
			}
			alive(ctx, t)
		}
		if err := s.Send(ctx, longCommand); err != nil {
			t.Blame(err)
			gone(err.Error())
			return
		}
		switch e := listen(ctx, t, s, hesitation); {
		case e.kind == ended:
			gone(e.text)
			return
		case e.kind == spoke && e.reply.IsZero():
			t.Skip("the answer has not the form of a reply: %s", e.text)
		case e.kind == spoke && !e.reply.Negative():
			t.Inconclusive("the server can do something with the line: %s", e.text)
		case e.kind == spoke:
			hear(e.reply)
		}
		// As octets, since Send takes what has come meanwhile out of the way.
		if err := s.Write(ctx, "NOOP\r\n"); err != nil {
			t.Blame(err)
			gone(err.Error())
			return
		}
		for {
			r, err := s.Receive(ctx)
			switch {
			case err == nil && r.Negative():
				hear(r)
				continue
			case err == nil && refusals == 0:
				t.Note("the line is dropped without a reply")
				return
			case err == nil:
				return
			}
			t.Blame(err)
			switch probe.CauseOf(err) {
			case probe.Closed, probe.Reset:
				gone(err.Error())
				return
			case probe.Alien, probe.Excess:
				t.Skip("the answer has not the form of a reply: %v", err)
			}
			t.Fail("a reply to NOOP after the line, or the end of the session", err.Error())
		}
	},
}

// longCommand is longer than any server's buffer for a line.
var longCommand = "CWD " + strings.Repeat("A", 64<<10)

// hesitation is how long a reply to something strange is waited for before it is
// asked whether one will come.
const hesitation = 5 * time.Second

// alive expects that the server still takes new sessions, as it may no longer
// after a crash.
func alive(ctx context.Context, t *spec.T) {
	const tries = 3
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	for try := 1; ; try++ {
		s, err := d.Connect(ctx, target)
		if err == nil {
			t.Keep(s)
			if _, err = s.Receive(ctx); err == nil {
				return
			}
		}
		t.Blame(err)
		if try == tries {
			t.Fail("a new session after the line", err.Error())
		}
		t.Sleep(ctx, time.Second)
	}
}

// CR is not the end of a line yet, but CR and LF are, whichever way they come.
// Apart from oneByOne, because it hits one server only and no known client.
var endInTwoSegments = spec.Requirement{
	ID:       "CTL-026",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "A command whose CR and LF come in different TCP segments is answered without further input",
	Cites:    []spec.Citation{readBoundaries},
	Needs:    spec.Login,
	Takes:    30 * time.Second,
	Field:    "No known client cuts its lines there, but a path may: the client waits for a reply that comes only with the next command.",
	Timeout:  3 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		want := works(ctx, t, s, "PWD")
		write(ctx, t, s, "PWD\r")
		t.Sleep(ctx, 200*time.Millisecond)
		write(ctx, t, s, "\n")
		r, err := s.Receive(ctx)
		if probe.CauseOf(err) == probe.Stalled && cut(s) == "" {
			seen := err.Error()
			if s.Write(ctx, "NOOP\r\n") == nil {
				if late, err := s.Receive(ctx); err == nil {
					seen = "nothing until the next command, and then " + late.String()
				}
			}
			t.Fail("a reply to PWD in two pieces", seen)
		}
		t.Expect(err).NotTo(HaveOccurred(), "a reply to PWD in two pieces")
		if r.Class() != want.Class() {
			t.Fail(fmt.Sprintf("PWD in two pieces to be answered %d, as it is in one", want.Code), r.String())
		}
		once(ctx, t, s, "PWD in two pieces")
	},
}

// works sends a command as everybody does, to know what it is answered.
func works(ctx context.Context, t *spec.T, s *probe.Session, line string) probe.Reply {
	r := plain(ctx, t, s, line)
	if !r.Positive() {
		t.Skip("%s is answered %s", line, r)
	}
	return r
}

// plain sends a command for which others are responsible.
func plain(ctx context.Context, t *spec.T, s *probe.Session, line string) probe.Reply {
	r, err := s.Do(ctx, line)
	if err != nil {
		t.Blame(err)
		t.Skip("%s: %v", line, err)
	}
	return r
}

// write sends octets.
func write(ctx context.Context, t *spec.T, s *probe.Session, octets string) {
	t.Expect(s.Write(ctx, octets)).NotTo(HaveOccurred(), "the session to stay open")
}

// answered expects the same reply as in one piece, once.
func answered(ctx context.Context, t *spec.T, s *probe.Session, what string, want probe.Reply) {
	if r := t.Receive(ctx, s, "a reply to "+what); r.Class() != want.Class() {
		t.Fail(fmt.Sprintf("%s to be answered %d, as it is in one", what, want.Code), r.String())
	}
	once(ctx, t, s, what)
}
