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
	Takes:     time.Second,
	Field:     "Most clients connect first and send the command then: all their transfers fail.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		t.Sleep(ctx, time.Second)
		m := t.TakeOn(ctx, s, c, "LIST")
		// 425 speaks of the connection. Anything else may be LIST's own matter.
		if !complete(m) && m.Final.Code != 425 && !otherwise(ctx, t) {
			t.Skip("LIST does not work in another way, either: %s", m.Final)
		}
		t.ExpectComplete(m)
	},
}

func complete(m spec.Moved) bool {
	return m.Err == nil && m.DataErr == nil && m.Opening.Preliminary() && m.Final.Positive()
}

// otherwise tells whether LIST works when its data connection is opened after the
// command, or by EPSV.
func otherwise(ctx context.Context, t *spec.T) bool {
	s := t.Login(ctx)
	o := t.PASV(ctx, s)
	t.Expect(s.Send(ctx, "LIST")).To(Succeed())
	t.Sleep(ctx, time.Second)
	if c, err := t.DialData(ctx, s, o); err == nil {
		if r, err := s.Receive(ctx); err == nil && r.Preliminary() {
			if s.Protected() {
				err = c.Handshake(ctx)
			}
			if err == nil {
				_, err = c.ReadAll(ctx, 1<<20)
			}
			_ = c.Close()
			if final, lost := s.Complete(ctx); err == nil && lost == nil && final.Positive() {
				return true
			}
		}
		_ = c.Close()
	}
	s = t.Login(ctx)
	o, err := s.EPSV(ctx)
	if err != nil {
		return false
	}
	c, err := t.DialData(ctx, s, o)
	return err == nil && complete(t.TakeOn(ctx, s, c, "LIST"))
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
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Takes:     2 * time.Second,
	Field:     "Clients that send the command first, and all clients on a slow path, get 425 instead of their data.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		early := t.List(ctx, s, t.Connect(ctx, s, t.PASV(ctx, s), &listening))
		o := t.PASV(ctx, s)
		t.Expect(s.Send(ctx, "LIST")).To(Succeed())

		wait, cancel := context.WithTimeout(ctx, lateness)
		defer cancel()
		mark, err := s.Receive(wait)
		switch {
		case err == nil:
			t.ExpectCode(mark, 125, 150)
			// A server that does not wait so long says so, and listens no more.
			begun := time.Now()
			switch r, err := s.Receive(wait); {
			case err == nil:
				seen := fmt.Sprintf("%s, %.1f s after the mark", r, time.Since(begun).Seconds())
				if time.Since(begun) >= lateness/4 { // RFC 959 names no time, and this is some
					t.Warn(fmt.Sprintf("a server that waits %s for the data connection", lateness), seen)
				}
				t.Fail(fmt.Sprintf("a server that waits %s for the data connection", lateness), seen)
			case probe.CauseOf(err) != probe.Stalled:
				t.Expect(err).NotTo(HaveOccurred(), "while the server waits for the data connection")
			}
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
		if late := t.Listing(ctx, s, c); len(late) == 0 && len(early) > 0 {
			t.Fail("a listing on a data connection that was opened after the command", fmt.Sprintf("nothing, where one that was opened before it brings %d octets", len(early)))
		}
	},
}

// lateness is how long after the transfer command a client still may connect.
const lateness = 2 * time.Second

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
	Takes:     10 * time.Second,
	Idle:      true,
	Field:     "Slow clients, and those that send several commands between PASV and the transfer, lose their data connection before they use it.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "accept_timeout=60"},
		{Server: "pyftpdlib", Setting: "passive_dtp.timeout = 30"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		silence := t.Shortened(10 * time.Second)
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

// A client that asks its user, or has a slow path, takes its time between the
// 227 and the connect. No text says how long it may; ten seconds is what every
// server of the field grants.
var patient = spec.Requirement{
	ID:       "PASV-031",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "An announced port waits ten seconds for a slow client",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `This command requests the server-DTP to "listen" on a data port (which is not its default data port) and to wait for a connection rather than initiate one upon receipt of a transfer command.`),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Takes:     10 * time.Second,
	Idle:      true,
	Field:     "Clients on slow or lossy paths, whose first SYN is lost or who look something up first, find the port closed.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "accept_timeout=60"},
		{Server: "pyftpdlib", Setting: "passive_dtp.timeout = 30"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		lateness := t.Shortened(10 * time.Second)
		s := t.Login(ctx)
		o := t.PASV(ctx, s)
		t.Sleep(ctx, lateness)
		c, err := t.DialData(ctx, s, o)
		t.Expect(err).NotTo(HaveOccurred(), "data connection %s after the 227", lateness)
		t.List(ctx, s, c)
	},
}
