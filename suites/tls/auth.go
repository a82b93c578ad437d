package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

// Without it no client can use the TLS that is on offer. That AUTH TLS is refused
// is no fault: TLS is an extension.
var authTLS = spec.Requirement{
	ID:       "TLS-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "AUTH TLS is accepted with 234, and then the handshake comes to its end",
	Cites: []spec.Citation{
		spec.RFC(4217, "4.2", "In either case, '234' is the server response to an 'AUTH TLS' command that it will honour."),
		spec.RFC(4217, "4.2", "This document does not use the ADAT command and so the '334' reply is incorrect."),
		spec.RFC(2228, "3", "If the server is willing to accept the named security mechanism, and does not require any security data, it must respond with reply code 234."),
	},
	Field: "Clients that ask for TLS stop with an error; those that take it when it is there go on in the clear, with the password.",
	Check: func(ctx context.Context, t *spec.T) {
		if t.Target().Security == probe.Implicit {
			t.Record("not judged: the target has TLS from the first octet")
		}
		asked := false
		d, target := t.With(func(d *probe.Dialer, target *probe.Target) {
			target.Security = probe.Explicit
			trusting(d, target)
			// Old versions and cipher suites have a requirement of their own.
			d.TLS.MinVersion, d.TLS.MaxVersion = tls.VersionTLS10, 0
			d.TLS.CipherSuites = everySuite()
			if len(d.TLS.Certificates) == 0 && d.TLS.GetClientCertificate == nil {
				d.TLS.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					asked = true
					return &tls.Certificate{}, nil
				}
			}
		})
		s := opened(ctx, t, func() (*probe.Session, error) { return d.Dial(ctx, target) })
		r, err := s.StartTLS(ctx)
		switch {
		case r.Negative():
			t.Skip("no TLS: AUTH TLS is answered %s", r)
		case !r.IsZero() && r.Code != 234:
			t.Fail("reply code 234", r.String())
		case err != nil && asked:
			t.Skip("the server wants a certificate of the client: %v", err)
		case err != nil:
			t.Blame(err)
			t.Fail("reply code 234 and a TLS handshake", err.Error())
		}
		if noop, err := s.Do(ctx, "NOOP"); err != nil {
			t.Blame(err)
			if asked {
				t.Skip("the server wants a certificate of the client: %v", err)
			}
			t.Fail("a reply to NOOP under TLS", err.Error())
		} else {
			t.Note("%s; NOOP under TLS is answered %s", s.TLSFacts(), noop)
		}
	},
}

// everySuite is all cipher suites that can be used, weak ones too.
func everySuite() (ids []uint16) {
	for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, c.ID)
	}
	return ids
}

// Clients write it as they like.
var authCase = spec.Requirement{
	ID:       "TLS-002",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The argument of AUTH is taken in upper and lower case",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "The argument field is a Telnet string identifying a supported mechanism. This string is case-insensitive."),
		spec.RFC(4217, "17", "Note: [RFC-2228] states that these parameters are case- insensitive."),
	},
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Clients and scripts that send it in lower case are refused TLS although it is there.",
	Check: func(ctx context.Context, t *spec.T) {
		r := auth(ctx, t, "TLS-C")
		t.Note("TLS-C, the old name of TLS, is answered %s", r)
		t.Expect(auth(ctx, t, "tls")).To(gftp.HaveReplyCode(234))
	},
}

// auth is the answer to AUTH on a connection that is not used any further: where
// the server agrees, it waits for a handshake from then on.
func auth(ctx context.Context, t *spec.T, mechanism string) probe.Reply {
	s := inClear(ctx, t)
	defer s.Close()
	return t.Do(ctx, s, "AUTH "+mechanism)
}

// A client that asks for something that is not there must be able to ask for
// something else.
var authUnknown = spec.Requirement{
	ID:       "TLS-003",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "AUTH with an unknown mechanism is refused, and the session goes on in clear text",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "If the server does not understand the named security mechanism, it should respond with reply code 504."),
		spec.RFC(2228, "3", "If the server does not recognize the AUTH command, it must respond with reply code 500."),
	},
	Field: "Clients that try several mechanisms, GSSAPI before TLS, wait for a security exchange that never comes, or lose the session.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "AUTH XYZZY to be refused, reply code 504"
		s := t.DialClear(ctx)
		switch r := t.Do(ctx, s, "AUTH XYZZY"); {
		case r.Code == 503, r.Code == 530:
			t.Tolerate(expected, r.String())
		case !r.Negative():
			t.Fail(expected, r.String())
		default:
			t.ExpectRefusal(r, 504, 534, 431, 500, 501, 502)
		}
		t.Do(ctx, s, "NOOP")
	},
}

