package login

import (
	"context"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// What needs a file system, or a port, is for users. The names are those of the
// run's own directories, which exist nowhere: a server that obeys does no harm,
// and what it makes is found by the next run's cleaning.
var locked = spec.Requirement{
	ID:       "LOG-006",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Commands that touch files, directories or data connections are refused before login",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.2", "530 Not logged in."),
		spec.RFC(959, "4.1.1", "The user identification is that which is required by the server for access to its file system."),
	},
	Field: "Files are read, changed or deleted by anybody who can connect; passive ports are used up by them.",
	Check: func(ctx context.Context, t *spec.T) {
		nowhere := spec.Workplace + random()
		refused(ctx, t, "before login", func() *probe.Session { return t.Dial(ctx) }, []string{
			"PASV", "EPSV", "CWD /", "CDUP", "LIST", "NLST", "MLSD", "MLST", "SIZE " + nowhere, "MDTM " + nowhere,
			"RETR " + nowhere, "STOR " + nowhere, "APPE " + nowhere, "DELE " + nowhere, "RMD " + nowhere, "MKD " + nowhere, "RNFR " + nowhere,
			"XCWD /", "XMKD " + nowhere, "XRMD " + nowhere,
		})
		// Whoever has only said who he is has not shown it yet.
		named := func() *probe.Session {
			s := t.Dial(ctx)
			if r, err := s.Do(ctx, "USER "+name(t)); err != nil || r.Code != 331 {
				return nil
			}
			return s
		}
		refused(ctx, t, "before the password", named, []string{"PASV", "CWD /", "LIST", "MLST", "RETR " + nowhere, "STOR " + nowhere, "MKD " + nowhere})
	},
}

// refused expects that commands are refused in a session that begin opens; nil when it
// is none of the kind that is asked for.
func refused(ctx context.Context, t *spec.T, when string, begin func() *probe.Session, lines []string) {
	s, used := begin(), false
	for _, line := range lines {
		if s == nil {
			return
		}
		r, err := s.Do(ctx, line)
		if hungUp(err) && used {
			// Some servers have patience for a few commands only.
			if s = begin(); s == nil {
				return
			}
			r, err = s.Do(ctx, line)
		}
		t.Expect(err).To(noError, "a reply to %s %s", line, when)
		used = true
		if verb, name, _ := strings.Cut(line, " "); strings.HasSuffix(verb, "MKD") && r.Positive() {
			_, _ = s.Do(ctx, "RMD "+name)
		}
		if !r.Negative() {
			t.Fail(line+" to be refused "+when+", reply code 530", r.String())
		}
		t.ExpectRefusal(r, 530)
	}
}

// A user who cannot log in is the one who needs help.
var earlyHelp = spec.Requirement{
	ID:       "LOG-007",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "HELP is answered before USER",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "It is suggested that HELP be allowed before entering a USER command."),
	},
	Field: "People at a prompt, and tools that recognise servers by their HELP, learn nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Dial(ctx), "HELP")
		if unknown(r) {
			if after := t.Do(ctx, t.Login(ctx), "HELP"); unknown(after) {
				t.Skip("HELP is not implemented at all: %s", after)
			}
		}
		t.ExpectCode(r, 211, 214)
	},
}

func unknown(r probe.Reply) bool { return r.Code == 500 || r.Code == 502 }

// NOOP asks for nothing and gives nothing away.
var earlyNoop = spec.Requirement{
	ID:       "LOG-008",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "NOOP before login is answered with 200",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "NOOP 200 500 421"),
		spec.RFC(959, "4.1.3", "It specifies no action other than that the server send an OK reply."),
	},
	Field: "Monitors and load balancers that look whether the server is alive, without an account, think that it is not.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Dial(ctx), "NOOP")
		if unknown(r) {
			if after := t.Do(ctx, t.Login(ctx), "NOOP"); unknown(after) {
				t.Skip("NOOP is not implemented at all, which INFO-006 judges: %s", after)
			}
		}
		t.ExpectCode(r, 200)
	},
}
