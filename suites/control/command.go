package control

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Some clients write verbs in lower case, and people do.
var verbCase = spec.Requirement{
	ID:       "CTL-013",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Commands are recognised in any mixture of upper and lower case",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3", "Upper and lower case alphabetic characters are to be treated identically."),
	},
	Needs: spec.Login,
	Field: "Clients that write commands in lower case cannot work with the server at all.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		judged := false
		for _, c := range []struct{ upper, mixed string }{
			{"NOOP", "noop"}, {"NOOP", "NoOp"}, {"PWD", "pWd"}, {"SYST", "syst"}, {"TYPE I", "type I"}, {"MODE S", "mode S"}, {"STRU F", "stru F"},
			{"CWD .", "cwd ."}, {"HELP", "help"}, {"STAT", "stat"}, {"FEAT", "feat"}, {"ABOR", "abor"},
		} {
			want := plain(ctx, t, s, c.upper)
			if !want.Positive() {
				continue
			}
			judged = true
			if r := t.Do(ctx, s, c.mixed); r.Class() != want.Class() {
				t.Fail(fmt.Sprintf("%s to be answered as %s is: %s", c.mixed, c.upper, want), r.String())
			}
		}
		if !judged {
			t.Skip("neither NOOP nor PWD works in upper case")
		}
		// What follows may fail for other reasons than its letters: what counts is
		// whether the command is known.
		// Each has a session of its own: a port to which nobody connects may have a
		// second reply, late, that would be taken for that to the next command.
		for _, verb := range []string{"PASV", "EPSV"} {
			if !known(t.Do(ctx, t.Login(ctx), verb)) {
				continue
			}
			if small := t.Do(ctx, t.Login(ctx), strings.ToLower(verb)); !known(small) {
				t.Fail(strings.ToLower(verb)+" to be known as "+verb+" is", small.String())
			}
		}
		for _, verb := range []string{"LIST", "NLST"} {
			if known(transfer(ctx, t, s, verb)) && !known(transfer(ctx, t, s, strings.ToLower(verb))) {
				t.Fail(strings.ToLower(verb)+" to be known as "+verb+" is", s.Last().String())
			}
		}
		for _, line := range []string{"USER " + probe.Anonymous, "QUIT"} {
			r, err := t.Dial(ctx).Do(ctx, line)
			verb, rest, _ := strings.Cut(line, " ")
			small, lost := t.Dial(ctx).Do(ctx, strings.TrimSpace(strings.ToLower(verb)+" "+rest))
			if err == nil && known(r) && lost == nil && !known(small) {
				t.Fail(strings.ToLower(verb)+" to be known as "+verb+" is", small.String())
			}
		}
	},
}

// transfer is the last reply to a command that brings data.
func transfer(ctx context.Context, t *spec.T, s *probe.Session, verb string) probe.Reply {
	c, err := passive(ctx, t, s)
	if err != nil || c == nil {
		return probe.Reply{}
	}
	return t.TakeOn(ctx, s, c, verb).Final
}

// known tells a reply to a command that the server knows from one that says otherwise;
// no reply says nothing.
func known(r probe.Reply) bool { return r.Code != 500 && r.Code != 502 }

// The same goes for the letters of TYPE, MODE and STRU.
var parameterCase = spec.Requirement{
	ID:       "CTL-014",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Letters that stand for parameter values are recognised in upper and lower case",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3", "This also applies to any symbols representing parameter values, such as A or a for ASCII TYPE."),
	},
	Needs: spec.Login,
	Field: "Clients that write them in lower case cannot set the type, and go on with a wrong one: binary files are damaged.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		judged := false
		for _, c := range []struct{ upper, lower string }{{"TYPE I", "TYPE i"}, {"TYPE A", "TYPE a"}, {"MODE S", "MODE s"}, {"STRU F", "STRU f"}} {
			if !plain(ctx, t, s, c.upper).Positive() {
				continue
			}
			judged = true
			accepts(ctx, t, s, c.lower)
		}
		if !judged {
			t.Skip("none of TYPE, MODE and STRU works in upper case")
		}
	},
}

// accepts expects a command to be accepted that is in another form.
func accepts(ctx context.Context, t *spec.T, s *probe.Session, line string) {
	r := t.Do(ctx, s, line)
	if !r.Positive() {
		t.Fail(fmt.Sprintf("%q to be answered 200", line), r.String())
	}
	t.ExpectCode(r, 200)
}

// A SHOULD, since the syntax of RFC 959 §5.3.1 has a single space. Before a
// pathname there is exactly one (RFC 3659 §2.2): that is not tried here.
var severalSpaces = spec.Requirement{
	ID:       "CTL-015",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "Several spaces between a command and an argument that is no pathname count as one",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3", "The command codes and the argument fields are separated by one or more spaces."),
	},
	Needs: spec.Login,
	Field: "Rarely noticed: clients send one space; people and scripts sometimes more.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		works(ctx, t, s, "TYPE I")
		accepts(ctx, t, s, "TYPE  I")
	},
}

// Whoever accepts nothing as an argument acts on something that nobody named.
var missingArgument = spec.Requirement{
	ID:       "CTL-016",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "A command without the argument it needs is refused as a syntax error",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.1", "501 Syntax error in parameters or arguments."),
		spec.RFC(959, "4.2.1", "500 Syntax error, command unrecognized."),
	},
	Needs: spec.Login,
	Field: "A client that has lost an argument on its way is told that all is well: it goes on in a state that it does not know.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		refused := func(line string) {
			r, err := s.Do(ctx, line)
			if cause := probe.CauseOf(err); r.Code == 421 || cause == probe.Closed || cause == probe.Reset {
				// A server may have enough of a client after a few refusals.
				s = t.Login(ctx)
				r = t.Do(ctx, s, line)
			} else {
				t.Expect(err).NotTo(HaveOccurred(), "a reply to %s", line)
			}
			switch {
			case r.Code == 500, r.Code == 501:
			case r.Code == 502:
				t.Note("%s is not implemented: %s", line, r)
			case r.Negative():
				t.Tolerate("501 or 500 for "+line+" without an argument", r.String())
			default:
				t.Fail("a refusal of "+line+" without an argument, reply code 501 or 500", r.String())
			}
		}
		for _, line := range []string{"TYPE", "RNFR", "DELE", "MODE", "STRU", "MKD", "SIZE", "MDTM"} {
			refused(line)
		}
		// With a data connection, so that its lack is no reason to refuse.
		c, err := passive(ctx, t, s)
		if err != nil || c == nil {
			t.Note("RETR was not tried, since there is no data connection")
			return
		}
		defer c.Close()
		refused("RETR")
		refused("STOR")
	},
}
