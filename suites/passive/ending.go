package passive

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// The text speaks of the data connection; that the listener goes with it follows,
// since nobody is left who could use it.
var closedAtTheEnd = spec.Requirement{
	ID:       "PASV-022",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "After QUIT or loss of the control connection the passive listener and any idle data connection are closed",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "The server MUST close the data connection under the following conditions:"),
		spec.RFC(959, "3.2", "4. The control connection is closed legally or otherwise."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Timeout:   4 * time.Minute,
	Field:     "Every client that leaves or crashes leaves a port and a descriptor behind, until none is left: the server works for a day and then takes no transfers any more.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		t.Sleep(ctx, noticing)
		// The client does not close anything by itself: what ends is the server's doing.
		// What it answers to QUIT has a requirement of its own.
		if _, err := s.Do(ctx, "QUIT"); err != nil {
			t.Blame(err)
		}
		abandoned(ctx, t, s, c, "QUIT")

		s = t.Login(ctx)
		c = t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		t.Sleep(ctx, noticing)
		// An answer that meets a closed socket has the kernel reset the connection,
		// as after a crash of the client.
		t.Expect(s.Send(ctx, "NOOP")).To(Succeed())
		s.Close()
		abandoned(ctx, t, s, c, "the loss of the control connection")

		forsaken(ctx, t, c.Addr().Addr(), "QUIT", func(s *probe.Session) {
			_, err := s.Quit(ctx)
			t.Blame(err)
		})
		forsaken(ctx, t, c.Addr().Addr(), "the loss of the control connection", (*probe.Session).Close)
	},
}

// forsaken expects that the ports of some sessions, to which nobody has connected,
// are closed after the end of those sessions. One of them may have gone to another
// client by then, but not all.
func forsaken(ctx context.Context, t *spec.T, host netip.Addr, what string, end func(*probe.Session)) {
	const sessions = 3
	ports := map[uint16]bool{}
	for range sessions {
		s := t.Login(ctx)
		ports[t.PASV(ctx, s).Advertised.Port] = true
		end(s)
	}
	if len(ports) < sessions {
		t.Note("after %s nothing is known of ports to which nobody has connected: the server has too few of them", what)
		return
	}
	patience := t.Shortened(30 * time.Second)
	enough := time.Now().Add(patience)
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	s, err := d.Dial(ctx, target)
	if err != nil {
		t.Blame(err)
		return
	}
	t.Keep(s)
	for {
		for port := range ports {
			again := reconnect(ctx, t, s, netip.AddrPortFrom(host, port))
			if again == nil || t.Watch(ctx, again, time.Second) != spec.Silent {
				delete(ports, port)
			}
			if again != nil {
				_ = again.Close()
			}
		}
		switch {
		case len(ports) < sessions:
			return
		case time.Now().After(enough):
			t.Fail("the passive ports of sessions to be closed after "+what, fmt.Sprintf("those of %d sessions are still open %s later", sessions, patience))
		}
		t.Sleep(ctx, time.Second)
	}
}

// noticing is the time a server has to accept a data connection before something
// happens to it: what it does when both come at once is a matter of chance.
const noticing = time.Second

// abandoned expects that the server closes c, an idle data connection, and its
// listener after the end of their session.
func abandoned(ctx context.Context, t *spec.T, s *probe.Session, c *probe.DataConn, what string) {
	defer c.Close()
	patience := t.Shortened(30 * time.Second)
	expected := "the end of the idle data connection after " + what
	switch t.Watch(ctx, c, patience) {
	case spec.Spoke:
		t.Fail(expected, "data on it")
	case spec.Silent:
		t.Fail(expected, fmt.Sprintf("it is still open %s later", patience))
	}
	again := reconnect(ctx, t, s, c.Addr())
	if again == nil {
		return
	}
	defer again.Close()
	// By now the port may be another session's, so that it is not held against
	// this one what happens there.
	if t.Watch(ctx, again, 2*time.Second) != spec.Ended {
		t.Note("after %s a new connection to the port is taken", what)
	}
}

