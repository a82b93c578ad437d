package passive

import (
	"context"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

// Without PASV there is no passive mode for the clients that do not know EPSV.
var implemented = spec.Requirement{
	ID:       "PASV-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "PASV is implemented and answered with 227",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.6", "A server-FTP MUST implement the PASV command."),
		spec.RFC(959, "4.2.2", "227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)."),
	},
	Needs: spec.Login | spec.IPv4,
	Field: "Clients behind a NAT or a firewall cannot use active mode. Those that ask with PASV only, and those whose EPSV the path blocks, get no listing and no file.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "pasv_enable=YES"},
		{Server: "ProFTPD", Setting: "no <Limit PASV> that denies it"},
		{Server: "Pure-FTPd", Setting: "passive mode is always on; give it room with -p LOW:HIGH"},
		{Server: "FileZilla Server", Setting: "passive mode is always on; its ports: Protocols settings > FTP and FTP over TLS (FTPS) > Passive mode"},
		{Server: "IIS", Setting: "nothing in ftpServer/security/commandFiltering that denies PASV"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		reply, err := s.Do(ctx, "PASV")
		t.Expect(err).NotTo(HaveOccurred())
		if reply.Class() == 4 && reply.Code != 421 {
			// No port is free at the moment, perhaps: once more, later.
			t.Sleep(ctx, spec.RetryAfter)
			reply, err = s.Do(ctx, "PASV")
			t.Expect(err).NotTo(HaveOccurred())
		}
		t.Expect(reply).To(gftp.HaveReplyCode(227))
		// Once is not enough for a session of two transfers.
		again := t.Do(ctx, s, "PASV")
		if again.Class() == 4 {
			t.Note("a second PASV is answered %s", again)
			return
		}
		if again.Code != 227 && betweenTransfers(ctx, t) {
			t.Note("a second PASV is answered %s, and 227 after a transfer", again)
			return
		}
		t.Expect(again).To(gftp.HaveReplyCode(227), "the second PASV of a session")
	},
}

// betweenTransfers tells whether a session gets a second port when it has used the
// first one: a port that is waited at in vain may be in the way.
func betweenTransfers(ctx context.Context, t *spec.T) bool {
	s := t.Login(ctx)
	o, err := s.PASV(ctx)
	if err != nil {
		return false
	}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		return false
	}
	m := t.TakeOn(ctx, s, c, "LIST")
	return m.Err == nil && m.Final.Positive() && t.Do(ctx, s, "PASV").Code == 227
}

// The six numbers are all that leads a client to the data connection.
var sixNumbers = spec.Requirement{
	ID:       "PASV-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The 227 text contains six comma-separated decimal numbers h1,h2,h3,h4,p1,p2, each 0 to 255",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.2", "227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)."),
		// The BNF of 959 §5.3.2 lets a number begin at 1; that is a known
		// defect, since 127,0,0,1 could not be written. This sentence has it right.
		spec.RFC(959, "4.1.2", "This address information is broken into 8-bit fields and the value of each field is transmitted as a decimal number (in character string representation). The fields are separated by commas."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "No client can find the data connection: every transfer fails right after the 227, often with a misleading message about the server's address.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "a proxy or an FTP helper in the path may have written the reply: ask over TLS, where nothing in between can, and compare"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		legible(t, t.Ask(ctx, s))
		// Numbers differ from one reply to the next, and not all of them may come out
		// right.
		for range more {
			reply := t.Do(ctx, s, "PASV")
			if reply.Code != 227 {
				t.Note("not all replies were seen: %s", reply)
				return
			}
			legible(t, reply)
		}
	},
}

// more is how many further replies of a session are looked at.
const more = 15

// legible expects six numbers in a 227.
func legible(t *spec.T, reply probe.Reply) {
	_, err := probe.ParsePASV(reply)
	if err == nil {
		return
	}
	const expected = "six numbers from 0 to 255, separated by commas"
	// Where the numbers stand has rules of its own.
	const elsewhere = probe.ForgaveParentheses | probe.ForgaveDigits
	if _, forgave := probe.ReadPASV(reply); forgave&^elsewhere == probe.ForgaveSpaces {
		t.Tolerate(expected, "spaces around the commas: "+reply.String())
		return
	}
	t.Fail(expected, err.Error()+": "+reply.String())
}

// Clients may not rely on the parentheses, but firewalls and NAT helpers do.
var parentheses = spec.Requirement{
	ID:       "PASV-003",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "The six numbers of the 227 text are enclosed in parentheses",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.2", "227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)."),
		spec.RFC(1123, "4.1.2.6", "In particular, an FTP client cannot assume that the parentheses shown on page 40 of RFC-959 will be present"),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers},
	Field:     "Connection-tracking helpers and simple clients look for the parenthesis: behind such a firewall the data connection is not let through.",
	Check: func(ctx context.Context, t *spec.T) {
		reply := ask(ctx, t)
		if _, forgave := probe.ReadPASV(reply); forgave&probe.ForgaveParentheses != 0 {
			t.Fail("(h1,h2,h3,h4,p1,p2) with its parentheses", reply.String())
		}
	},
}

// RFC 1123 has clients scan for the first digit; it must be that of h1.
var noDigitBefore = spec.Requirement{
	ID:       "PASV-004",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "No digit occurs in the 227 text before h1",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.6", "Therefore, a User-FTP program that interprets the PASV reply must scan the reply for the first digit of the host and port numbers."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers, &singleLine}, // the lines of a longer one may all begin with the code
	Field:     "Clients that follow RFC 1123 to the letter begin to read the address at the first digit and end up with a wrong one.",
	Check: func(ctx context.Context, t *spec.T) {
		reply := ask(ctx, t)
		if _, forgave := probe.ReadPASV(reply); forgave&probe.ForgaveDigits != 0 {
			t.Fail("the first digit of the text to be that of h1", reply.String())
		}
	},
}

// A multi-line reply is legal everywhere, and breaks firewalls here.
var singleLine = spec.Requirement{
	ID:       "PASV-005",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "The 227 reply is a single line",
	Cites: []spec.Citation{
		spec.RFC(2389, "2.2", "Implementors should assume that, unless stated to the contrary, any reply to any FTP command (including QUIT) may be of the multiline format described in [1]."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "Helpers in firewalls look at one packet and one line; simple clients read the first line only. Both miss the address.",
	Check: func(ctx context.Context, t *spec.T) {
		t.Expect(ask(ctx, t)).To(gftp.BeSingleLine())
	},
}

// ask sends PASV in a session of its own and wants a 227.
func ask(ctx context.Context, t *spec.T) probe.Reply {
	return t.Ask(ctx, t.Login(ctx))
}
