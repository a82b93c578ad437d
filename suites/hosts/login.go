package hosts

import (
	"context"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients of RFC 7151 send HOST to every server. Those that know of it have other
// requirements; the others have to bear it.
var withoutHOST = spec.Requirement{
	ID:       "HOST-001",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "A server without HOST says so with 500 or 502, and the login goes on",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.3", "The server-PI SHOULD return a 500 or 502 reply if the HOST command is unrecognized or unimplemented, as specified in [RFC959]."),
		spec.RFC(7151, "3.3", "The user-PI MAY then proceed to log in as if the HOST command had not been sent."),
	},
	Needs: spec.Credentials,
	Field: "Clients that send HOST before they log in cannot log in.",
	Alone: true, // a server may let a user in a few times at once only
	Check: func(ctx context.Context, t *spec.T) {
		s := dial(ctx, t, "")
		r := say(ctx, t, s, "ftp.example.com")
		switch {
		case r.Code == 220:
		case r.Positive():
			t.ExpectCode(r, 220)
		default:
			t.ExpectRefusal(r, 500, 502, 504, 530)
		}
		if r.Positive() || t.Has(ctx, "HOST") {
			t.Note("the server knows HOST: %s", r)
			return
		}
		r, err := enter(ctx, t, s)
		if hungUp(err) {
			t.Note("the server closes the connection after the error")
			return
		}
		expectLogin(ctx, t, r, err, "after HOST, which the server does not know")
	},
}

// The users and files of a host are chosen at login, and cannot be changed later.
var beforeLogin = spec.Requirement{
	ID:       "HOST-003",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "HOST after login is refused with 503",
	Cites: []spec.Citation{
		spec.RFC(7151, "3", "Server-FTP processes MUST treat a situation in which the HOST command is issued after the user has been authenticated as an erroneous sequence of commands and return a 503 reply."),
	},
	Needs:    spec.Login | spec.VHost,
	Features: []string{"HOST"},
	Field:    "A user of one host gets at the files of another without a login there.",
	Check: func(ctx context.Context, t *spec.T) {
		r := say(ctx, t, t.Login(ctx), t.Declared().Hosts[0])
		if r.Negative() && r.Code != 503 {
			t.Tolerate("reply code 503", r.String())
			return
		}
		t.ExpectRefusal(r, 503)
	},
}

// Who mistypes the host may name it again.
var lastCounts = spec.Requirement{
	ID:       "HOST-007",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "Of several HOST before login the last one counts",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.2.2", "If a user-PI sends an additional HOST command before attempting to authenticate the user, a server-FTP process MUST treat the additional HOST command as though a previous HOST command was not sent and return the appropriate reply for the new HOST command."),
	},
	Needs:     spec.VHosts | spec.Credentials,
	Features:  []string{"HOST"},
	BlockedBy: []*spec.Requirement{&anyCase},
	Field:     "Users log in at the wrong host, or not at all, when the client corrects the name.",
	Alone:     true, // a server may let a user in a few times at once only
	Check: func(ctx context.Context, t *spec.T) {
		first, last := t.Declared().Hosts[0], t.Declared().Hosts[1]
		s, r := choose(ctx, t, first, last)
		if !r.Positive() && s.TLS() == nil {
			t.Skip("HOST %s is answered %s", first, r)
		}
		r = say(ctx, t, s, last)
		if !r.Positive() {
			t.Fail("reply code 220 to HOST "+last+", after HOST "+first, r.String())
		}
		t.ExpectCode(r, 220)
		r, err := enter(ctx, t, s)
		if probe.CauseOf(err) == probe.Handshake {
			t.Skip("no TLS with the name of the host: %v", err)
		}
		expectLogin(ctx, t, r, err, "at the last host")
	},
}

// The client may not know that it asked for too much.
var afterError = spec.Requirement{
	ID:       "HOST-008",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "After HOST was refused the server goes on as if there had been none, or closes the connection",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.3", "In all such cases, the server-FTP process MUST do one of the following: a. Ignore the HOST command and act as if a HOST command had not been sent."),
		spec.RFC(7151, "3.3", "b. Close the connection."),
	},
	Needs:    spec.Credentials,
	Features: []string{"HOST"},
	Field:    "Clients that fall back to the default host cannot log in, or wait for a connection that nobody serves.",
	Alone:    true, // a server may let a user in a few times at once only
	Check: func(ctx context.Context, t *spec.T) {
		s := dial(ctx, t, "")
		if r := say(ctx, t, s, unknown); !r.Negative() {
			t.Skip("unknown names are accepted: %s", r)
		}
		r, err := enter(ctx, t, s)
		if hungUp(err) {
			t.Note("the server closes the connection after the error")
			return
		}
		expectLogin(ctx, t, r, err, "after HOST was refused")
	},
}

