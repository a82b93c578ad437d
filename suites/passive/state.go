package passive

import (
	"bytes"
	"context"
	"net/netip"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// RFC 959 lets a server try the default data port when nobody has named another
// one, so a 1yz may come before the failure. But an end there must be.
var noneInEffect = spec.Requirement{
	ID:       "PASV-015",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A transfer command with neither PASV nor EPSV in effect ends with a negative reply and does not hang",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "As such, the user issues an FTP command and the server responds with a prompt primary reply."),
		spec.RFC(959, "5.4", "Certain commands require a second reply for which the user should also wait."),
		spec.RFC(959, "4.2.2", "425 Can't open data connection."),
	},
	Needs:   spec.Login,
	Takes:   2 * time.Minute,
	Timeout: 3 * time.Minute,
	Field:   "Clients whose PASV was lost or refused wait for data that never come, and users for a client that says nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "425, no data connection"
		patience := t.Shortened(2 * time.Minute)
		s := t.Login(ctx)
		r := unaided(ctx, t, s, "LIST", patience)
		if transferred(r) {
			// The server may try the default data port, which has the number of the
			// control connection's (RFC 959 §3.2), and somebody else may listen there.
			t.Note("LIST is answered %s; in another session, which has another port:", r)
			s = t.Login(ctx)
			r = unaided(ctx, t, s, "LIST", patience)
		}
		switch {
		case r.IsZero():
			t.Warn(expected, "no final reply within "+patience.String())
		case transferred(r):
			t.Fail(expected, r.String())
		case r.Code != 425:
			t.Tolerate(expected, r.String())
		}
		// How the session goes on is of no matter here.
		if s.Send(ctx, "NLST") == nil {
			if r, err := s.Complete(ctx); err == nil && transferred(r) {
				if r = unaided(ctx, t, t.Login(ctx), "NLST", t.Shortened(minute)); transferred(r) {
					t.Fail(expected+", to NLST, too", r.String())
				}
			}
		}
		if s.Peer().Addr().Is4() {
			afterTransfer(ctx, t)
		}
	},
}

// unaided is the final reply to a transfer command for which there is no data
// connection, zero when there is none within d.
func unaided(ctx context.Context, t *spec.T, s *probe.Session, verb string, d time.Duration) probe.Reply {
	t.Expect(s.Send(ctx, verb)).To(Succeed())
	return await(ctx, t, s, d)
}

// transferred tells a final reply that promises that everything is done.
func transferred(r probe.Reply) bool { return !r.IsZero() && !r.Negative() }

// afterTransfer notes what a second transfer command after one PASV brings. RFC
// 959 §4.1.2 has a server remember its parameters, so it may wait for a client
// at the old port.
func afterTransfer(ctx context.Context, t *spec.T) {
	s := t.Login(ctx)
	o, err := s.PASV(ctx)
	if err != nil {
		return
	}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		return
	}
	if m := t.TakeOn(ctx, s, c, "LIST"); m.Err != nil || !m.Final.Positive() {
		return
	}
	if s.Send(ctx, "LIST") != nil {
		return
	}
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if r, err := s.Complete(short); err == nil {
		t.Note("after a passive transfer LIST without a new PASV is answered %s", r)
	} else {
		t.Note("after a passive transfer LIST without a new PASV waits")
	}
}

// await is the final reply to a transfer command whose 1yz reply may still be
// due; zero when there is none within d.
func await(ctx context.Context, t *spec.T, s *probe.Session, d time.Duration) probe.Reply {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		switch r, err := s.Complete(wait); {
		case err == nil:
			return r
		case wait.Err() != nil:
			if ctx.Err() != nil {
				t.Inconclusive("%v", ctx.Err())
			}
			return probe.Reply{}
		case probe.CauseOf(err) != probe.Stalled:
			t.Blame(err)
			t.Fail("a final reply", err.Error())
		}
	}
}

// Some clients send PASV with an argument by mistake. Either answer is fine, as
// long as there is one.
var superfluousArgument = spec.Requirement{
	ID:       "PASV-016",
	Level:    report.May,
	Severity: report.Minor,
	Title:    "PASV with a superfluous argument is either refused with 501 or 500, or treated as PASV",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3.1", "PASV <CRLF>"),
		spec.RFC(959, "4.2.1", "501 Syntax error in parameters or arguments."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "A server that drops the session over it looks like a broken network to the client.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := t.Do(ctx, s, "PASV x")
		if r.Positive() {
			t.ExpectCode(r, 227)
		} else {
			t.ExpectRefusal(r, 500, 501)
		}
		t.Record("PASV x is answered %s", r)
	},
}

