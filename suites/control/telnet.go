package control

import (
	"context"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Telnet commands (RFC 854 p.14).
const (
	iac  = "\xff"
	dont = "\xfe"
	do   = "\xfd"
	wont = "\xfc"
	will = "\xfb"
)

// FTP runs over Telnet, of which a server has to know how to say no. The options
// are those that Telnet clients ask for first: ECHO (1) and SUPPRESS GO AHEAD (3).
var telnetRefused = spec.Requirement{
	ID:       "CTL-021",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "Telnet option negotiation is accepted and refused",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.12", "However, a server-FTP MUST be capable of accepting and refusing Telnet negotiations (i.e., sending DONT/WONT)."),
	},
	Needs:   spec.Login,
	Takes:   30 * time.Second,
	Field:   "Nobody who uses an FTP client notices; the first command of a Telnet client is misunderstood.",
	Timeout: 3 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		want := works(ctx, t, s, "NOOP")
		// In one piece, so that what is answered to it stands before the reply.
		write(ctx, t, s, iac+do+"\x01"+iac+will+"\x03"+"NOOP\r\n")
		r := t.Receive(ctx, s, "a reply to NOOP behind IAC DO ECHO, IAC WILL SUPPRESS-GO-AHEAD")
		if r.Class() != want.Class() {
			t.Fail("NOOP behind IAC DO ECHO, IAC WILL SUPPRESS-GO-AHEAD to be answered as it is without: "+want.String(), r.String())
		}
		if !strings.Contains(r.Raw, iac+wont+"\x01") || !strings.Contains(r.Raw, iac+dont+"\x03") {
			t.Note("the negotiation is ignored, not refused with WONT and DONT")
		}
	},
}

// Clients that do not know Telnet show what they take for text, or stumble over
// the first digit that is none.
var telnetNotBegun = spec.Requirement{
	ID:       "CTL-022",
	Level:    report.MustNot,
	Severity: report.Major,
	Title:    "The server does not begin a Telnet option negotiation",
	Cites: []spec.Citation{
		spec.RFC(3659, "2.2", "Implementors should also be aware that, although Telnet NVT conventions are used over the control connections, Telnet option negotiation MUST NOT be attempted."),
		spec.RFC(1123, "4.1.2.12", "it is not the intent that Telnet option negotiation is to be employed."),
	},
	Takes:   time.Second,
	Field:   "Clients look for three digits where a Telnet command stands, and give up.",
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		for _, x := range w.Exchanges {
			// Whoever has sent an octet 255 may be answered; and where names with
			// this octet are about, it may just not have been doubled.
			if strings.Contains(x.Command, iac) {
				return
			}
		}
		for _, x := range w.Exchanges {
			if verb := x.Verb(); verb == "STAT" || verb == "MLST" {
				continue // names of files, for which the same holds
			}
			for _, r := range x.Replies {
				if r.Quirks&probe.QuirkNegotiation != 0 {
					w.Fail(untalkative, where(x)+": "+probe.Printable(shown(r.Raw)))
				}
			}
			if negotiates(x.Rest) {
				w.Fail(untalkative, where(x)+": "+probe.Printable(shown(x.Rest)))
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) {
		// A negotiation behind the greeting shows in silence, and would otherwise
		// be taken for the beginning of the next reply.
		s := t.Raw(ctx)
		if _, err := s.Receive(ctx); err == nil {
			listen(ctx, t, s, time.Second)
		}
		converse(ctx, t)
	},
}

const untalkative = "no IAC WILL, WONT, DO, DONT or SB from the server"

// negotiates tells octets in which a Telnet option is negotiated.
func negotiates(octets string) bool {
	for i := 0; i+1 < len(octets); i++ {
		if octets[i] != iac[0] {
			continue
		}
		i++
		if octets[i] >= 0xfa && octets[i] <= 0xfe {
			return true
		}
	}
	return false
}
