package extended

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

const (
	// connects is how often EPSV-005 tries.
	connects = 100
	// minute ends what is done many times, where a server or the way to it is slow.
	minute = time.Minute
)

// A 229 names no address: the data connection goes where the control connection
// goes. A server behind another address, or with another family, does not listen
// there.
var listening = spec.Requirement{
	ID:       "EPSV-005",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The announced port accepts a connection at once, at the address and with the protocol of the control connection",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "The EPSV command requests that a server listen on a data port and wait for a connection."),
		spec.RFC(2428, "3", "The network protocol used by the data connection will be the same network protocol used by the control connection. In addition, the network address used to establish the data connection will be the same network address used for the control connection."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&form},
	Field:     "Clients that begin with EPSV, as most do today, hang or get \"connection refused\" although PASV works: behind load balancers, on hosts with several addresses, or at random where the server listens too late.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "refused every time: the range is closed in a firewall, or not forwarded; see \"pasv diagnose\""},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		enough := time.Now().Add(minute)
		for try := 1; try <= connects && time.Now().Before(enough); try++ {
			r := ask(ctx, t, s, "EPSV")
			e, err := probe.ParseEPSV(r)
			if r.Code != 229 || err != nil {
				t.Skip("no readable 229 this time: %s", r)
			}
			if e.Port == 0 {
				t.Fail("a port from 1 to 65535", r.String())
			}
			c, err := s.DialData(ctx, netip.AddrPortFrom(s.Peer().Addr(), e.Port))
			if err != nil {
				t.Blame(err)
				t.Fail("a connection to the announced port at once", fmt.Sprintf("%v (try %d of %d)", err, try, connects))
			}
			_ = c.Close()
		}
	},
}

// A download that fails after PASV as well is not the fault of EPSV.
var download = spec.Requirement{
	ID:       "EPSV-006",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A complete transfer works over an EPSV connection",
	Cites: []spec.Citation{
		spec.RFC(2428, "1", "In this specification, the FTP commands PORT and PASV are replaced with EPRT and EPSV, respectively."),
		spec.RFC(959, "5.4", "Certain commands require a second reply for which the user should also wait."),
	},
	Needs:     spec.Login | spec.File,
	BlockedBy: []*spec.Requirement{&listening},
	Field:     "Clients that begin with EPSV do not fall back any more at this point: they report a failed transfer.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		line := "RETR " + f.Path
		m := t.TakeOn(ctx, s, connect(ctx, t, s), line)
		if !brings(m, f) && !brings(otherwise(ctx, t, line), f) {
			t.Skip("a plain RETR does not work either: %s", m.Final)
		}
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, f.Content, "RETR after EPSV")
	},
}

// connect opens a data connection by EPSV.
func connect(ctx context.Context, t *spec.T, s *probe.Session) *probe.DataConn {
	return t.Connect(ctx, s, offer(ctx, t, s), &listening)
}

// sound skips the check when a plain LIST after EPSV does not work either: that
// has requirements of its own.
func sound(ctx context.Context, t *spec.T) {
	s := t.Login(ctx)
	m := t.TakeOn(ctx, s, connect(ctx, t, s), "LIST")
	if m.Err != nil || m.DataErr != nil || m.Opening.IsZero() || !m.Final.Positive() {
		t.Skip("a plain LIST does not work: %s", m.Final)
	}
}

// brings tells a transfer that brought a fixture as it is.
func brings(m spec.Moved, f spec.Fixture) bool {
	return m.Err == nil && m.DataErr == nil && m.Final.Positive() && bytes.Equal(m.Data, f.Content)
}

// otherwise is the same transfer without EPSV: after PASV or, where that has no
// form for the address, in active mode.
func otherwise(ctx context.Context, t *spec.T, line string) spec.Moved {
	s := t.Login(ctx)
	if o, err := s.PASV(ctx); err == nil {
		if c, err := t.DialData(ctx, s, o); err == nil {
			return t.TakeOn(ctx, s, c, line)
		}
	}
	d, target := t.With(func(d *probe.Dialer, _ *probe.Target) { d.Active = probe.AutoActive })
	s, err := d.Open(ctx, target)
	if err != nil {
		return spec.Moved{Err: err}
	}
	t.Keep(s)
	var b bytes.Buffer
	x, err := s.Retrieve(ctx, line, &b)
	return spec.Moved{Command: line, Opening: x.Opening, Data: b.Bytes(), Final: x.Final, Err: err}
}

// The same over IPv6, where nothing else works.
var overIPv6 = spec.Requirement{
	ID:       "EPSV-018",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "On an IPv6 control connection EPSV without an argument yields a working IPv6 data connection",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", "When the EPSV command is issued with no argument, the server will choose the network protocol for the data connection based on the protocol used for the control connection."),
	},
	Needs:     spec.Login | spec.IPv6,
	BlockedBy: []*spec.Requirement{&form},
	Field:     "Clients that reach the server by IPv6 can log in and do nothing else; their users see it hang.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		o := offer(ctx, t, s)
		c, err := s.DialData(ctx, netip.AddrPortFrom(s.Peer().Addr(), o.Advertised.Port))
		t.Expect(err).NotTo(HaveOccurred(), "data connection over IPv6")
		m := t.TakeOn(ctx, s, c, "LIST")
		// 425 speaks of the connection. Another refusal is LIST's own matter.
		if m.Final.Negative() && m.Final.Code != 425 {
			t.Skip("LIST is refused: %s", m.Final)
		}
		t.ExpectComplete(m)
	},
}
