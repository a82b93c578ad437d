package passive

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients connect before or after they send the transfer command; a server has
// to take both. This is the order that most of them use.
var earlyConnection = spec.Requirement{
	ID:       "PASV-009",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A transfer works when the data connection is opened before the transfer command",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `This command requests the server-DTP to "listen" on a data port (which is not its default data port) and to wait for a connection rather than initiate one upon receipt of a transfer command.`),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&listening},
	Field:     "Most clients connect first and send the command then: all their transfers fail.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		t.Sleep(ctx, time.Second)
		t.List(ctx, s, c)
	},
}

// The other order, as RFC 4217 §12.5 draws it: the command goes out before the
// connection is there.
var lateConnection = spec.Requirement{
	ID:       "PASV-010",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A transfer works when the data connection is opened after the transfer command: the server waits for it",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `This command requests the server-DTP to "listen" on a data port (which is not its default data port) and to wait for a connection rather than initiate one upon receipt of a transfer command.`),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&listening},
	Field:     "Clients that send the command first, and all clients on a slow path, get 425 instead of their data.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		o := t.PASV(ctx, s)
		t.Expect(s.Send(ctx, "LIST")).To(Succeed())

		wait, cancel := context.WithTimeout(ctx, lateness)
		defer cancel()
		mark, err := s.Receive(wait)
		switch {
		case err == nil:
			t.ExpectCode(mark, 125, 150)
			t.Sleep(ctx, time.Until(deadline(wait)))
		case probe.CauseOf(err) != probe.Stalled:
			t.Expect(err).NotTo(HaveOccurred(), "while the server waits for the data connection")
		}

		c, err := t.DialData(ctx, s, o)
		t.Expect(err).NotTo(HaveOccurred(), "data connection %s after the transfer command", lateness)
		if mark.IsZero() {
			mark, err = s.Receive(ctx)
			t.Expect(err).NotTo(HaveOccurred(), "reply to LIST")
			t.ExpectCode(mark, 125, 150)
		}
		t.Listing(ctx, s, c)
	},
}

// lateness is how long after the transfer command a client still may connect.
const lateness = 2 * time.Second

func deadline(ctx context.Context) time.Time {
	d, _ := ctx.Deadline()
	return d
}

// Between PASV and the transfer command a client sends TYPE, REST, SIZE, or
// asks its user. The data connection has to bear that.
var quietUntilAsked = spec.Requirement{
	ID:       "PASV-011",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "An early data connection stays open and silent until the transfer command arrives",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", "The commands may be in any order except that they must precede the FTP service request."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Field:     "Slow clients, and those that send several commands between PASV and the transfer, lose their data connection before they use it.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "accept_timeout=60"},
		{Server: "pyftpdlib", Setting: "passive_dtp.timeout = 30"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const silence = 10 * time.Second
		s := t.Login(ctx)
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		expected := fmt.Sprintf("no byte and no end on the data connection for %s", silence)
		switch t.Watch(ctx, c, silence) {
		case spec.Spoke:
			t.Fail(expected, "data before the transfer command")
		case spec.Ended:
			t.Fail(expected, "the server closed it")
		}
		t.List(ctx, s, c)
	},
}

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
	Field:     "After a retry the data go to a connection that the client no longer reads: the transfer hangs, and the forgotten listener can serve somebody else.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		old := t.PASV(ctx, s)
		c1 := t.Connect(ctx, s, old, &listening)
		defer c1.Close()
		o := t.PASV(ctx, s)
		if o.Advertised == old.Advertised {
			t.Skip("the server announces the same port again, so old and new cannot be told apart")
		}
		c2 := t.Connect(ctx, s, o, &listening)
		defer c2.Close()

		reply, err := s.Do(ctx, "LIST")
		t.Expect(err).NotTo(HaveOccurred(), "reply to LIST")
		t.ExpectCode(reply, 125, 150)
		unserved(ctx, t, c1, "the connection to the old port")
		t.Listing(ctx, s, c2)

		again, err := t.DialData(ctx, s, old)
		if err != nil {
			return // nobody listens there any more
		}
		defer again.Close()
		unserved(ctx, t, again, "a new connection to the old port")
	},
}

// unserved expects that no data come on c. That it stays open proves nothing
// (it may lie in the backlog of the kernel), so it is only noted.
func unserved(ctx context.Context, t *spec.T, c *probe.DataConn, what string) {
	const patience = 2 * time.Second
	switch t.Watch(ctx, c, patience) {
	case spec.Spoke:
		t.Fail("no data on "+what, fmt.Sprintf("data from %s", c.Addr()))
	case spec.Silent:
		t.Note("%s stays open and silent", what)
	}
}
