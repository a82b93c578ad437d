package extended

import (
	"context"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

// promise is what EPSV ALL means for the other commands.
var promise = spec.RFC(2428, "3", "Upon receipt of an EPSV ALL command, the server MUST reject all data connection setup commands other than EPSV (i.e., EPRT, PORT, PASV, et al.).")

// EPSV ALL lets a translating gateway leave the session alone. No code is
// prescribed for it.
var all = spec.Requirement{
	ID:       "EPSV-011",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "EPSV ALL is acknowledged with a 2yz reply",
	Cites: []spec.Citation{
		spec.RFC(2428, "3", `Finally, the EPSV command can be used with the argument "ALL" to inform Network Address Translators that the EPRT command (as well as other data commands) will no longer be used.`),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&implemented},
	Field:     "Clients that insist on EPSV ALL give up; the others go on, and gateways have to watch the session.",
	Check: func(ctx context.Context, t *spec.T) {
		if r := t.Do(ctx, t.Login(ctx), "EPSV ALL"); !r.Positive() {
			t.Fail("a 2yz reply", r.String())
		}
		if r := t.Do(ctx, t.Login(ctx), "EPSV all"); !r.Positive() {
			t.Fail("a 2yz reply to all in small letters, too", r.String())
		}
	},
}

// afterAll is a session in which nothing but EPSV is allowed any more.
func afterAll(ctx context.Context, t *spec.T) *probe.Session {
	s := t.Login(ctx)
	if r := t.Do(ctx, s, "EPSV ALL"); !r.Positive() {
		t.Skip("blocked by %s: %s", all.ID, r)
	}
	return s
}

// A server that refuses a command anyhow proves nothing by refusing it after
// EPSV ALL; each of the three is tried in a session without it first.
var noPASV = spec.Requirement{
	ID:        "EPSV-012",
	Level:     report.Must,
	Severity:  report.Major,
	Title:     "After EPSV ALL the server rejects PASV",
	Cites:     []spec.Citation{promise},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&all},
	Field:     "A gateway that relies on EPSV ALL does not translate the address of a later 227: the client connects to nowhere.",
	Check: func(ctx context.Context, t *spec.T) {
		if r := ask(ctx, t, t.Login(ctx), "PASV"); r.Code != 227 {
			t.Skip("PASV is refused without EPSV ALL, too: %s", r)
		}
		s := afterAll(ctx, t)
		t.ExpectRefusal(t.Do(ctx, s, "PASV"))
		// That holds for the rest of the session.
		t.Do(ctx, s, "EPSV")
		t.ExpectRefusal(t.Do(ctx, s, "PASV"))
	},
}

var noPORT = spec.Requirement{
	ID:        "EPSV-013",
	Level:     report.Must,
	Severity:  report.Minor,
	Title:     "After EPSV ALL the server rejects PORT",
	Cites:     []spec.Citation{promise},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&all},
	Field:     "A gateway that relies on EPSV ALL does not translate the address of a later PORT: the server connects to a stranger.",
	Check:     func(ctx context.Context, t *spec.T) { rejected(ctx, t, (*probe.Session).PORT) },
}

var noEPRT = spec.Requirement{
	ID:        "EPSV-014",
	Level:     report.Must,
	Severity:  report.Minor,
	Title:     "After EPSV ALL the server rejects EPRT",
	Cites:     []spec.Citation{promise},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&all},
	Field:     "A gateway that relies on EPSV ALL does not translate the address of a later EPRT: the server connects to a stranger.",
	Check:     func(ctx context.Context, t *spec.T) { rejected(ctx, t, (*probe.Session).EPRT) },
}

// rejected expects that a command of active mode works, and does not after EPSV
// ALL.
func rejected(ctx context.Context, t *spec.T, active func(*probe.Session, context.Context) (*probe.Listener, error)) {
	answer := func(s *probe.Session) probe.Reply {
		l, err := active(s, ctx)
		switch {
		case err == nil:
			l.Close()
			return l.Offer.Reply
		case probe.CauseOf(err) == probe.Refusal:
			return s.Last()
		}
		t.Blame(err)
		t.Fail("a reply", err.Error())
		return probe.Reply{}
	}
	if r := answer(t.Login(ctx)); !r.Positive() {
		t.Skip("the command is refused without EPSV ALL, too: %s", r)
	}
	s := afterAll(ctx, t)
	t.ExpectRefusal(answer(s))
	// That holds for the rest of the session.
	t.Do(ctx, s, "EPSV")
	t.ExpectRefusal(answer(s))
}

// EPSV itself stays.
var stillWorks = spec.Requirement{
	ID:       "EPSV-015",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "After EPSV ALL, EPSV keeps working",
	Cites:    []spec.Citation{promise},
	Needs:    spec.Login,
	// Where EPSV does not work at all this says nothing about EPSV ALL.
	BlockedBy: []*spec.Requirement{&all, &listening},
	Field:     "A client that has sent EPSV ALL cannot transfer anything for the rest of the session.",
	Check: func(ctx context.Context, t *spec.T) {
		sound(ctx, t)
		s := afterAll(ctx, t)
		for range 3 {
			o := probe.Offer{Command: "EPSV", Reply: ask(ctx, t, s, "EPSV")}
			t.Expect(o.Reply).To(gftp.HaveReplyCode(229))
			var err error
			o.Advertised, err = probe.ParseEPSV(o.Reply)
			t.Expect(err).NotTo(HaveOccurred(), "%s", o.Reply)
			c, err := t.DialData(ctx, s, o)
			t.Expect(err).NotTo(HaveOccurred(), "data connection after EPSV ALL")
			t.List(ctx, s, c)
		}
	},
}
