package features

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients take FEAT at its word: what is not listed is not used.
var complete = spec.Requirement{
	ID:       "FEAT-004",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Every extension that works is listed: MDTM, SIZE, REST STREAM and MLST, LANG, HOST and AUTH TLS, PBSZ and PROT",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", "FTP implementations which support FEAT MUST include in the response to the FEAT command all properly documented FTP extensions beyond those commands and mechanisms described in RFC959 [1], including any which existed before the existence of FEAT."),
		spec.RFC(4217, "6", "If a server supports the FEAT command, then it MUST advertise supported AUTH, PBSZ, and PROT commands in the reply"),
	},
	Needs: spec.Login | spec.Feat | spec.File,
	Field: "Clients do without it: no TLS, no resuming, no exact times and sizes, though the server has them.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		var unlisted []string
		proven := func(in probe.Features, r probe.Reply, code int, label, param string) {
			if r.Code == code && !lists(in, label, param) {
				unlisted = append(unlisted, fmt.Sprintf("%s (%s)", strings.TrimSpace(label+" "+param), r))
			}
		}

		s := t.Login(ctx)
		in, _ := listing(ctx, t, s)
		proven(in, t.Do(ctx, s, "MDTM "+f.Path), 213, "MDTM", "")
		proven(in, t.Do(ctx, s, "SIZE "+f.Path), 213, "SIZE", "")
		proven(in, t.Do(ctx, s, "MLST"), 250, "MLST", "")
		if r := t.Do(ctx, s, "REST 0"); r.Code == 350 && !lists(in, "REST", "STREAM") && restarts(ctx, t, s, f) {
			proven(in, r, 350, "REST", "STREAM")
		}

		s = t.DialClear(ctx)
		if in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT")); err == nil {
			proven(in, t.Do(ctx, s, "LANG"), 200, "LANG", "")
			proven(in, t.Do(ctx, s, "HOST "+host(t)), 220, "HOST", "")
		}

		s = t.DialClear(ctx)
		in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT"))
		protected := s.TLS() != nil
		if !protected {
			r, failed := s.StartTLS(ctx)
			t.Blame(failed)
			if err == nil {
				proven(in, r, 234, "AUTH", "TLS")
			}
			if r.Code == 234 && failed != nil {
				t.Note("PBSZ and PROT were not tried: %v", failed)
			}
			protected = failed == nil
		}
		if protected {
			if in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT")); err == nil {
				proven(in, t.Do(ctx, s, "PBSZ 0"), 200, "PBSZ", "")
				proven(in, t.Do(ctx, s, "PROT P"), 200, "PROT", "")
			}
		}
		if len(unlisted) > 0 {
			t.Fail("everything that works in FEAT", "not listed: "+strings.Join(unlisted, ", "))
		}
	},
}