// Otherwise the certificate of one host vouches for another. No password is sent,
// so that the certificate need not be trusted.
var sameAsSNI = spec.Requirement{
	ID:       "HOST-009",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "HOST with another name than that of the TLS handshake is not accepted",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.2.2", `When the user-PI specifies the hostname in the "server_name" extension of a TLS extended client hello, the server-PI MUST verify that the hostname in the HOST command matches the value of the "server_name" extension.`),
	},
	Needs:     spec.TLS | spec.VHosts,
	Features:  []string{"HOST"},
	BlockedBy: []*spec.Requirement{&anyCase},
	Field:     "A client is shown the certificate of one host and talks to another.",
	Check: func(ctx context.Context, t *spec.T) {
		shown, other := t.Declared().Hosts[0], t.Declared().Hosts[1]
		d, target := t.With(func(d *probe.Dialer, _ *probe.Target) {
			name(d, shown)
			d.TLS.InsecureSkipVerify = true
		})
		s, err := d.Dial(ctx, target)
		if err == nil {
			t.Keep(s)
			if s.TLS() == nil {
				_, err = s.StartTLS(ctx)
			}
		}
		if err != nil {
			t.Blame(err)
			t.Skip("no TLS with the name of a virtual host: %v", err)
		}
		r, err := s.Do(ctx, "HOST "+other)
		if hungUp(err) {
			return
		}
		t.Expect(err).To(Not(HaveOccurred()), "a reply to HOST")
		t.ExpectRefusal(r, 504, 503)
	},
}

// A client that looks before it asks finds HOST in FEAT, or does not ask.
var announced = spec.Requirement{
	ID:       "HOST-010",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "A server that accepts HOST lists it in FEAT",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.4", `When replying to the FEAT command [RFC2389], a server-FTP process that supports the HOST command MUST include a line containing the single word "HOST".`),
	},
	Needs: spec.VHost | spec.Feat,
	Field: "Clients that look into FEAT first never ask for the host, and end up at the default one.",
	Check: func(ctx context.Context, t *spec.T) {
		host := t.Declared().Hosts[0]
		if _, r := choose(ctx, t, host, host); r.Code != 220 {
			t.Skip("HOST is not accepted: %s", r)
		}
		if !t.Has(ctx, "HOST") {
			t.Fail("HOST in the answer to FEAT", "an answer without it")
		}
	},
}

// REIN makes the session new: HOST may, and has to, be sent again.
var afterREIN = spec.Requirement{
	ID:       "HOST-011",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "After REIN a HOST is accepted again",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.2.1", "The effect of a HOST command MUST be reset if a REIN command is performed, and a new HOST command MUST be issued afterwards in order to connect to a virtual host."),
	},
	Needs:     spec.Login | spec.Rein | spec.VHost,
	Features:  []string{"HOST"},
	BlockedBy: []*spec.Requirement{&anyCase},
	Field:     "Clients that use one connection for several users cannot choose the host of the second one.",
	Check: func(ctx context.Context, t *spec.T) {
		begin := func() *probe.Session {
			s := t.Login(ctx)
			if s.TLS() != nil {
				t.Skip("REIN ends TLS, too (RFC 4217 §13)")
			}
			r := t.Do(ctx, s, "REIN")
			if r.Preliminary() {
				r = t.Receive(ctx, s, "the reply to REIN")
			}
			if !r.Positive() {
				t.Skip("REIN is answered %s", r)
			}
			return s
		}
		s := begin()
		if r := t.Do(ctx, s, "PWD"); r.Positive() {
			t.Skip("blocked by LOG-012: REIN leaves the user logged in: PWD is answered %s", r)
		}
		// Some servers end the session after such a PWD.
		r, err := s.Do(ctx, "HOST "+t.Declared().Hosts[0])
		if hungUp(err) {
			s = begin()
			r, err = s.Do(ctx, "HOST "+t.Declared().Hosts[0])
		}
		t.Expect(err).To(Not(HaveOccurred()), "a reply to HOST after REIN")
		t.ExpectCode(r, 220)
	},
}