// Clients look at FEAT to see whether they can have TLS.
var featTLS = spec.Requirement{
	ID:       "TLS-004",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "FEAT lists AUTH TLS, PBSZ and PROT",
	Cites: []spec.Citation{
		spec.RFC(4217, "6", "If a server supports the FEAT command, then it MUST advertise supported AUTH, PBSZ, and PROT commands in the reply"),
		spec.RFC(4217, "6", "Additionally, the AUTH command should have a reply that identifies 'TLS' as one of the possible parameters to AUTH."),
	},
	Needs:     spec.TLS | spec.Feat,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Clients that take TLS only where it is announced (lftp, WinSCP, FileZilla when it is left to them) log in without it.",
	Check: func(ctx context.Context, t *spec.T) {
		before, within := probe.Features{}, features(ctx, t, handshaken(ctx, t))
		if len(within.All) == 0 {
			within = features(ctx, t, entered(ctx, t))
		}
		implicit := t.Target().Security == probe.Implicit
		if !implicit {
			if before = features(ctx, t, t.DialClear(ctx)); len(before.All) == 0 && t.Target().Security == probe.Plain {
				before = features(ctx, t, t.Login(ctx))
			}
		}
		var user probe.Features // what is listed after the login
		for _, command := range []string{"PBSZ", "PROT", "AUTH"} {
			listed := func() bool {
				if len(user.All) == 0 {
					user = features(ctx, t, entered(ctx, t))
				}
				return user.Has(command)
			}
			switch {
			case before.Has(command), command != "AUTH" && within.Has(command):
			case command == "AUTH" && implicit:
			case command == "AUTH" && within.Has(command):
				t.Tolerate("AUTH in the listing before TLS", "only in the one under TLS")
			case command != "AUTH" && listed():
				t.Note("%s is listed after the login only", command)
			case command == "AUTH" && len(before.All) == 0:
				t.Inconclusive("FEAT is answered under TLS only, where AUTH may be of no use any more")
			default:
				t.Fail(command+" in the answer to FEAT", "neither before TLS nor under it")
			}
		}
		lines := slices.Concat(before.Params("AUTH"), within.Params("AUTH"))
		switch text := strings.ToUpper(strings.Join(lines, " ")); {
		case len(lines) == 0:
		case !strings.Contains(text, "TLS"):
			t.Warn("AUTH TLS in the answer to FEAT", "AUTH "+probe.Printable(strings.Join(lines, ", AUTH ")))
		case strings.Contains(text, "SSL"):
			t.Note("AUTH is listed with %s", probe.Printable(strings.Join(lines, ", ")))
		}
	},
}

// features is the answer to FEAT in a session; none when it is refused.
func features(ctx context.Context, t *spec.T, s *probe.Session) probe.Features {
	r := t.Do(ctx, s, "FEAT")
	f, err := probe.ParseFeatures(r)
	if err != nil {
		t.Note("FEAT is answered %s", r)
	}
	return f
}

