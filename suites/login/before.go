package login

import (
	"context"

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
		name := spec.Workplace + random()
		s, used := t.Dial(ctx), false
		for _, line := range []string{
			"PASV", "EPSV", "CWD /", "CDUP", "LIST", "NLST", "MLSD", "MLST", "SIZE " + name, "MDTM " + name,
			"RETR " + name, "STOR " + name, "APPE " + name, "DELE " + name, "RMD " + name, "MKD " + name, "RNFR " + name,
		} {
			r, err := s.Do(ctx, line)
			if hungUp(err) && used {
				// Some servers have patience for a few commands only.
				s = t.Dial(ctx)
				r, err = s.Do(ctx, line)
			}
			t.Expect(err).To(noError, "a reply to %s before login", line)
			used = true
			if line == "MKD "+name && r.Positive() {
				_, _ = s.Do(ctx, "RMD "+name)
			}
			if !r.Negative() {
				t.Fail(line+" to be refused before login, reply code 530", r.String())
			}
			t.ExpectRefusal(r, 530)
		}
	},
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
		t.ExpectCode(t.Do(ctx, t.Dial(ctx), "NOOP"), 200)
	},
}
