package features

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A server without extensions may have FEAT or not. What it may not do is to
// answer it with a listing of nothing.
var answered = spec.Requirement{
	ID:       "FEAT-001",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "FEAT is answered with a 211 listing, with a single 211 line when there are no features, or with 500 or 502",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", "Where a server-FTP process does not support the FEAT command, it will respond to the FEAT command with a 500 or 502 reply."),
		spec.RFC(2389, "3.2", `The "no-features" reply MUST NOT use the multi-line response format, exactly one response line is required and permitted.`),
		spec.RFC(2389, "3.2", "feat-response = error-response / no-features / feature-listing"),
	},
	Needs: spec.Login,
	Field: "Clients end the session, or believe that there is neither TLS nor UTF-8, MLSD or REST.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		const expected = "a 211 reply, or 500 or 502"
		switch r := t.Do(ctx, s, "FEAT"); {
		case r.Code == 211:
			if len(r.Lines()) == 2 {
				t.Fail("a 211 of one line when there are no features", r.String())
			}
		case r.Code == 500, r.Code == 502:
		case r.Positive(), r.Negative():
			t.Tolerate(expected, r.String())
		default:
			t.Fail(expected, r.String())
		}
	},
}

// feature is the form of a line between the first and the last.
var feature = regexp.MustCompile(`^ [!-~]+( .*)?$`)

// The space is there so that no feature can be taken for the end of the reply.
var indented = spec.Requirement{
	ID:       "FEAT-002",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Every feature stands on a line of its own behind exactly one space",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", "Note that each feature line in the feature-listing begins with a single space. That space is not optional, nor does it indicate general white space."),
		spec.RFC(2389, "3.2", "1*( SP feature CRLF )"),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Clients that cut off one character do not know the feature: no resuming, no times, names in the wrong encoding.",
	Check: func(ctx context.Context, t *spec.T) {
		_, lines := listing(ctx, t, t.Login(ctx))
		var wrong []string
		for _, line := range lines[1 : len(lines)-1] {
			if !feature.MatchString(line) {
				wrong = append(wrong, fmt.Sprintf("%q", line))
			}
		}
		if len(wrong) > 0 {
			t.Fail("lines of one space and a feature", strings.Join(wrong, ", "))
		}
	},
}

// Nobody reads this line for more than its code, so another text is tolerated.
var endLine = spec.Requirement{
	ID:       "FEAT-003",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The last line of the listing is 211 End, in any case",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", `The syntax of other reply lines is precisely defined, and if present, MUST be exactly as specified.`),
		spec.RFC(2389, "3.2", `"211 End" CRLF`),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Only clients that compare the whole line wait for more.",
	Check: func(ctx context.Context, t *spec.T) {
		_, lines := listing(ctx, t, t.Login(ctx))
		if last := lines[len(lines)-1]; !strings.EqualFold(last, "211 End") {
			t.Tolerate("211 End", probe.Printable(last))
		}
	},
}

// RFC 2389 wants all extensions listed; RFC 5797 has no code for these two. All
// servers of importance list them, and clients look.
var extendedPorts = spec.Requirement{
	ID:       "FEAT-006",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "EPSV and EPRT are listed by a server that has them",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", "FTP implementations which support FEAT MUST include in the response to the FEAT command all properly documented FTP extensions beyond those commands and mechanisms described in RFC959 [1]"),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Clients that look before they ask use PASV, which IPv6 does not have, and which a NAT can spoil.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		features, _ := listing(ctx, t, s)
		works := map[string]bool{
			"EPSV": t.Do(ctx, s, "EPSV").Code == 229,
			"EPRT": t.Do(ctx, s, eprt(s)).Code == 200,
		}
		var missing []string
		for _, verb := range []string{"EPSV", "EPRT"} {
			if works[verb] && !features.Has(verb) {
				missing = append(missing, verb)
			}
		}
		switch {
		case len(missing) > 0:
			t.Fail("EPSV and EPRT in FEAT, since they work", strings.Join(missing, " and ")+" missing in: "+labels(features))
		case !works["EPSV"] && !works["EPRT"]:
			t.Skip("neither EPSV nor EPRT works here")
		}
	},
}

// AUTH TLS is for before the login, so a client has to be able to learn of it
// before the login.
var beforeLogin = spec.Requirement{
	ID:       "FEAT-007",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "FEAT is answered before the login",
	Cites: []spec.Citation{
		spec.RFC(3659, "11", "The FEAT and OPTS commands may be issued before the FTP authentication has occurred [6]."),
	},
	Field: "Clients that look for AUTH TLS before they send a password go on without TLS, or give up. So do those that look for UTF8 and HOST.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.DialClear(ctx)
		r := t.Do(ctx, s, "FEAT")
		if (r.Code == 500 || r.Code == 502) && len(t.Features(ctx).All) == 0 {
			t.Skip("missing: feat (FEAT is answered %s)", r)
		}
		t.ExpectCode(r, 211)
	},
}

// listing asks a session with FEAT, and returns the lines of the answer besides.
// Without a listing of more than one line the check is skipped.
func listing(ctx context.Context, t *spec.T, s *probe.Session) (probe.Features, []string) {
	r := t.Do(ctx, s, "FEAT")
	f, err := probe.ParseFeatures(r)
	lines := r.Lines()
	if err != nil || len(lines) < 2 {
		t.Skip("missing: feat (FEAT is answered %s)", r)
	}
	return f, lines
}

// labels lists features for a message.
func labels(f probe.Features) string {
	var names []string
	for _, feature := range f.All {
		names = append(names, probe.Printable(feature.Label))
	}
	return strings.Join(names, " ")
}

// eprt is a well-formed EPRT that names the client's end of the control
// connection, which is the default data port of RFC 959 §3.2.
func eprt(s *probe.Session) string {
	local, protocol := s.Local(), 1
	if !local.Addr().Is4() {
		protocol = 2
	}
	return fmt.Sprintf("EPRT |%d|%s|%d|", protocol, local.Addr().WithZone(""), local.Port())
}