// What was said before AUTH may have been said by anybody. RFC 4217 §4.2 wants
// nothing of it left.
var authResets = spec.Requirement{
	ID:       "TLS-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "An AUTH that is accepted after login ends the login and resets the working directory",
	Cites: []spec.Citation{
		spec.RFC(2228, "3", "The server must also require that the user reauthorize (that is, reissue some or all of the USER, PASS, and ACCT commands) in this case"),
		spec.RFC(4217, "4.2", "Reset transfer parameters after the AUTH command, including (but are not limited to): user identity, default data ports, TYPE, STRU, MODE, and current working directory."),
	},
	Needs:     spec.TLS | spec.Login | spec.EmptyDir | spec.TextFile,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Whoever was able to write into the clear session before the handshake has rights, or a place, in the protected one.",
	Check: func(ctx context.Context, t *spec.T) {
		if t.Target().Security != probe.Plain {
			t.Skip("no password is sent in the clear to a target that asks for TLS")
		}
		sub := t.Fixture(ctx, spec.EmptyDir)
		d, target := t.With(trusting)
		s := opened(ctx, t, func() (*probe.Session, error) { return d.Open(ctx, target) })
		start := t.Do(ctx, s, "PWD")
		if r := t.Do(ctx, s, "CWD "+sub.Path); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		switch r, err := s.StartTLS(ctx); {
		case r.Negative():
			t.Note("AUTH after login is refused: %s", r)
			return
		case err != nil:
			t.Blame(err)
			t.Inconclusive("AUTH after login: %v", err)
		}
		switch r := t.Do(ctx, s, "PWD"); {
		case r.Negative():
			t.ExpectRefusal(r, 530, 503)
		case t.Do(ctx, handshaken(ctx, t), "PWD").Positive():
			t.Note("PWD is answered without a login")
		default:
			t.Fail("PWD to be refused after AUTH, reply code 530", r.String())
		}
		text := t.Fixture(ctx, spec.TextFile)
		// As text it is another one, at least in a session that has just begun.
		if as := untyped(ctx, t, s, text); bytes.Equal(as, text.Content) && !bytes.Equal(untyped(ctx, t, handshaken(ctx, t), text), as) {
			t.Fail("TYPE A after AUTH, as in a new session: lines that end with CR LF", "lines that end with LF, as in TYPE I before")
		}
		login(ctx, t, s)
		if again := t.Do(ctx, s, "PWD"); again.Code == 257 && start.Code == 257 && directory(again) != directory(start) {
			t.Fail("the directory of a new login, "+start.String(), again.String())
		}

		between := opened(ctx, t, func() (*probe.Session, error) { return d.Dial(ctx, target) })
		if r := t.Do(ctx, between, "USER "+target.User); r.Code == 331 {
			if _, err := between.StartTLS(ctx); err == nil {
				t.Note("PASS under TLS after USER in the clear is answered %s", t.Do(ctx, between, "PASS "+string(target.Pass)))
			}
		}
	},
}

// untyped logs in and downloads a file under TLS, without a word about its type.
func untyped(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture) []byte {
	if r, err := s.Login(ctx); err != nil || !r.Positive() {
		t.Blame(err)
		t.Skip("missing: login (%s)", either(r, err))
	}
	if dir := t.Target().Dir; dir != "" {
		t.Do(ctx, s, "CWD "+dir)
	}
	if t.Do(ctx, s, "PBSZ 0"); !t.Do(ctx, s, "PROT P").Positive() {
		return nil
	}
	return take(ctx, s, dial(ctx, t, s, ask(ctx, t, s)), "RETR "+f.Path, true).Data
}

// directory is what a 257 names, or all of its text where that cannot be read.
func directory(r probe.Reply) string {
	if path, err := probe.ParsePath(r); err == nil {
		return path
	}
	return r.Text()
}

// The octets that were there before the handshake are an attacker's, whoever sent
// them: they must not be read as if TLS had brought them (cf. CVE-2011-0411).
var injection = spec.Requirement{
	ID:        "TLS-005",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "Commands in clear text that arrive together with AUTH TLS are not executed after the handshake",
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "An attacker on the way puts commands in front of those of the client, which the server takes for the client's own: USER, so that the user logs in to the attacker's account, or SITE.",
	Check: func(ctx context.Context, t *spec.T) {
		story := handshaken(ctx, t)
		line, answer := answered(ctx, t, story)
		noop := t.Do(ctx, story, "NOOP")

		l := connect(ctx, t, story)
		defer l.close()
		l.say(ctx, "AUTH TLS\r\n"+line+"\r\n")
		switch r, err := l.hear(ctx, patience); {
		case err != nil, r.Negative():
			t.Note("AUTH with more in the same segment is refused: %s", either(r, err))
			return
		case r.Code != 234:
			t.Skip("AUTH with more in the same segment is answered %s", r)
		case len(l.unread) > 0:
			t.Note("clear text follows 234: %s", probe.Printable(string(l.unread)))
			return
		}
		if err := l.handshake(ctx, l.config(t, trusting)); err != nil {
			t.Blame(err)
			t.Note("the handshake fails after AUTH with more in the same segment: %v", err)
			return
		}
		expected := "no answer under TLS to " + line + ", which was sent in clear text"
		judge := func(r probe.Reply) {
			if r.Code == answer.Code && r.Code != noop.Code {
				t.Fail(expected, r.String())
			}
		}
		switch r, err := l.hear(ctx, hearing); {
		case err == nil:
			if r.Positive() {
				t.Fail(expected, r.String())
			}
			t.Note("after the handshake the server says %s", r)
		case probe.CauseOf(err) != probe.Stalled:
			t.Blame(err)
			t.Note("the server closes the connection after the handshake: %v", err)
			return
		}
		l.say(ctx, "NOOP\r\n")
		r, err := l.hear(ctx, patience)
		if err != nil {
			t.Blame(err)
			t.Note("NOOP after the handshake: %v", err)
			return
		}
		judge(r)
		if second, err := l.hear(ctx, time.Second); err == nil {
			judge(second)
			if r.Code == noop.Code && second.Code == noop.Code {
				t.Fail(expected, "two answers to one NOOP")
			}
		}
	},
}

