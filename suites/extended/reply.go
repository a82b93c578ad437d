package extended

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// The standard has clients use EPSV and lets servers do without; on IPv6 there
// is no other passive mode.
var implemented = spec.Requirement{
	ID:       "EPSV-001",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "EPSV is implemented",
	Cites: []spec.Citation{
		spec.RFC(2428, "4", "For all FTP transfers where the control and data connection(s) are being established between the same two machines, the EPSV command MUST be used."),
		spec.RFC(5797, "3", "| EPSV  | nat6 | Extended Passive  | p    | o    | 2428             |"),
	},
	Needs: spec.Login,
	Field: "Over IPv6 no passive transfer is possible at all. Over IPv4 clients lose a round trip until they fall back to PASV, whose address a NAT may have to rewrite.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "no <Limit EPSV> that denies it"},
		{Server: "any", Setting: "a proxy or a firewall in the path may refuse it in the server's place: ask over TLS, where nothing in between can, and compare"},
		{Server: "IIS", Setting: "nothing in ftpServer/security/commandFiltering that denies EPSV"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		// How a positive answer has to look is the next requirement's.
		if r := ask(ctx, t, s, "EPSV"); !r.Positive() {
			t.Fail("reply code 229", r.String())
		}
	},
}

// ask sends EPSV, once more when it is refused for the moment.
func ask(ctx context.Context, t *spec.T, s *probe.Session, line string) probe.Reply {
	r := t.Do(ctx, s, line)
	if r.Class() == 4 && r.Code != 421 {
		t.Sleep(ctx, spec.RetryAfter)
		r = t.Do(ctx, s, line)
	}
	return r
}

// reply is a 229; any other answer skips the check.
func reply(ctx context.Context, t *spec.T) probe.Reply {
	r := ask(ctx, t, t.Login(ctx), "EPSV")
	if r.Code != 229 {
		t.Skip("no 229 this time: %s", r)
	}
	return r
}

// offer is a 229 that can be read; any other answer skips the check.
func offer(ctx context.Context, t *spec.T, s *probe.Session) probe.Offer {
	o := probe.Offer{Command: "EPSV", Reply: ask(ctx, t, s, "EPSV")}
	var err error
	if o.Advertised, err = probe.ParseEPSV(o.Reply); o.Reply.Code != 229 || err != nil || o.Advertised.Port == 0 {
		t.Skip("no readable 229 this time: %s", o.Reply)
	}
	return o
}

// The port is all that a 229 is for, and its form is made for programs.
var form = spec.Requirement{
	ID:       "EPSV-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A successful EPSV is answered 229 with (<d><d><d>port<d>) in its text, one delimiter four times",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "The response code for entering passive mode using an extended address MUST be 229."),
		spec.RFC(2428, "3", `The text returned in response to the EPSV command MUST be: <text indicating server is entering extended passive mode> \ (<d><d><d><tcp-port><d>)`),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "No client finds the port. Those that do not fall back to PASV, among them everything on IPv6, cannot transfer anything.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := ask(ctx, t, s, "EPSV")
		if r.Negative() {
			t.Skip("no 229 this time: %s", r)
		}
		legible(t, r)
		// Ports differ from one reply to the next, and not all of them may come out right.
		for range more {
			if r = t.Do(ctx, s, "EPSV"); r.Class() == 4 {
				t.Note("not all replies were seen: %s", r)
				return
			}
			legible(t, r)
		}
	},
}

// more is how many further replies of a session are looked at.
const more = 15

// legible expects a 229 with a port that can be read.
func legible(t *spec.T, r probe.Reply) {
	if _, err := probe.ParseEPSV(r); r.Code != 229 || err != nil {
		t.Fail("229 and (|||port|)", r.String())
	}
}

// The place of the protocol and the address is kept for a future that has not
// come.
var portAlone = spec.Requirement{
	ID:       "EPSV-003",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The protocol and address fields of the 229 text are empty",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "The first two fields contained in the parenthesis MUST be blank."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "Clients that look for three delimiters in a row find none and give up, and a NAT that leaves EPSV alone leads the others to an inside address.",
	Check: func(ctx context.Context, t *spec.T) {
		r := reply(ctx, t)
		switch _, forgave := probe.ReadEPSV(r); {
		case forgave&probe.ForgaveAddress != 0:
			t.Fail("nothing between the first three delimiters", r.String())
		case forgave&(probe.Unforgivable|probe.ForgavePASV) != 0:
			t.Skip("blocked by %s: %s", form.ID, r)
		}
	},
}

// Any printable character may delimit, but not every client knows that.
var bars = spec.Requirement{
	ID:       "EPSV-004",
	Level:    report.Should,
	Severity: report.Major,
	Title:    `The delimiter of the 229 text is "|"`,
	Cites: []spec.Citation{
		spec.RFC(2428, "2", `The character "|" (ASCII 124) is recommended unless it coincides with a character needed to encode the network address.`),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&form},
	Field:     "Clients and firewalls that look for bars only do not find the port.",
	Check: func(ctx context.Context, t *spec.T) {
		r := reply(ctx, t)
		if _, forgave := probe.ReadEPSV(r); forgave&probe.ForgaveDelimiter != 0 {
			t.Warn(`the delimiter "|"`, r.String())
		}
	},
}

// The code is the same as for EPRT, and so is the form of the text.
var protocolList = spec.Requirement{
	ID:       "EPSV-009",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The text of a 522 ends with the supported address families in parentheses, and has no other parentheses",
	Cites: []spec.Citation{
		spec.RFC(2428, "2", `If the network protocol is unsupported, the format of the response string MUST be: <text stating that the network protocol is unsupported> \ (prot1,prot2,...,protn)`),
		spec.RFC(2428, "2", "The list of protocols inside the parenthesis MUST be a comma separated list of address family numbers."),
		spec.RFC(2428, "3", "If not, the server MUST return the 522 error messages as outlined in section 2."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "A client that asked for the wrong protocol cannot find out which one would work, and gives up.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		for _, line := range []string{nobodys, "EPSV " + other(s)} {
			r := t.Do(ctx, s, line)
			if r.Code != 522 {
				continue
			}
			const expected = "address families in parentheses, as in (1,2), and no other parentheses before them"
			text := r.Text()
			switch list := families.FindStringSubmatch(text); {
			case list != nil && line == nobodys && slices.Contains(strings.Split(list[1], ","), "99"):
				t.Fail("the families that are supported, and not the one that was refused", r.String())
			case list != nil && !slices.Contains(strings.Split(list[1], ","), own(s)):
				t.Warn("the family of the control connection among those that are supported, since EPSV works", r.String())
			case list != nil:
			case spacedFamilies.MatchString(text):
				t.Tolerate(expected, "spaces in the list: "+r.String())
			default:
				t.Fail(expected, r.String())
			}
			return
		}
		t.Skip("nothing is answered 522")
	},
}

var (
	families       = regexp.MustCompile(`^[^()]*\(([0-9]+(?:,[0-9]+)*)\)`)
	spacedFamilies = regexp.MustCompile(`^[^()]*\( *[0-9]+( *, *[0-9]+)* *\)`)
)
