package passive

import (
	"context"
	"net/netip"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A 227 has room for an IPv4 address only. A server with two families may name
// its IPv4 address; anything else leads nowhere.
var onIPv6 = spec.Requirement{
	ID:       "PASV-030",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "On an IPv6 control connection PASV is refused rather than answered with a useless address",
	Cites: []spec.Citation{
		spec.RFC(2428, "1", "The File Transfer Protocol [PR85] only provides the ability to communicate information about IPv4 data connections."),
		spec.RFC(959, "4.1.2", "The response to this command includes the host and port address this server is listening on."),
	},
	Needs: spec.Login | spec.IPv6,
	Field: "A client that tries PASV first connects to nowhere and waits for its timeout, instead of going on to EPSV at once.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "a refusal, or an IPv4 address where the server listens"
		s := t.Login(ctx)
		r := t.Do(ctx, s, "PASV")
		if !r.Positive() {
			t.ExpectRefusal(r, 425, 500, 501, 502, 522)
			return
		}
		t.ExpectCode(r, 227)
		e, err := probe.ParsePASV(r)
		switch {
		case err != nil:
			t.Fail(expected, r.String())
		case e.Addr.IsUnspecified(), e.Addr.IsMulticast(), e.Port == 0:
			t.Fail(expected, r.String())
		}
		c, err := s.DialData(ctx, netip.AddrPortFrom(e.Addr, e.Port))
		t.Expect(err).NotTo(HaveOccurred(), "data connection to the announced %s", e)
		_ = c.Close()
	},
}
