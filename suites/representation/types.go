package representation

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// The types that every client may use without asking.
var commonTypes = spec.Requirement{
	ID:       "REP-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "TYPE A, TYPE A N, TYPE I and TYPE L 8 are accepted",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.13", "Type: ASCII Non-print, IMAGE, LOCAL 8"),
		spec.RFC(1123, "4.1.2.1", `An FTP program MUST support TYPE I ("IMAGE" or binary type) as well as TYPE L 8 ("LOCAL" type with logical byte size 8).`),
		spec.RFC(959, "5.1", "TYPE - ASCII Non-print"),
	},
	Needs: spec.Login,
	Field: "Without TYPE I no binary file survives, and without TYPE A many clients get no listing. TYPE A N and TYPE L 8 are asked for by mainframes and other hosts of their age only.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		var refused []string
		for _, line := range []string{"TYPE A", "TYPE A N", "TYPE I", "TYPE L 8"} {
			if r := t.Do(ctx, s, line); r.Positive() {
				t.ExpectCode(r, 200)
			} else {
				refused = append(refused, line+": "+r.String())
			}
		}
		if len(refused) > 0 {
			t.Fail("reply code 200 to TYPE A, TYPE A N, TYPE I and TYPE L 8", strings.Join(refused, "; "))
		}
	},
}

// Whether the host tells printable files from others cannot be seen from here,
// so a refusal is worth no more than a warning.
var telnetFormat = spec.Requirement{
	ID:       "REP-003",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "TYPE A T is accepted by a host to which it is the same as TYPE A N",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.2", "A host that makes no distinction between TYPE N and TYPE T SHOULD implement TYPE T to be identical to TYPE N."),
	},
	Needs: spec.Login,
	Field: "Hosts that print what they fetch, mainframes mostly, are refused.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := t.Do(ctx, s, "TYPE A T")
		if r.Negative() {
			t.Warn("reply code 200 to TYPE A T", r.String())
		}
		t.ExpectCode(r, 200)
	},
}

// A server that says yes to everything lets a client believe that the octets on
// the wire mean something else than they do.
var unknownValues = spec.Requirement{
	ID:       "REP-004",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Unknown values for TYPE, MODE and STRU are refused, and nothing changes by them",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.2", "504 Command not implemented for that parameter."),
		spec.RFC(959, "4.1.2", "The default value is the last specified value"),
	},
	Needs: spec.Login | spec.File,
	Field: "Clients try compressed and other modes (MODE Z) and fall back when they are refused; without a refusal the transfer is garbage to one of the two sides.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		if !bytes.Equal(fetch(ctx, t, s, "RETR "+f.Path), f.Content) {
			t.Skip("a file in TYPE I does not come as it is")
		}
		for _, line := range []string{"TYPE X", "MODE X", "STRU X"} {
			t.ExpectRefusal(t.Do(ctx, s, line), 504, 501, 500)
		}
		t.ExpectContent(t.Download(ctx, s, "RETR "+f.Path), f.Content, "a file in TYPE I after TYPE X, MODE X and STRU X")
	},
}

// Clients set the type once. A server that forgets it ruins binary files, and
// only those that are fetched after a listing or a change of directory.
var typeStays = spec.Requirement{
	ID:       "REP-008",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "TYPE stays in force for the transfers that follow, and across CWD, PASV or EPSV, and listings",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `The default value is the last specified value, or if no value has been specified, the standard default value is as stated here. This implies that the server must "remember" the applicable default values.`),
	},
	Needs: spec.Login | spec.File,
	Field: "Archives, images and programs arrive with CR inserted before every LF, at random as it seems to the user.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		if got := fetch(ctx, t, s, "RETR "+f.Path); !bytes.Equal(got, f.Content) {
			// The fixture was stored in TYPE I, too, so only its CRs may have come and gone.
			if bytes.Equal(withoutCR(got), withoutCR(f.Content)) {
				t.Fail("a file in TYPE I as it is after PASV or EPSV", "the line ends in it are converted")
			}
			t.Skip("a file in TYPE I does not come as it is")
		}
		dir, name := path.Split(f.Path)
		if r := t.Do(ctx, s, "CWD "+strings.TrimSuffix(dir, "/")); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		t.ExpectContent(fetch(ctx, t, s, "RETR "+name), f.Content, "a file in TYPE I after CWD")
		fetch(ctx, t, s, "LIST")
		t.ExpectContent(fetch(ctx, t, s, "RETR "+name), f.Content, "a file in TYPE I after LIST")

		// TYPE A stays, too, whatever the server makes of such a file, until TYPE I.
		if r := t.Do(ctx, s, "TYPE A"); !r.Positive() {
			return
		}
		if before := t.Take(ctx, s, "RETR "+name); before.Err == nil && before.DataErr == nil && before.Final.Positive() {
			fetch(ctx, t, s, "LIST")
			t.ExpectContent(fetch(ctx, t, s, "RETR "+name), before.Data, "a file in TYPE A after LIST")
		}
		set(ctx, t, s, "TYPE I")
		t.ExpectContent(fetch(ctx, t, s, "RETR "+name), f.Content, "a file after TYPE A and TYPE I")
	},
}

// On hosts with bytes of 8 bits both are the same. A server that accepts it and
// goes on in ASCII is worse than one that refuses.
var localIsImage = spec.Requirement{
	ID:       "REP-013",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "After TYPE L 8 files are transferred as with TYPE I",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.1", "For an 8-bit byte machine, TYPE L 8 is equivalent to IMAGE."),
	},
	Needs: spec.Login | spec.File,
	Field: "Clients on hosts with other word sizes get binary files with CR inserted before every LF.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		if !bytes.Equal(fetch(ctx, t, s, "RETR "+f.Path), f.Content) {
			t.Skip("a file in TYPE I does not come as it is")
		}
		set(ctx, t, s, "TYPE A")
		set(ctx, t, s, "TYPE L 8")
		t.ExpectContent(t.Download(ctx, s, "RETR "+f.Path), f.Content, "a file after TYPE A and TYPE L 8")
	},
}

func withoutCR(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r"), nil) }

// set sends a command that sets a parameter. Whether it is accepted has
// requirements of its own.
func set(ctx context.Context, t *spec.T, s *probe.Session, line string) {
	if r := t.Do(ctx, s, line); !r.Positive() {
		t.Skip("%s is answered %s", line, r)
	}
}

// fetch is a transfer that others are compared with. Without it the check is skipped.
func fetch(ctx context.Context, t *spec.T, s *probe.Session, line string) []byte {
	m := t.Take(ctx, s, line)
	need(t, m)
	return m.Data
}

// put stores a file to look at afterwards.
func put(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) {
	need(t, t.Give(ctx, s, "STOR "+path, content))
}

// need skips the check when a transfer is not complete.
func need(t *spec.T, m spec.Moved) {
	t.Blame(m.Err)
	t.Blame(m.DataErr)
	if m.Err != nil || m.DataErr != nil || m.Opening.IsZero() || !m.Final.Positive() {
		verb, _, _ := strings.Cut(m.Command, " ")
		t.Skip("%s is not complete, which has requirements of its own: %s", verb, m.Final)
	}
}
