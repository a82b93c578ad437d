package tls

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// The point of the demand is that no password goes over the wire. The password of
// the target does not in this check: it asks for TLS.
var loginRefused = spec.Requirement{
	ID:       "TLS-026",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "A server that demands TLS for logging in refuses USER or PASS in clear text",
	Cites: []spec.Citation{
		spec.RFC(4217, "10.1", "Deny certain commands before TLS is negotiated (e.g., USER, PASS, or ACCT)."),
		spec.RFC(4217, "4.2", "the same effect can be achieved by refusing to accept certain FTP commands until the session is secured to a level that is acceptable to the server."),
	},
	Needs:     spec.TLSRequired | spec.Credentials,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Clients that are not told to use TLS send the password in the clear, and nobody notices.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "force_local_logins_ssl=YES"},
		{Server: "ProFTPD", Setting: "TLSRequired on (or auth)"},
		{Server: "Pure-FTPd", Setting: "-Y 2 (TLS 2)"},
		{Server: "pyftpdlib", Setting: "handler.tls_control_required = True"},
		{Server: "FileZilla Server", Setting: "Server listeners > Protocol: Require explicit FTP over TLS"},
		{Server: "IIS", Setting: `controlChannelPolicy="SslRequire" of ftpServer/security/ssl`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "USER or PASS in clear text to be refused"
		s := inClear(ctx, t)
		user, pass := t.Target().User, string(t.Target().Pass)
		if user == "" {
			user = probe.Anonymous
		}
		r := t.Do(ctx, s, "USER "+user)
		switch {
		case r.Negative():
			return
		case r.Positive():
			t.Fail(expected, "USER is answered "+r.String())
		}
		if t.Target().Security == probe.Plain {
			if r = t.Do(ctx, s, "PASS "+pass); !r.Negative() {
				t.Fail(expected, "PASS is answered "+r.String())
			}
			return
		}
		// A wrong password is refused in any case; what the refusal says is another
		// thing where TLS is what is missing.
		wrong := "PASS " + rand.Text()
		inTheClear := t.Do(ctx, s, wrong)
		if !inTheClear.Negative() {
			t.Fail(expected, "PASS with a wrong password is answered "+inTheClear.String())
		}
		protected := handshaken(ctx, t)
		t.Do(ctx, protected, "USER "+user)
		if secure := t.Do(ctx, protected, wrong); secure.Code == inTheClear.Code && secure.Text() == inTheClear.Text() {
			t.Fail(expected, fmt.Sprintf("USER is answered %s, and a wrong password %s, the same as under TLS", r, inTheClear))
		}
		t.Note("refused at PASS: %s", inTheClear)
	},
}

// What was good enough for RFC 4217 is not any more (RFC 8996).
var versions = spec.Requirement{
	ID:        "TLS-027",
	Level:     report.Practice,
	Severity:  report.Major,
	Title:     "TLS 1.2 or 1.3 is offered, and what came before is refused",
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Current clients refuse a server that has nothing newer than TLS 1.1. A server that still takes it lets an attacker choose the weaker protocol.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "ssl_tlsv1=NO (and ssl_sslv2=NO, ssl_sslv3=NO)"},
		{Server: "ProFTPD", Setting: "TLSProtocol TLSv1.2 TLSv1.3"},
		{Server: "FileZilla Server", Setting: "Protocols settings > FTP and FTP over TLS (FTPS) > Connection Security > Minimum allowed TLS version: v1.2"},
		{Server: "IIS", Setting: `Enabled=0 for TLS 1.0 and TLS 1.1 in the registry: HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.0\Server, and so on`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		var taken, old []string
		current := false
		for version := uint16(tls.VersionTLS10); version <= tls.VersionTLS13; version++ {
			d, target := t.With(func(d *probe.Dialer, target *probe.Target) {
				if target.Security == probe.Plain {
					target.Security = probe.Explicit
				}
				trusting(d, target)
				d.TLS.MinVersion, d.TLS.MaxVersion = version, version
				d.TLS.CipherSuites = everySuite()
			})
			s, err := shake(ctx, t, d, target)
			if s != nil {
				s.Close()
			}
			if err != nil {
				t.Blame(err)
				if probe.CauseOf(err) == probe.Refusal {
					t.Skip("no session to try %s: %v", tls.VersionName(version), err)
				}
				continue
			}
			taken = append(taken, tls.VersionName(version))
			if version < tls.VersionTLS12 {
				old = append(old, tls.VersionName(version))
			} else {
				current = true
			}
		}
		switch offered := strings.Join(taken, ", "); {
		case !current:
			t.Fail("TLS 1.2 or 1.3", "none of them, but "+offered)
		case len(old) > 0:
			t.Warn("nothing before TLS 1.2", strings.Join(old, " and ")+" is accepted")
		default:
			t.Note("offered: %s", offered)
		}
	},
}

// shake opens a session and makes a handshake, which a server may still refuse when
// the client has come to its end of it.
func shake(ctx context.Context, t *spec.T, d *probe.Dialer, target probe.Target) (s *probe.Session, err error) {
	if target.Security == probe.Implicit {
		s, err = d.Dial(ctx, target)
	} else {
		s = opened(ctx, t, func() (*probe.Session, error) { return d.Dial(ctx, target) })
		_, err = s.StartTLS(ctx)
	}
	if err == nil {
		_, err = s.Do(ctx, "NOOP")
	}
	return s, err
}