// The same without a line end: what is left of the octets in clear text is put in
// front of what TLS brings.
var fragment = spec.Requirement{
	ID:        "TLS-031",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "A piece of a command in clear text that arrives together with AUTH TLS does not begin the first protected command",
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS, &injection},
	Field:     "An attacker on the way changes the first command of the client, which is USER or PASS, although TLS is said to prevent that.",
	Check: func(ctx context.Context, t *spec.T) {
		story := handshaken(ctx, t)
		line, answer := answered(ctx, t, story)
		l := connect(ctx, t, story)
		defer l.close()
		l.say(ctx, "AUTH TLS\r\nPASV")
		if r, err := l.hear(ctx, patience); err != nil || r.Code != 234 {
			t.Note("AUTH with more in the same segment is refused: %s", either(r, err))
			return
		}
		if err := l.handshake(ctx, l.config(t, trusting)); err != nil {
			t.Blame(err)
			t.Note("the handshake fails after AUTH with more in the same segment: %v", err)
			return
		}
		r, err := l.do(ctx, line)
		switch {
		case err != nil:
			t.Blame(err)
			t.Note("the server closes the connection after the handshake: %v", err)
		case r.Negative() && r.Code != 421:
			if second, err := l.hear(ctx, time.Second); err == nil && second.Code == answer.Code {
				t.Note("after the handshake the server says %s", r)
				return
			}
			t.Fail(line+" under TLS to be answered "+answer.String()+", after PASV in clear text behind AUTH", r.String())
		}
	},
}

// answered is a command that is answered 2yz before the login, and how.
func answered(ctx context.Context, t *spec.T, s *probe.Session) (string, probe.Reply) {
	for _, line := range []string{"FEAT", "SYST", "HELP", "NOOP"} {
		if r := t.Do(ctx, s, line); r.Positive() {
			return line, r
		}
	}
	t.Skip("no command is answered 2yz before the login")
	return "", probe.Reply{}
}

// A server with one loop for all must not wait in it for one of them.
var patientHandshake = spec.Requirement{
	ID:        "TLS-032",
	Level:     report.Practice,
	Severity:  report.Major,
	Title:     "A TLS handshake that does not come to its end keeps nobody else waiting",
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Alone:     true,
	Timeout:   4 * time.Minute,
	Field:     "One client that hangs, or one that a firewall has cut off in the middle, stops the server for everybody until a timeout; doing so on purpose takes one connection.",
	Check: func(ctx context.Context, t *spec.T) {
		const much = 3 * time.Second
		d, target := with(t, []func(*probe.Dialer, *probe.Target){trusting, func(d *probe.Dialer, _ *probe.Target) { d.Timeout = slowness }})
		if target.Security == probe.Implicit {
			t.Skip("the target has TLS from the first octet")
		}
		meet := func() (time.Duration, error) {
			begun := time.Now()
			s, err := d.Dial(ctx, target)
			if err == nil {
				_, err = s.StartTLS(ctx)
				t.Keep(s).Close()
			}
			return time.Since(begun), err
		}
		if took, err := meet(); err != nil || took > much {
			t.Skip("a session under TLS takes %s to begin with (%v)", took.Round(time.Millisecond), err)
		}
		stuck := inClear(ctx, t)
		defer stuck.Close()
		if r := t.Do(ctx, stuck, "AUTH TLS"); r.Code != 234 {
			t.Skip("AUTH TLS is answered %s", r)
		}
		_, stalled := meet()
		stuck.Close()
		if stalled == nil {
			return
		}
		t.Blame(stalled)
		if _, err := meet(); err != nil {
			t.Inconclusive("no session under TLS beside another one, nor after it: %v", err)
		}
		switch probe.CauseOf(stalled) {
		case probe.Stalled, probe.NoGreeting, probe.Filtered:
			t.Fail("a session beside one that is in the middle of its handshake", stalled.Error()+"; when that one has gone, it works")
		}
		t.Note("beside a handshake: %v", stalled)
	},
}
