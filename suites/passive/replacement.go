package passive

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Checks that connect to a port which was given up are alone: the port may have
// gone to another check's session by then, whose data they would take.

// A client that asks again, after a failed try for instance, has forgotten the
// first port. Data that go there are lost, or somebody else's.
var newReplacesOld = spec.Requirement{
	ID:       "PASV-012",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A new PASV replaces the old one: the old port is no longer served and an unused data connection to it is closed",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "The server MUST close the data connection under the following conditions:"),
		spec.RFC(959, "3.2", "3. The port specification is changed by a command from the user."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Field:     "After a retry the data go to a connection that the client no longer reads: the transfer hangs, and the forgotten listener can serve somebody else.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		old := t.PASV(ctx, s)
		c1 := t.Connect(ctx, s, old, &listening)
		defer c1.Close()
		o := t.PASV(ctx, s)
		if o.Advertised == old.Advertised {
			samePort(ctx, t, s, c1, o)
			t.Skip("the server announces the same port again, so old and new cannot be told apart")
		}
		c2, err := t.DialData(ctx, s, o)
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the second port")
		defer c2.Close()

		reply, err := s.Do(ctx, "LIST")
		t.Expect(err).NotTo(HaveOccurred(), "reply to LIST")
		t.ExpectCode(reply, 125, 150)
		open := unserved(ctx, t, c1, "the connection to the old port")
		t.Listing(ctx, s, c2)

		if again := reconnect(ctx, t, s, c1.Addr()); again != nil {
			defer again.Close()
			unserved(ctx, t, again, "a new connection to the old port")
		} else if open {
			released(ctx, t, s, c1)
		}
	},
}

// samePort looks where a transfer goes when a second PASV has announced the port of
// the first one, to which c1 is connected: who asks anew connects anew. No text says
// that a port which stays the same has been changed.
func samePort(ctx context.Context, t *spec.T, s *probe.Session, c1 *probe.DataConn, o probe.Offer) {
	c2, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
		return
	}
	defer c2.Close()
	if r := t.Do(ctx, s, "LIST"); !r.Preliminary() || s.Protected() {
		return
	}
	if t.Watch(ctx, c1, 2*time.Second) == spec.Spoke {
		t.Warn("the listing on the connection that was made after the second PASV", "data on the one that was made before it; both have the same port")
	}
}

// released expects that the server closes c, an unused data connection whose port is
// closed already: it does not lie in the backlog then, the server has it. Where the
// port only does not answer any more nothing is known.
func released(ctx context.Context, t *spec.T, s *probe.Session, c *probe.DataConn) {
	patience := t.Shortened(30 * time.Second)
	if t.Watch(ctx, c, patience) != spec.Silent {
		return
	}
	again, err := s.DialData(ctx, c.Addr())
	if err == nil {
		_ = again.Close()
		return
	}
	t.Blame(err)
	if probe.CauseOf(err) == probe.Refused {
		t.Fail("the end of an unused data connection after another PASV", fmt.Sprintf("it is still open %s after the transfer, and its port is closed", patience))
	}
}

// unserved expects that no data come on c. That it stays open proves nothing
// (it may lie in the backlog of the kernel), so it is only noted.
func unserved(ctx context.Context, t *spec.T, c *probe.DataConn, what string) (open bool) {
	const patience = 2 * time.Second
	switch t.Watch(ctx, c, patience) {
	case spec.Spoke:
		t.Fail("no data on "+what, fmt.Sprintf("data from %s", c.Addr()))
	case spec.Silent:
		t.Note("%s stays open and silent", what)
		return true
	}
	return false
}

// reconnect connects to a place that was announced earlier; nil when nobody
// listens there any longer. Where a filter drops what goes to closed ports, no
// answer for a while is as good as a refusal.
func reconnect(ctx context.Context, t *spec.T, s *probe.Session, at netip.AddrPort) *probe.DataConn {
	const patience = 5 * time.Second
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := s.DialData(short, at)
	if err != nil {
		t.Blame(err)
		return nil
	}
	return c
}

