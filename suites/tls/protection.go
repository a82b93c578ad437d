package tls

import (
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// There is nothing yet that data connections could be protected with.
var protClear = spec.Requirement{
	ID:       "TLS-007",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "PBSZ and PROT are refused while the control connection is in clear text",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "If the server has not completed a security data exchange with the client, it should respond with a 503 reply code."),
		spec.RFC(4217, "9", "there is no facility for securing the Data connection with an insecure Control connection."),
	},
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "A client believes its data protected while anybody on the way can turn the protection off again.",
	Check: func(ctx context.Context, t *spec.T) {
		if t.Target().Security == probe.Implicit {
			t.Record("not judged: the target has TLS from the first octet")
		}
		judge := func(s *probe.Session) (again bool) {
			for _, line := range []string{"PBSZ 0", "PROT P"} {
				expected := line + " without TLS to be refused, reply code 503"
				switch r := t.Do(ctx, s, line); r.Code {
				case 503:
				case 530, 500, 502, 533, 536:
					again = again || r.Code == 530
					t.Tolerate(expected, r.String())
				default:
					if !r.Negative() {
						t.Fail(expected, r.String())
					}
					t.ExpectRefusal(r, 503)
				}
			}
			return again
		}
		if judge(t.DialClear(ctx)) && t.Target().Security == probe.Plain {
			judge(t.Login(ctx)) // 530 was about the login
		}
	},
}

// Nearly every server goes without; clients must not.
var protFirst = spec.Requirement{
	ID:       "TLS-008",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "PROT is refused with 503 when no PBSZ was sent before",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "The PROT command will be rejected and the server should reply 503 if no previous PBSZ command was issued."),
		spec.RFC(4217, "9", "the PROT command MUST be preceded by a PBSZ command"),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate},
	Field:     "None for clients that send PBSZ 0, as all have to.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "PROT without PBSZ to be refused, reply code 503"
		switch r := allowed(ctx, t, handshaken(ctx, t), "PROT P", 530); {
		case r.Positive():
			t.Warn(expected, r.String())
		case !r.Negative():
			t.Fail(expected, r.String())
		default:
			t.ExpectRefusal(r, 503)
		}
	},
}

// Two lines that every client with TLS sends.
var protPrivate = spec.Requirement{
	ID:       "TLS-009",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "PBSZ 0 and PROT P under TLS are answered 200",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "Otherwise, the server must reply with a 200 reply code."),
		spec.RFC(4217, "9", "Thus, the PBSZ command MUST still be issued, but must have a parameter of '0' to indicate that no buffering is taking place"),
		spec.RFC(2228, "3", "Otherwise, the server must reply with a 200 reply code to indicate that the specified protection level is accepted."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Clients that want their data protected give up; others go on with data in clear text.",
	Check: func(ctx context.Context, t *spec.T) {
		s := handshaken(ctx, t)
		t.ExpectCode(allowed(ctx, t, s, "PBSZ 0", 503, 530), 200)
		r := t.Do(ctx, s, "PROT P")
		if r.Code == 503 || r.Code == 530 {
			// A login may have done away with the PBSZ before it.
			login(ctx, t, s)
			t.ExpectCode(t.Do(ctx, s, "PBSZ 0"), 200)
			r = t.Do(ctx, s, "PROT P")
		}
		if r.Code == 534 {
			// RFC 4217 §10.2, view 1: a server may have no encryption of data at all.
			t.Note("protected data connections are against the policy of the server: %s", r)
			return
		}
		t.ExpectCode(r, 200)
	},
}

// TLS knows two levels. A server that says yes to another one has to mean it.
var protLevels = spec.Requirement{
	ID:       "TLS-010",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "PROT S and PROT E are refused with 536, unknown levels with 504; PROT C is accepted, or refused with 534",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "If the server does not understand the specified protection level, it should respond with reply code 504. If the current security mechanism does not support the specified protection level, the server should respond with reply code 536."),
		spec.RFC(2228, "3", "If the server is not willing to accept the specified protection level, it should respond with reply code 534."),
		spec.RFC(4217, "9", "only Private (use TLS) and Clear (don't use TLS) are used."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Field:     "A client that asks for a level the server does not have takes its data for protected in a way that they are not.",
	Check: func(ctx context.Context, t *spec.T) {
		s := private(ctx, t)
		for _, level := range []struct {
			line string
			code int
		}{{"PROT S", 536}, {"PROT E", 536}, {"PROT X", 504}} {
			line, code := level.line, level.code
			expected := fmt.Sprintf("%s to be refused, reply code %d", line, code)
			switch r := t.Do(ctx, s, line); {
			case r.Code == code:
			case r.Negative():
				t.Tolerate(expected, r.String())
			case line == "PROT X", !r.Positive():
				t.Fail(expected, r.String())
			default:
				// More protection than was asked for is reasonable (RFC 2228 §3).
				privateListing(ctx, t, s, dial(ctx, t, s, ask(ctx, t, s)), hearing, line+" is answered "+r.String())
				t.Tolerate(expected, r.String()+", and data under TLS")
			}
			t.Do(ctx, s, "PROT P")
		}
		switch r := t.Do(ctx, s, "PROT C"); {
		case r.Code == 534:
		case r.Negative():
			t.Tolerate("PROT C to be accepted, or refused with 534", r.String())
		default:
			t.ExpectCode(r, 200)
		}
	},
}