// A client behind a closed firewall never gets its data connection through. It
// must learn that, and be able to try something else.
var absentConnection = spec.Requirement{
	ID:       "PASV-024",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "If the client never opens the data connection, the transfer command gets a negative final reply and the control connection stays usable",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "Certain commands require a second reply for which the user should also wait."),
		spec.RFC(959, "4.2.2", "425 Can't open data connection."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.File | spec.Slow,
	BlockedBy: []*spec.Requirement{&implemented},
	Timeout:   7 * time.Minute,
	Field:     "A client whose data connection a firewall eats hangs until its own timeout, and cannot fall back to another mode in the same session.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "accept_timeout=60"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "425, and a session that goes on"
		patience := t.Shortened(5 * time.Minute)
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		t.PASV(ctx, s)
		t.Expect(s.Send(ctx, "RETR "+f.Path)).To(Succeed())
		r := await(ctx, t, s, patience)
		switch {
		case r.IsZero():
			t.Warn(expected, "no final reply within "+patience.String())
		case !r.Negative():
			t.Fail(expected, r.String())
		case r.Code != 425:
			t.Tolerate(expected, r.String())
		}
		line, code := t.Ping(ctx)
		next, err := s.Do(ctx, line)
		if err != nil {
			t.Blame(err)
			if r.Code == 421 {
				t.Warn(expected, r.String()+", and the end of the session")
			}
			t.Fail(expected, fmt.Sprintf("%s, then no reply to %s: %v", r, line, err))
		}
		t.ExpectCode(next, code)
	},
}

// A client that was interrupted has closed its end before the command is out.
var closedBefore = spec.Requirement{
	ID:       "PASV-025",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A data connection that the client closes before the transfer command leads to a final reply and not to a hang",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "Certain commands require a second reply for which the user should also wait."),
		spec.RFC(959, "4.2.2", "426 Connection closed; transfer aborted."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.BigFile,
	BlockedBy: slices.Concat(transfer.Downloads, []*spec.Requirement{&earlyConnection}),
	Alone:     true,
	Timeout:   4 * time.Minute,
	Field:     "After an interruption the session is dead: the client waits for a reply that never comes, and has to log in anew.",
	Check: func(ctx context.Context, t *spec.T) {
		patience := t.Shortened(minute)
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		if s.Protected() {
			// Under TLS it would be a handshake that fails, which has a requirement
			// of its own.
			if r := t.Do(ctx, s, "PROT C"); !r.Positive() {
				t.Skip("the data connection has to be protected: %s", r)
			}
		}
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		_ = c.Close()
		t.Sleep(ctx, time.Second) // it has seen that by then
		t.Expect(s.Send(ctx, "RETR "+f.Path)).To(Succeed())
		switch r := await(ctx, t, s, patience); {
		case r.IsZero():
			hanging(ctx, t, s, c.Addr(), patience)
		case r.Positive():
			t.ExpectCode(r, 226, 250)
		default:
			t.ExpectRefusal(r, 425, 426, 451)
		}
		t.Alive(ctx, s)
	},
}

// hanging ends a check in which no final reply has come. The server may have
// seen the end of the data connection before the command came, and wait for
// another one: that is its right. It is not waiting when its port is closed, or
// when it answers the next command.
func hanging(ctx context.Context, t *spec.T, s *probe.Session, at netip.AddrPort, patience time.Duration) {
	const expected = "a final reply to RETR"
	const hearing = 5 * time.Second
	c := reconnect(ctx, t, s, at)
	if c == nil {
		t.Fail(expected, fmt.Sprintf("none within %s, and the port is closed", patience))
	}
	defer c.Close()
	if t.Watch(ctx, c, hearing) == spec.Spoke {
		t.Skip("the server waits for another data connection")
	}
	strays := len(s.Stray())
	short, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	// One of the two commands is answered, and which one cannot be told.
	r, err := s.Do(short, "NOOP")
	if late := s.Stray()[strays:]; err != nil && len(late) > 0 {
		r = late[len(late)-1]
	}
	if !r.IsZero() {
		t.Fail(expected, fmt.Sprintf("none within %s; then NOOP, and as the only answer to both %s", patience, r))
	}
	t.Inconclusive("no final reply to RETR within %s, but the port is open", patience)
}
