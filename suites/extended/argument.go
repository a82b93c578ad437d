package extended

import (
	"context"
	"net/netip"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

// own is the address family number of the control connection, other that of the
// other IP.
func own(s *probe.Session) string {
	if s.Peer().Addr().Is4() {
		return "1"
	}
	return "2"
}

func other(s *probe.Session) string {
	if own(s) == "1" {
		return "2"
	}
	return "1"
}

// Some clients name the protocol always.
var ownProtocol = spec.Requirement{
	ID:       "EPSV-007",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "EPSV with the protocol number of the control connection is accepted",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "If the requested protocol is supported by the server, it SHOULD use the protocol."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&listening},
	Field:     "Clients that name the protocol (EPSV 1, EPSV 2) get no data connection, although plain EPSV works.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		r := ask(ctx, t, s, "EPSV "+own(s))
		t.Expect(r).To(gftp.HaveReplyCode(229))
		e, err := probe.ParseEPSV(r)
		t.Expect(err).NotTo(HaveOccurred(), "%s", r)
		c, err := s.DialData(ctx, netip.AddrPortFrom(s.Peer().Addr(), e.Port))
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the announced port")
		_ = c.Close()
	},
}

// nobodys asks for an address family that does not exist.
const nobodys = "EPSV 99"

// A server that announces a port for a protocol it does not have sends the
// client nowhere. Whether it has the other IP cannot be known: a number that
// nobody has is asked for.
var foreignProtocol = spec.Requirement{
	ID:       "EPSV-008",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "EPSV with an unsupported protocol number is refused with 522",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "If not, the server MUST return the 522 error messages as outlined in section 2."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "A client that needs another protocol waits at a port where it cannot connect, and is not told what would work.",
	Check: func(ctx context.Context, t *spec.T) {
		for _, line := range []string{nobodys, "EPSV 3"} { // 3 is that of OSI's NSAP
			switch r := t.Do(ctx, t.Login(ctx), line); {
			case r.Code == 522:
			case r.Negative():
				t.Tolerate("reply code 522 to "+line, r.String())
			default:
				t.Fail("a refusal of "+line+", reply code 522", r.String())
			}
		}
	},
}

var malformed = spec.Requirement{
	ID:       "EPSV-010",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "A malformed EPSV argument is refused",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "The standard negative error codes 500 and 501 are sufficient to handle all errors involving the EPSV command (e.g., syntax errors)."),
		spec.RFC(959, "4.2.1", "501 Syntax error in parameters or arguments."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "A client whose EPSV ALL, or whose protocol, is mistyped or unknown believes that it was understood.",
	Check: func(ctx context.Context, t *spec.T) {
		switch r := t.Do(ctx, t.Login(ctx), "EPSV foo"); {
		case r.Code == 501, r.Code == 500:
		case r.Negative():
			t.Tolerate("reply code 501 or 500", r.String())
		default:
			t.Fail("a refusal, reply code 501 or 500", r.String())
		}
	},
}

// The port of EPSV is as scarce as that of PASV.
var onlyAfterLogin = spec.Requirement{
	ID:       "EPSV-017",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "EPSV before login is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "The user identification is that which is required by the server for access to its file system."),
		spec.RFC(959, "4.2.1", "530 Not logged in."),
	},
	Field: "Anybody can use up the passive ports without an account, and the users of the server get no data connections any more.",
	Check: func(ctx context.Context, t *spec.T) {
		t.ExpectRefusal(t.Do(ctx, t.Dial(ctx), "EPSV"), 530)
	},
}