// Clients that know AUTH and no PROT want no more than their password protected.
var clearByDefault = spec.Requirement{
	ID:       "TLS-011",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Without PROT data connections are in clear text",
	Cites: []spec.Citation{
		spec.RFC(4217, "9", "The initial state of the data connection MUST be 'Clear' (this is the behaviour as indicated by [RFC-2228])."),
		spec.RFC(2228, "3", "The default protection level if no other level is specified is Clear."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Clients that protect the control connection only have transfers that hang until a timeout.",
	Check: func(ctx context.Context, t *spec.T) {
		if t.Target().Security == probe.Implicit {
			// No RFC has TLS from the first octet, and none says what holds for data then.
			t.Record("not judged: the target has TLS from the first octet")
		}
		s := entered(ctx, t)
		_, r := clearListing(ctx, t, s, dial(ctx, t, s, ask(ctx, t, s)), "without PROT")
		if r.Negative() {
			t.ExpectRefusal(r, 521, 522, 534)
			t.Note("the policy of the server: %s", r)
			return
		}
		t.ExpectCode(r, 226, 250)
	},
}

// "even straight after a PORT or PASV command", says the text.
var protAnyTime = spec.Requirement{
	ID:       "TLS-013",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "PROT can change the protection at any time, also between PASV and the transfer command, and holds until it is changed",
	Cites: []spec.Citation{
		spec.RFC(4217, "8", "This data channel protection negotiation can happen at any point in the session (even straight after a PORT or PASV command) and as often as is required."),
		spec.RFC(4217, "9", "the security of subsequent data connections MUST be at that level until another PROT command is issued and accepted"),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &clearByDefault, &everyTransfer},
	Takes:     2 * time.Second,
	Field:     "Clients that protect listings and not files, or the other way round, wait for a handshake that never comes, or have data in clear text that they take for protected.",
	Check: func(ctx context.Context, t *spec.T) {
		s := handshaken(ctx, t)
		t.Do(ctx, s, "PBSZ 0")
		early := t.Do(ctx, s, "PROT P")
		login(ctx, t, s)
		// The connection is made only when PROT was answered: RFC 4217 §9 speaks of
		// subsequent data connections.
		change := func(line string) (*probe.DataConn, bool) {
			o := ask(ctx, t, s)
			if r := t.Do(ctx, s, line); !r.Positive() {
				t.Note("%s is answered %s", line, r)
				return nil, false
			}
			return dial(ctx, t, s, o), true
		}
		held := func() *probe.DataConn { return dial(ctx, t, s, ask(ctx, t, s)) }
		inPrivate := func(c *probe.DataConn, when string) { privateListing(ctx, t, s, c, glance, when) }
		openly := func(c *probe.DataConn, when string) {
			if _, r := clearListing(ctx, t, s, c, when); r.Negative() {
				t.Note("%s: LIST is refused: %s", when, r)
			}
		}
		if early.Positive() {
			// RFC 4217 §12 has PROT before USER.
			inPrivate(held(), "PROT P before the login")
		}
		t.Do(ctx, s, "PBSZ 0")
		if c, ok := change("PROT P"); ok {
			inPrivate(c, "PROT P between PASV and LIST")
			missing := take(ctx, s, held(), "RETR pasv-no-such-file", true)
			if missing.Err != nil {
				t.Blame(missing.Err)
				t.Skip("RETR of a file that is not there: %v", missing.Err)
			}
			inPrivate(held(), "LIST after PROT P and a RETR that was answered "+missing.Final.String())
		}
		if c, ok := change("PROT C"); ok {
			openly(c, "PROT C between PASV and LIST")
			openly(held(), "the second LIST after PROT C")
			if c, ok := change("PROT P"); ok {
				inPrivate(c, "PROT P after PROT C, between PASV and LIST")
				inPrivate(held(), "the last LIST after PROT P")
			}
		}
	},
}

// What was refused has not happened.
var protRefused = spec.Requirement{
	ID:       "TLS-028",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A PROT that is refused leaves the protection as it is",
	Cites: []spec.Citation{
		spec.RFC(4217, "9", "Once a PROT command has been issued by the client and accepted by the server returning the '200' reply, the security of subsequent data connections MUST be at that level until another PROT command is issued and accepted"),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Takes:     5 * time.Second,
	Field:     "A client that was refused a change goes on as before; its data go over the wire in clear text, or it waits for a handshake.",
	Check: func(ctx context.Context, t *spec.T) {
		judged := false
		for _, line := range []string{"PROT X", "PROT", "PROT S", "PROT C"} {
			s := private(ctx, t)
			r := t.Do(ctx, s, line)
			if !r.Negative() {
				t.Note("%s is answered %s", line, r)
				continue
			}
			judged = true
			wait := hearing
			if line != "PROT X" {
				wait = glance // the handshake finds out, too
			}
			privateListing(ctx, t, s, dial(ctx, t, s, ask(ctx, t, s)), wait, fmt.Sprintf("after %s was refused (%s)", line, r))
		}
		if !judged {
			t.Skip("nothing is refused")
		}
	},
}