// reachable is the address at which the passive ports of the server answer: the
// announced one or, where that does not, the control connection's. It is found
// out in a session of its own.
func reachable(ctx context.Context, t *spec.T) netip.Addr {
	s := t.Login(ctx)
	c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
	_ = c.Close()
	if _, err := s.Quit(ctx); err != nil {
		t.Blame(err)
	}
	return c.Addr().Addr()
}

// Clients that fall back from active to passive mode in one session send PASV
// after PORT.
var replacesPort = spec.Requirement{
	ID:       "PASV-013",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "PASV after PORT switches back to passive mode: data go over the passive connection",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "3. The port specification is changed by a command from the user."),
		spec.RFC(959, "4.1.2", `This command requests the server-DTP to "listen" on a data port (which is not its default data port) and to wait for a connection rather than initiate one upon receipt of a transfer command.`),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Takes:     2 * time.Second,
	Field:     "Clients that try active mode first and fall back to passive mode, such as those with an \"auto\" setting, hang: the server connects to a port that nobody watches any more.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		l, err := s.PORT(ctx)
		if probe.CauseOf(err) == probe.Refusal {
			t.Skip("PORT is refused: %s", s.Last())
		}
		t.Expect(err).NotTo(HaveOccurred(), "reply to PORT")
		defer l.Close()
		c, err := t.DialData(ctx, s, t.PASV(ctx, s))
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the port of a PASV after PORT")
		defer c.Close()

		reply := t.Do(ctx, s, "LIST")
		t.ExpectCode(reply, 125, 150)
		// A server that connects out on PORT already, before it knows of the PASV,
		// does no harm.
		short, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if incoming, err := l.Accept(short); err == nil {
			defer incoming.Close()
			if t.Watch(ctx, incoming, 2*time.Second) == spec.Spoke {
				t.Fail("data on the passive connection", "data on a connection that the server opened to the port of the PORT before")
			}
			t.Note("the server connects to the port of the PORT, and sends nothing there")
		}
		t.Listing(ctx, s, c)
	},
}

// A port that goes on serving after its transfer gives the next file to whoever
// comes first.
var oneTransfer = spec.Requirement{
	ID:       "PASV-014",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "A passive port serves exactly one transfer",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.6", "a new PASV command MUST be issued before each transfer command, to obtain a unique port pair."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Timeout:   3 * time.Minute,
	Field:     "Ports are used up sooner than they have to be, and a late or foreign connection to an old port gets data that are not meant for it.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		t.List(ctx, s, c)

		again := reconnect(ctx, t, s, c.Addr())
		if again == nil {
			return
		}
		defer again.Close()
		const expected = "a port that serves nobody after its transfer"
		state := t.Watch(ctx, again, 2*time.Second)
		if state == spec.Spoke {
			t.Fail(expected, fmt.Sprintf("data on a second connection to %s", c.Addr()))
		}
		t.List(ctx, s, t.Connect(ctx, s, t.PASV(ctx, s), &listening))
		if state == spec.Silent {
			gone(ctx, t, s, again, expected)
		}
	},
}

// gone expects that the server lets go of c, which it does not serve, after a
// new PASV of the session.
func gone(ctx context.Context, t *spec.T, s *probe.Session, c *probe.DataConn, expected string) {
	patience := t.Shortened(30 * time.Second)
	switch t.Watch(ctx, c, patience) {
	case spec.Spoke:
		t.Fail(expected, fmt.Sprintf("data on a second connection to %s", c.Addr()))
	case spec.Silent:
		seen := fmt.Sprintf("a second connection to %s is still open %s after the next PASV", c.Addr(), patience)
		if s.Protected() {
			// Whoever accepts it may be waiting for its TLS, and nothing else.
			t.Note("%s", seen)
			return
		}
		t.Fail(expected, seen)
	}
}
