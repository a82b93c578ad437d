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
				if try > 1 {
					t.Note("after %d connections EPSV is answered %s", try-1, r)
					return
				}
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
			// It may have been stored by EPSV.
			f.Path = t.Room(ctx) + "/by-pasv"
			line = "RETR " + f.Path
			if !carries(ctx, t, f.Path, f) {
				t.Skip("a plain RETR does not work either: %s", m.Final)
			}
			m = t.TakeOn(ctx, s, connect(ctx, t, s), line)
		}
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, f.Content, "RETR after EPSV")

		// The other order of connection and command, and the other direction.
		if m := belated(ctx, t, t.Login(ctx), (*probe.Session).EPSV, line); !brings(m, f) {
			if s.Peer().Addr().Is4() && !brings(belated(ctx, t, t.Login(ctx), (*probe.Session).PASV, line), f) {
				t.Note("a data connection after the command brings no file after PASV either: %s", m.Final)
			} else {
				t.ExpectComplete(m)
				t.ExpectContent(m.Data, f.Content, "RETR whose data connection is opened after it")
			}
		}
		path := t.Room(ctx) + "/stored"
		s = t.Login(ctx)
		up := t.GiveOn(ctx, s, connect(ctx, t, s), "STOR "+path, f.Content)
		back := otherwise(ctx, t, "RETR "+path)
		switch {
		case up.Final.Positive() && brings(back, f):
		case !carries(ctx, t, path+"-otherwise", f):
			t.Note("STOR does not store the file after PASV either: %s", up.Final)
		default:
			t.ExpectComplete(up)
			t.ExpectComplete(back)
			t.ExpectContent(back.Data, f.Content, "what STOR after EPSV has stored")
		}
	},
}

// belated is a transfer whose data connection is opened a second after the command.
func belated(ctx context.Context, t *spec.T, s *probe.Session, ask func(*probe.Session, context.Context) (probe.Offer, error), line string) spec.Moved {
	o, err := ask(s, ctx)
	if err != nil {
		return spec.Moved{Command: line, Err: err}
	}
	if err := s.Send(ctx, line); err != nil {
		return spec.Moved{Command: line, Err: err}
	}
	t.Sleep(ctx, time.Second)
	m := spec.Moved{Command: line}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		m.DataErr = err
		m.Final, m.Err = s.Complete(ctx)
		return m
	}
	defer c.Close()
	if m.Opening, m.Err = s.Receive(ctx); m.Err != nil {
		return m
	}
	if !m.Opening.Preliminary() {
		m.Opening, m.Final = probe.Reply{}, m.Opening
		return m
	}
	if s.Protected() {
		m.DataErr = c.Handshake(ctx)
	}
	if m.DataErr == nil {
		c.Begin()
		m.Data, m.DataErr = c.ReadAll(ctx, 2*spec.FileSize)
	}
	_ = c.Close()
	m.Final, m.Err = s.Complete(ctx)
	return m
}

// carries tells whether an upload by PASV stores what was sent.
func carries(ctx context.Context, t *spec.T, path string, f spec.Fixture) bool {
	s := t.Login(ctx)
	o, err := s.PASV(ctx)
	if err != nil {
		return false
	}
	c, err := t.DialData(ctx, s, o)
	return err == nil && t.GiveOn(ctx, s, c, "STOR "+path, f.Content).Final.Positive() && brings(otherwise(ctx, t, "RETR "+path), f)
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
