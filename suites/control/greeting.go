package control

import (
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients say nothing before the greeting, and most of them go on after 220
// alone. Another 2yz is no greeting either: FTP has but this one.
var greeting = spec.Requirement{
	ID:       "CTL-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A new control connection is greeted with 220, with 120 and later 220, or with 421",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", `Under normal circumstances, a server will send a 220 reply, "awaiting input", when the connection is completed.`),
		spec.RFC(959, "5.4", `If the server is unable to accept input right away, a 120 "expected delay" reply should be sent immediately and a 220 reply when ready.`),
	},
	Field: "No client gets as far as the login: it gives up at another code, or waits for the greeting until its time is over.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: `"500 OOPS" is an error in the configuration, which its text names`},
		{Server: "ProFTPD", Setting: "a shutdown by ftpshut is in effect: ftpshut -R ends it"},
	},
	Timeout: 5 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Raw(ctx)
		r := t.Receive(ctx, s, "a greeting")
		for r.Code == 120 {
			t.Note("120 came first: %s", r)
			r = t.Receive(ctx, s, "a greeting after 120")
		}
		switch r.Code {
		case 220:
		case 421:
			t.Note("no session was to be had: %s", r)
		default:
			t.Fail("a greeting with reply code 220, 120 or 421", r.String())
		}
	},
}

// After 421 a client waits for the end of the connection. What makes a server say
// 421 is its own affair; these are ways that hurt nobody.
var closing = spec.Requirement{
	ID:       "CTL-002",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "After a 421 reply the server closes the control connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.1", "421 Service not available, closing control connection."),
		spec.RFC(1123, "4.1.2.11", `A User-FTP SHOULD NOT interpret a 421 reply code ("Service not available, closing control connection") specially, but SHOULD detect closing of the control connection by the server.`),
	},
	Needs:   spec.Login,
	Field:   "Clients that rely on the end of the connection, as RFC 1123 tells them to, wait for ever, and the server keeps a session that it has given up.",
	Timeout: 10 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		for _, provoke := range []func(context.Context, *spec.T) (*probe.Session, probe.Reply){inClear, tooLong, unused, mistaken, crowd} {
			s, r := provoke(ctx, t)
			if r.Code == 421 {
				closes(ctx, t, s, r)
				return
			}
		}
		t.Skip("nothing that was tried made the server say 421")
	},
}

// inClear is a login without TLS, which some servers that demand it answer so.
func inClear(ctx context.Context, t *spec.T) (*probe.Session, probe.Reply) {
	if t.Target().Security != probe.Explicit {
		return nil, probe.Reply{}
	}
	s := t.DialClear(ctx)
	r, err := s.Do(ctx, "USER "+probe.Anonymous)
	if err != nil {
		t.Blame(err)
	}
	return s, r
}

// tooLong is a command line that is too long for most servers. One that closes
// before it has read it all may destroy its own reply, so that there are several
// attempts.
func tooLong(ctx context.Context, t *spec.T) (s *probe.Session, r probe.Reply) {
	for range 4 {
		s = t.Login(ctx)
		if err := s.Send(ctx, longCommand); err != nil {
			t.Blame(err)
			continue
		}
		e := listen(ctx, t, s, hesitation)
		if r = e.reply; e.kind != ended {
			break
		}
	}
	return s, r
}

// unused is a passive port to which nobody connects, in a session that is idle.
// It takes half a minute.
func unused(ctx context.Context, t *spec.T) (*probe.Session, probe.Reply) {
	if !t.May(spec.Slow) {
		return nil, probe.Reply{}
	}
	s := t.Login(ctx)
	if _, err := s.Passive(ctx); err != nil {
		t.Blame(err)
	}
	patience := t.Shortened(forgotten)
	if idle := t.Shortened(t.Declared().IdleTimeout); idle <= time.Minute {
		patience = max(patience, idle+idle/4)
	}
	e := listen(ctx, t, s, patience)
	return s, e.reply
}

// mistaken are wrong passwords, of which a server takes but a few.
func mistaken(ctx context.Context, t *spec.T) (*probe.Session, probe.Reply) {
	if !t.May(spec.Intrusive) || t.Target().Pass == "" {
		return nil, probe.Reply{}
	}
	s := t.Dial(ctx)
	t.MayLogIn(s)
	for range 6 {
		r, err := s.LoginAs(ctx, t.Target().User, t.Target().Pass+"-wrong")
		if err != nil {
			t.Blame(err)
			return s, probe.Reply{}
		}
		if r.Code == 421 {
			return s, r
		}
	}
	return s, s.Last()
}

// crowd are more sessions at once than a server may allow, the last of which is
// greeted with 421.
func crowd(ctx context.Context, t *spec.T) (*probe.Session, probe.Reply) {
	const most = 60
	if !t.May(spec.Intrusive) {
		return nil, probe.Reply{}
	}
	for range most {
		s := t.Raw(ctx)
		r, err := s.Receive(ctx)
		if err != nil || r.Code == 421 {
			return s, r
		}
	}
	return nil, probe.Reply{}
}

// forgotten is after how long the most impatient server gives a passive port up
// to which nobody connects, which is 30 seconds, and a little more.
const forgotten = 33 * time.Second

// closes expects the end of the session after a 421. What the server still says
// does not matter.
func closes(ctx context.Context, t *spec.T, s *probe.Session, said probe.Reply) {
	const patience = 10 * time.Second
	for end := time.Now().Add(patience); ; {
		e := listen(ctx, t, s, time.Until(end))
		switch {
		case e.kind == ended:
			return
		case e.kind == silent || time.Now().After(end):
			t.Fail(fmt.Sprintf("the control connection to be closed within %s of %q", patience, said), "it stays open")
		}
	}
}