// Whoever may not see a file may not have a port opened on the server either:
// ports are few, and anybody could use them up.
var onlyAfterLogin = spec.Requirement{
	ID:       "PASV-017",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "PASV before login is refused and opens no listener",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "The user identification is that which is required by the server for access to its file system."),
		spec.RFC(959, "4.2.2", "530 Not logged in."),
	},
	Field: "Anybody can use up the passive ports without an account, and the users of the server get no data connections any more.",
	Check: func(ctx context.Context, t *spec.T) {
		t.ExpectRefusal(t.Do(ctx, t.Dial(ctx), "PASV"), 530)
	},
}

// Between PASV and the transfer command clients set the type and the restart
// point, ask for the size, and keep the session alive.
var outlastsCommands = spec.Requirement{
	ID:       "PASV-018",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Other commands between PASV and the transfer command do not cancel the passive state",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `This implies that the server must "remember" the applicable default values. The commands may be in any order except that they must precede the FTP service request.`),
	},
	Needs:     spec.Login | spec.IPv4 | spec.File,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Field:     "Clients that send TYPE, SIZE or REST after PASV, as many downloaders do, get 425 for every file.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		sound(ctx, t, s, f)
		o := t.PASV(ctx, s)
		commands := []string{"NOOP", "PWD", "SYST", "STAT", "HELP", "FEAT", "MODE S", "STRU F"}
		if t.Has(ctx, "SIZE") {
			commands = append(commands, "SIZE "+f.Path)
		}
		if t.Has(ctx, "MDTM") {
			commands = append(commands, "MDTM "+f.Path)
		}
		commands = append(commands, "CWD .", "TYPE A", "TYPE I")
		if t.Has(ctx, "REST STREAM") {
			commands = append(commands, "REST 0")
		}
		for _, command := range commands {
			// What they answer is judged elsewhere.
			t.Do(ctx, s, command)
		}
		c, err := t.DialData(ctx, s, o)
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the port of the PASV")
		m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, f.Content, "RETR with other commands after PASV")

		// A command that is refused changes nothing either, if it does not end the session.
		o = t.PASV(ctx, s)
		for _, command := range []string{"XYZZ", "RNFR " + f.Path + "-missing"} {
			if r, err := s.Do(ctx, command); err != nil || r.Code == 421 {
				return
			}
		}
		if r, err := s.Do(ctx, "NOOP"); err != nil || !r.Positive() {
			return
		}
		c, err = t.DialData(ctx, s, o)
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the port of the PASV after commands that were refused")
		m = t.TakeOn(ctx, s, c, "RETR "+f.Path)
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, f.Content, "RETR after PASV and commands that were refused")
	},
}

// sound skips the check when a plain download does not bring the file either:
// that has requirements of its own.
func sound(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture) {
	m := t.TakeOn(ctx, s, t.Connect(ctx, s, t.PASV(ctx, s), &listening), "RETR "+f.Path)
	switch {
	case m.Err != nil:
		t.Skip("a plain RETR brings no reply: %v", m.Err)
	case m.DataErr != nil || !m.Final.Positive():
		t.Skip("a plain RETR does not come to its end: %s", m.Final)
	case !bytes.Equal(m.Data, f.Content):
		t.Skip("a plain RETR does not bring the file as it is")
	}
}

// ABOR is how a client gives a port back that it does not want. RFC 959 has a
// server do nothing when no transfer runs, so that this is practice.
var aborCancels = spec.Requirement{
	ID:       "PASV-023",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "ABOR without a transfer cancels the passive state",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "If the server returns a protocol that is not supported by the host that will be connecting to the port, the client MUST issue an ABOR (abort) command to allow the server to close down the listening connection."),
		spec.RFC(959, "4.1.3", "In the first case, the server closes the data connection (if it is open) and responds with a 226 reply, indicating that the abort command was successfully processed."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Field:     "A client that gives up a passive port keeps one of the server's few ports busy until it asks for the next one or leaves.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		host := reachable(ctx, t)
		o := t.PASV(ctx, s)
		r := t.Do(ctx, s, "ABOR")
		t.Unsupported(r, "ABOR")
		if !r.Positive() {
			t.Skip("ABOR without a transfer is answered %s", r)
		}
		t.ExpectCode(r, 225, 226)
		c := reconnect(ctx, t, s, netip.AddrPortFrom(host, o.Advertised.Port))
		if c == nil {
			return
		}
		if t.Watch(ctx, c, time.Second) == spec.Ended {
			_ = c.Close()
			return
		}
		switch m := t.TakeOn(ctx, s, c, "LIST"); {
		case len(m.Data) > 0 || m.Final.Positive():
			t.Warn("neither a port nor a transfer after ABOR", "LIST still works without a new PASV")
		case m.Err != nil:
			t.Inconclusive("LIST after ABOR is not answered: %v", m.Err)
		}
	},
}