// 500 and 502 say that the server does not know what it has listed. Anything else
// may be a matter of arguments, rights or policy.
var honest = spec.Requirement{
	ID:       "FEAT-005",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Every listed feature that has a command in an RFC is known: MDTM, SIZE, REST, MLST and MLSD, EPSV, LANG, HOST, AUTH, PBSZ, PROT",
	Cites: []spec.Citation{
		spec.RFC(2389, "3.2", "The feature-label to be used in the response to the FEAT command will be specified as each new feature is added to the FTP command set."),
		spec.RFC(3659, "5.4", "Where REST is not supported at all or supported only in block or compressed modes, the REST line MUST NOT be included in the FEAT response."),
		spec.RFC(2389, "3.2", "That is, when a client receives a FEAT response from an FTP server, it can assume that the only extensions the server supports are those that are listed in the FEAT response."),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Clients that believe the listing do not fall back: listings with MLSD stay empty, mirrors stop at the first MDTM.",
	Check: func(ctx context.Context, t *spec.T) {
		var dead []string
		try := func(s *probe.Session, line string) probe.Reply {
			r := t.Do(ctx, s, line)
			if unknown(r) {
				dead = append(dead, fmt.Sprintf("%s (%s)", line, r))
			}
			return r
		}

		// What is said at the login's other side may differ, so each part asks.
		s := t.Login(ctx)
		in, _ := listing(ctx, t, s)
		for _, c := range []struct{ label, param, line string }{
			{"MDTM", "", "MDTM " + nothing},
			{"SIZE", "", "SIZE " + nothing},
			{"REST", "STREAM", "REST 0"},
			{"MLST", "", "MLST"},
			{"EPSV", "", "EPSV"},
		} {
			if lists(in, c.label, c.param) {
				try(s, c.line)
			}
		}
		if lists(in, "EPRT", "") {
			if r := t.Do(ctx, s, eprt(s)); unknown(r) {
				t.Note("EPRT is listed, and refused as it may be by policy: %s", r)
			}
		}

		dead = append(dead, beforehand(ctx, t)...)
		dead = append(dead, underTLS(ctx, t)...)
		if len(dead) == 0 && lists(in, "MLST", "") {
			// Last, because it cannot be tried without a data connection.
			if m := t.Take(ctx, t.Login(ctx), "MLSD"); m.Err == nil && unknown(m.Final) {
				dead = append(dead, fmt.Sprintf("MLSD, of which MLST tells (%s)", m.Final))
			}
		}
		if len(dead) > 0 {
			t.Fail("every listed command to be known", strings.Join(dead, ", "))
		}
	},
}

// beforehand names the commands that belong before the login, are listed there,
// and are not known.
func beforehand(ctx context.Context, t *spec.T) (dead []string) {
	s := t.DialClear(ctx)
	in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT"))
	if err != nil {
		return nil // that has a requirement of its own
	}
	if lists(in, "LANG", "") {
		// RFC 2640 §4.1 allows it at any time. Known once is known.
		if before := t.Do(ctx, s, "LANG"); unknown(before) {
			if after := t.Do(ctx, t.Login(ctx), "LANG"); unknown(after) {
				dead = append(dead, fmt.Sprintf("LANG (%s)", before))
			}
		}
	}
	if lists(in, "HOST", "") {
		if r := t.Do(ctx, s, "HOST "+host(t)); unknown(r) {
			dead = append(dead, fmt.Sprintf("HOST (%s)", r))
		}
	}
	return dead
}

// underTLS names AUTH, where it is listed in the clear and not known, and the
// commands that belong under TLS, are listed there, and are not known.
func underTLS(ctx context.Context, t *spec.T) (dead []string) {
	s := t.DialClear(ctx)
	if s.TLS() == nil {
		in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT"))
		if err != nil || !lists(in, "AUTH", "TLS") {
			return nil
		}
		r, err := s.StartTLS(ctx)
		t.Blame(err)
		switch {
		case unknown(r):
			return []string{fmt.Sprintf("AUTH TLS (%s)", r)}
		case err != nil:
			t.Note("PBSZ and PROT were not tried: %v", err)
			return nil
		}
	}
	in, err := probe.ParseFeatures(t.Do(ctx, s, "FEAT"))
	if err != nil {
		return nil
	}
	for _, c := range []struct{ label, line string }{{"PBSZ", "PBSZ 0"}, {"PROT", "PROT P"}} {
		if lists(in, c.label, "") {
			if r := t.Do(ctx, s, c.line); unknown(r) {
				dead = append(dead, fmt.Sprintf("%s (%s)", c.line, r))
			}
		}
	}
	if lists(in, "CCC", "") {
		r := t.Do(ctx, s, "CCC")
		if unknown(r) {
			t.Note("CCC is listed, and refused as it may be by policy: %s", r)
		}
		s.Close() // a server that has said yes goes on in the clear
	}
	return dead
}

// These are from drafts that clients follow. What begins with X is an experiment
// (RFC 1123 §4.1.3.1) whose syntax nobody knows, and most other labels name no
// command at all, so those are left alone.
var otherCommands = spec.Requirement{
	ID:       "FEAT-010",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "Listed commands from outside the RFCs (MFMT, HASH, CLNT and the like) are known, too",
	Cites: []spec.Citation{
		spec.RFC(2389, "3", "This command requests the server to list all extension commands, or extended mechanisms, that it supports."),
	},
	Needs: spec.Login | spec.Feat,
	Field: "Clients that keep times with MFMT, or compare checksums, report errors after each file, or end a mirror.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		in, _ := listing(ctx, t, s)
		var tried, dead []string
		for _, line := range []string{
			"MFMT 20200229120000 " + nothing, "MFCT 20200229120000 " + nothing, "CLNT pasv", "AVBL",
			"HASH " + nothing, "MD5 " + nothing, "PRET RETR " + nothing,
		} {
			verb, _, _ := strings.Cut(line, " ")
			if !lists(in, verb, "") {
				continue
			}
			tried = append(tried, verb)
			if r := t.Do(ctx, s, line); unknown(r) {
				dead = append(dead, fmt.Sprintf("%s (%s)", line, r))
			}
		}
		switch {
		case len(dead) > 0:
			t.Fail("every listed command to be known", strings.Join(dead, ", "))
		case len(tried) == 0:
			t.Note("none of them is listed")
		}
	},
}

// nothing is the name of a file that does not exist: whether a command is known
// shows by how it is refused.
const nothing = spec.Workplace + "no-such-file"

// unknown tells the replies of a server that does not have a command.
func unknown(r probe.Reply) bool { return r.Code == 500 || r.Code == 502 }

// lists tells whether a feature is listed, in any case, with a word in its
// parameters. AUTH is also listed as "AUTH" alone and as "AUTH SSL;TLS".
func lists(in probe.Features, label, param string) bool {
	return slices.ContainsFunc(in.Params(label), func(params string) bool {
		return strings.Contains(strings.ToUpper(params), param) || label == "AUTH" && params == ""
	})
}

// host is a name to try HOST with: a virtual host where one is declared, else the
// server as it was called.
func host(t *spec.T) string {
	if hosts := t.Declared().Hosts; len(hosts) > 0 {
		return hosts[0]
	}
	if name := t.Target().Host; !strings.Contains(name, ":") {
		return name
	}
	return "[" + t.Target().Host + "]"
}

// restarts tells whether REST has an effect on RETR. The 350 alone is no proof:
// the command is older than its use in stream mode.
func restarts(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture) bool {
	c := t.Open(ctx, s)
	defer c.Close()
	if r := t.Do(ctx, s, "REST 100"); r.Code != 350 {
		return false
	}
	m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
	return m.Err == nil && m.DataErr == nil && m.Final.Positive() && bytes.Equal(m.Data, f.Content[100:])
}
