package information

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// HELP is for people, and often tells what the server is.
var help = spec.Requirement{
	ID:       "INFO-005",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "HELP is answered with 211 or 214",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "The reply is type 211 or 214."),
	},
	Needs: spec.Login,
	Field: "People at a prompt, and tools that recognise servers by their HELP, learn nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Login(ctx), "HELP")
		if r.Code == 500 || r.Code == 502 {
			t.Skip("HELP is not implemented, which MIN-001 judges: %s", r)
		}
		t.ExpectCode(r, 211, 214)
	},
}

// Clients send NOOP at any moment to keep firewalls and servers awake. The same
// transfer is made without it first, so that what is wrong with transfers is not
// held against NOOP, and one that goes wrong is repeated: on a busy server somebody
// else may have connected to the port.
var noop = spec.Requirement{
	ID:       "INFO-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "NOOP is answered with 200 and changes nothing, between PASV and the transfer either",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "This command does not affect any parameters or previously entered commands. It specifies no action other than that the server send an OK reply."),
	},
	Needs:   spec.Login | spec.File,
	Timeout: 5 * time.Minute,
	Field:   "Clients that keep the session alive with NOOP (FileZilla, WinSCP, backup programs) lose transfers now and then, or get them in another form.",
	Check: func(ctx context.Context, t *spec.T) {
		file := t.Fixture(ctx, spec.File)
		for try := 1; ; try++ {
			s := t.Login(ctx)
			t.ExpectCode(t.Do(ctx, s, "NOOP"), 200)
			t.Do(ctx, s, "TYPE I")
			if m := t.Take(ctx, s, "RETR "+file.Path); !right(m, file.Content) {
				t.Skip("no transfer is right without NOOP either")
			}
			t.Do(ctx, s, "TYPE I")
			c := t.Open(ctx, s)
			t.ExpectCode(t.Do(ctx, s, "NOOP"), 200)
			m := t.TakeOn(ctx, s, c, "RETR "+file.Path)
			if right(m, file.Content) {
				return
			}
			if try == transfers {
				t.ExpectComplete(m)
				t.ExpectContent(m.Data, file.Content, "a file after NOOP")
			}
			t.Note("try %d failed: %d octets, %s", try, len(m.Data), m.Final)
			s.Close()
		}
	},
}

// transfers is how often a transfer after NOOP or ALLO has to fail.
const transfers = 3

// right tells a whole transfer of content.
func right(m spec.Moved, content []byte) bool {
	return m.Err == nil && m.DataErr == nil && m.Final.Positive() && bytes.Equal(m.Data, content)
}

// stored expects a file to have its content, if the one that was stored without ALLO
// has it.
func stored(ctx context.Context, t *spec.T, without, with string, content []byte) {
	s := t.Login(ctx)
	if !right(t.Take(ctx, s, "RETR "+without), content) {
		t.Note("what is stored is not judged: without ALLO it is not what was sent either")
		return
	}
	m := t.Take(ctx, s, "RETR "+with)
	t.ExpectComplete(m)
	t.ExpectContent(m.Data, content, "the file that was stored after ALLO")
}

// Mainframe clients send it before every upload.
var allo = spec.Requirement{
	ID:       "INFO-007",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "ALLO is accepted or taken for superfluous, and the STOR that follows works",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "The ALLO command should be treated as a NOOP (no operation) by those servers which do not require that the maximum size of the file be declared beforehand"),
	},
	Needs: spec.Login | spec.Write,
	Field: "Clients that announce the size of an upload (lftp, mainframes) cannot upload.",
	Check: func(ctx context.Context, t *spec.T) {
		room, content := t.Room(ctx), spec.Binary(1000)
		s := t.Login(ctx)
		if m := t.Give(ctx, s, "STOR "+room+"/without", content); !m.Final.Positive() {
			t.Skip("no upload works without ALLO either: %s", m.Final)
		}
		for try := 1; ; try++ {
			r := t.Do(ctx, s, "ALLO 5000") // more than comes, which is no harm
			switch {
			case r.Code == 500, r.Code == 502, r.Code == 504:
				t.Note("ALLO is not supported: %s", r)
			case r.Code == 550, r.Code == 552: // seen in practice
				t.Tolerate("reply code 200 or 202", r.String())
			default:
				t.ExpectCode(r, 200, 202)
			}
			path := fmt.Sprintf("%s/with-%d", room, try)
			m := t.Give(ctx, s, "STOR "+path, content)
			if m.NoRoom() && t.Give(ctx, t.Login(ctx), "STOR "+path, content).Final.Positive() {
				t.Fail("room for the STOR that follows, as there is without ALLO", m.Final.String())
			}
			if m.Err == nil && m.DataErr == nil && m.Final.Positive() || try == transfers {
				t.ExpectComplete(m)
				stored(ctx, t, room+"/without", path, content)
				return
			}
			t.Note("try %d failed: %s", try, m.Final)
			s.Close()
			s = t.Login(ctx)
		}
	},
}
