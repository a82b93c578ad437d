package encoding

import (
	"context"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// On a Telnet connection octet 255 begins a command, so that it is doubled when
// it is meant itself. Data connections know nothing of Telnet.
var doubled = spec.Requirement{
	ID:       "UTF-005",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "Octet 255 in a name is doubled on the control connection, in both directions",
	Cites: []spec.Citation{
		spec.RFC(854, "TELNET COMMAND STRUCTURE", "With the current set-up, only the IAC need be doubled to be sent as data, and the other 255 codes may be passed transparently."),
		spec.RFC(3659, "2.2", "Implementations should also beware that the FTP control connection uses Telnet NVT conventions [8], and that the Telnet IAC character, if part of a pathname sent over the control connection, MUST be correctly escaped as defined by the Telnet protocol."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"MLST"},
	Unwatched: true,
	Field:     "The name in the reply is not that of the directory: clients that go back to it by that name do not find it. It cannot occur in UTF-8, so that only old names suffer.",
	Check: func(ctx context.Context, t *spec.T) {
		const name, twice, fourfold = "a\xffb", "a\xff\xffb", "a\xff\xff\xff\xffb"
		room := t.Room(ctx)
		s := t.Login(ctx)
		// Send doubles the octet.
		made, err := s.Do(ctx, "MKD "+room+"/"+name)
		switch cause := probe.CauseOf(err); {
		case cause == probe.Closed, cause == probe.Reset:
			t.Skip("blocked by UTF-004: the session ends with a name that is not UTF-8")
		case err != nil:
			t.Blame(err)
			t.Fail("a reply to MKD of a name with the octet 255", err.Error())
		case !made.Positive():
			t.Skip("the name is refused: %s", made)
		}
		// By the name that is listed it could not be removed on every server.
		defer func() { _, _ = s.Do(ctx, "RMD "+room+"/"+name) }()
		names := list(ctx, t, s, room)
		in := t.Login(ctx)
		if r := t.Do(ctx, in, "CWD "+room+"/"+name); !r.Positive() {
			t.Skip("the directory cannot be entered: %s", r)
		}
		r := t.Do(ctx, in, "PWD")
		const expected = "octet 255 once in the listing and twice in the reply to PWD"
		seen := "listed as " + quote(names) + ", and PWD answered with the octets " + probe.Printable(strings.TrimSpace(r.Raw))
		switch {
		case slices.Contains(names, name):
			if !strings.Contains(r.Raw, twice) {
				t.Fail(expected, seen)
			}
		case slices.Contains(names, twice):
			// Nothing is undone and nothing is done: names come back as they were sent.
			if !strings.Contains(r.Raw, twice) || strings.Contains(r.Raw, fourfold) {
				t.Fail(expected, seen)
			}
			t.Tolerate(expected, seen)
		default:
			t.Skip("the name is changed: %s", quote(names))
		}
	},
}

// CR LF ends a command, so that a CR which is part of a name has a NUL behind it.
var carriageReturn = spec.Requirement{
	ID:       "UTF-006",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "CR NUL in a name stands for CR: the NUL is taken away, or the name refused",
	Cites: []spec.Citation{
		spec.RFC(2640, "3.1", "On receipt of a pathname containing a <CR><NUL> sequence the <NUL> character MUST be stripped away."),
		spec.RFC(854, "THE NETWORK VIRTUAL TERMINAL", "The converse of this is that a NUL received in the data stream after a CR (in the absence of options negotiations which explicitly specify otherwise) should be stripped out prior to applying the NVT to local character set mapping."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"UTF8"},
	Unwatched: true,
	Field:     "A file is stored by a part of its name, over another one perhaps; or the session ends, and with it the whole transfer of a tree.",
	Check: func(ctx context.Context, t *spec.T) {
		claims(ctx, t)
		room := t.Room(ctx)
		path := room + "/a\r\x00b"
		s := t.Login(ctx)
		c := t.Open(ctx, s)
		defer c.Close()
		r, err := write(ctx, s, "STOR "+path)
		if err != nil {
			t.Blame(err)
			t.Fail("a reply to STOR of a name with CR NUL", err.Error())
		}
		if r.Negative() {
			t.Note("the name is refused: %s", r)
			// The next command shows whether the line ended where it should.
			line, _ := t.Ping(ctx)
			if next, err := s.Do(ctx, line); err != nil || next.Negative() {
				t.Blame(err)
				t.Fail("one reply to one command, and the session to go on", "after "+r.String()+" "+line+" is answered "+next.String())
			}
			return
		}
		if s.Protected() {
			err = c.Handshake(ctx)
		}
		if err == nil {
			err = c.Send(ctx, strings.NewReader("a name with CR\n"))
		}
		if err == nil {
			_ = c.Finish(ctx)
		}
		_ = c.Close()
		final, err := s.Complete(ctx)
		if err != nil {
			t.Blame(err)
			t.Fail("a final reply to STOR of a name with CR NUL", err.Error())
		}
		if final.Negative() {
			t.Note("a name with CR in it is refused: %s", final)
			return
		}
		s.Close() // the name may have put its replies out of step

		s = t.Login(ctx)
		names := list(ctx, t, s, room)
		gone, err := write(ctx, s, "DELE "+path)
		const expected = "a file with CR in its name"
		switch {
		case slices.Contains(names, "a\rb"):
		case slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "\x00") }):
			t.Fail(expected+" and no NUL", quote(names))
		case slices.Contains(names, "a") || slices.Contains(names, "a\r"):
			t.Fail(expected, "a name that ends at the NUL: "+quote(names))
		case len(names) > 0:
			t.Note("the name is changed: %s", quote(names))
		case err == nil && gone.Positive():
			t.Note("the name is not listed")
		default:
			t.Inconclusive("the file was stored and is not listed")
		}
	},
}
