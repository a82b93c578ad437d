package hosts

import (
	"context"
	"net/netip"
	"strings"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Names of the DNS have no case, and users type them as they please.
var anyCase = spec.Requirement{
	ID:       "HOST-002",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "HOST with the name of a virtual host is answered with 220 before login, in capitals too",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.1", "This implies that the name is to be treated as a case-independent string, meaning that uppercase ASCII characters are to be treated as equivalent to their corresponding lowercase ASCII characters but otherwise preserved as given."),
		spec.RFC(7151, "3.2", `The 220 reply code for the HOST command is the same as the code that is used in the initial "welcome" message that is sent after the connection is established.`),
	},
	Needs:    spec.VHost,
	Features: []string{"HOST"},
	Field:    "Users reach the default host instead of theirs, or are told that there is none of that name.",
	Check: func(ctx context.Context, t *spec.T) {
		host := t.Declared().Hosts[0]
		for _, written := range []string{host, strings.ToUpper(host)} {
			_, r := choose(ctx, t, written, host)
			t.ExpectCode(r, 220)
		}
	},
}

// An error tells the client that it must not go on: its user would log in at the
// wrong host.
var unknownName = spec.Requirement{
	ID:       "HOST-004",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "HOST is refused with 504 for an unknown name, and with 501 for what is no name",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.3", "A 501 reply SHOULD be sent if the hostname given is syntactically invalid, and a 504 reply SHOULD be sent if a syntactically valid hostname is not a valid virtual hostname for the server."),
	},
	Features: []string{"HOST"},
	Field:    "A mistyped name leads to the wrong host without a word.",
	Check: func(ctx context.Context, t *spec.T) {
		// Servers may route unknown names to a host of their choice (§3.2).
		if r := say(ctx, t, dial(ctx, t, ""), unknown); r.Code == 220 {
			t.Note("unknown names are accepted: %s", r)
		} else {
			t.ExpectRefusal(r, 504, 421)
		}
		if r := say(ctx, t, dial(ctx, t, ""), "-bad-"); r.Code == 504 {
			t.Tolerate("reply code 501 to a name with a hyphen at either end", r.String())
		} else {
			t.ExpectRefusal(r, 501)
		}
	},
}

// The connection is there already, so a port can mean nothing.
var noPort = spec.Requirement{
	ID:       "HOST-005",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "HOST with a port number is refused with 501",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.1", "For example, the server-PI MUST respond with a 501 reply if the client sends a HOST command with syntax like either of the following examples: HOST 192.0.2.1:2112 HOST [2001:db8::c000:201]:2112"),
	},
	Features: []string{"HOST"},
	Field:    "Clients that send the port with the name seem to work with one server and fail with the next.",
	Check: func(ctx context.Context, t *spec.T) {
		for _, host := range []string{"192.0.2.1:2112", "[2001:db8::c000:201]:2112"} {
			if r := say(ctx, t, dial(ctx, t, ""), host); r.Code == 504 {
				t.Tolerate("reply code 501 to HOST "+host, r.String())
			} else {
				t.ExpectRefusal(r, 501)
			}
		}
	},
}

// An address cannot name another host than the one that it leads to.
var otherHost = spec.Requirement{
	ID:       "HOST-006",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "HOST with an address that is not the server's is refused with 504",
	Cites: []spec.Citation{
		spec.RFC(7151, "3.1", "if the IPv4 or IPv6 literal address specified by the client does not match the literal address for the server, the server MUST respond with a 504 reply to indicate that the IPv4 or IPv6 literal address is not valid."),
	},
	Features: []string{"HOST"},
	Field:    "A client that was redirected or translated to the wrong machine is not told so.",
	Check: func(ctx context.Context, t *spec.T) {
		s := dial(ctx, t, "")
		other := netip.AddrFrom4([4]byte{192, 0, 2, 1})
		if other == s.Peer().Addr() {
			other = other.Next()
		}
		t.ExpectRefusal(say(ctx, t, s, other.String()), 504)
	},
}
