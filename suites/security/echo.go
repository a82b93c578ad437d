package security

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A name with a line break in it, repeated in a reply, makes a reply of its own.
// CR NUL is how Telnet writes a bare CR (RFC 854 p.11), so that CR NUL LF is a CR
// and a LF and no end of line. A bare LF is none either, but many servers take it for one;
// they see two commands.
var echo = spec.Requirement{
	ID:       "SEC-008",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Text of the client that is repeated in a reply cannot break the form of the reply",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "A reply is defined to contain the 3-digit code, followed by Space <SP>, followed by one line of text (where some maximum line length has been specified), and terminated by the Telnet end-of-line code."),
	},
	Needs:     spec.Login,
	Unwatched: true,
	Takes:     4 * time.Second,
	Field:     "Whoever can choose a name, of a directory that somebody else enters, has the server say what it never meant: a client takes a forged reply for that to its own next command.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		speak(ctx, t, s, "CWD x\r\x00\n226 fake", "226", "fake")
		if r := t.Do(ctx, s, "CWD "+t.Room(ctx)); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		made := speak(ctx, t, s, "MKD a\r\x00\n257 b", "257", "b")
		if strings.HasPrefix(made, "257") {
			if strings.Count(made, "\r\n") == 1 && strings.HasPrefix(speak(ctx, t, s, "CWD a\r\x00\n257 b", "257", "b"), "2") {
				speak(ctx, t, s, "PWD", "257", "b")
				speak(ctx, t, s, "STAT", "211", "b")
				speak(ctx, t, s, "CDUP", "257", "b")
			}
			// Not every listing would show it to whoever cleans up.
			speak(ctx, t, s, "RMD a\r\x00\n257 b", "257", "b")
		}
		// In a new session, since some servers put up with a few refusals only.
		s = t.Login(ctx)
		if r := t.Do(ctx, s, "CWD "+t.Room(ctx)); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		defer func() {
			// Not every listing would show it, again.
			if s.Write(ctx, "RMD a\n550 b\r\n") == nil {
				_, _ = s.Receive(ctx)
			}
		}()
		speak(ctx, t, s, "MKD a\n550 b", "550", "b")
	},
}

// speak sends octets and reads replies until nothing comes any more. None of them
// may be what was sent, and the session has to be in step after them. It returns
// what came.
func speak(ctx context.Context, t *spec.T, s *probe.Session, octets, code, text string) string {
	const quiet = time.Second
	expected := "replies to " + probe.Printable(octets) + " that the server itself has made"
	if err := s.Write(ctx, octets+"\r\n"); err != nil {
		t.Blame(err)
		t.Fail(expected, err.Error())
	}
	var raw strings.Builder
	receive := func(d time.Duration) (probe.Reply, error) {
		if d > 0 {
			short, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			return s.Receive(short)
		}
		return s.Receive(ctx)
	}
	for d := time.Duration(0); ; d = quiet {
		r, err := receive(d)
		if err != nil && d > 0 && probe.CauseOf(err) == probe.Stalled {
			break
		}
		if err != nil {
			t.Blame(err)
			t.Fail(expected, err.Error())
		}
		raw.WriteString(r.Raw)
	}
	// Two replies are right where a bare LF ends a line: then the second one is about a
	// command that is a number.
	for _, mark := range []string{" ", "-"} {
		if strings.Contains(raw.String(), "\r\n"+code+mark+text) {
			t.Fail(expected, "a reply that the client has made: "+probe.Printable(raw.String()))
		}
	}
	if strings.Count(raw.String(), "\r\n") > 1 {
		t.Note("%s is answered %s", probe.Printable(octets), probe.Printable(raw.String()))
	}
	line, alive := t.Ping(ctx)
	r := t.Do(ctx, s, line)
	if r.Positive() {
		return raw.String()
	}
	if second, err := receive(quiet); err == nil && second.Positive() {
		return raw.String() // a late one came between
	}
	t.Fail(fmt.Sprintf("%d to %s after %s", alive, line, probe.Printable(octets)), fmt.Sprintf("%s; the session is out of step", r))
	return ""
}
