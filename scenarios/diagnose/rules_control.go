package diagnose

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// trouble is the finding when no session could be opened.
func trouble(f Facts) report.Finding {
	var e *probe.Error
	if !errors.As(f.Trouble, &e) {
		e = &probe.Error{Phase: probe.Connect, Err: f.Trouble}
	}
	out := report.Finding{Severity: report.Blocking, Confidence: 0.95, Evidence: []string{e.Error()}}
	if !f.Greeting.IsZero() && f.Greeting.Raw != e.Reply.Raw {
		out.Evidence = append(out.Evidence, "the greeting: "+f.Greeting.String())
	}
	set := func(code report.Code, title string, advice ...string) report.Finding {
		out.Code, out.Title, out.Advice = code, title, advice
		return out
	}
	switch {
	case e.Cause == probe.Alien, e.Cause == probe.Excess:
		return set(report.NotFTP, alien(e), "check host and port; the FTP control port is 21 unless it was changed, 990 for implicit TLS (ftps://)")
	case e.Cause == probe.NoGreeting:
		out.Confidence = 0.6
		out.Evidence = append(out.Evidence, "the same can come from another protocol that waits for the client to begin (HTTP, or TLS from the first octet), from a full accept queue, or from something in the path that accepts for a server that is not there")
		return set(report.NotFTP, "The server takes the connection and sends no greeting",
			"check host and port", "if the port is for implicit TLS, use ftps://", "if it works at other times, look at the number of waiting connections on the server")
	case e.Reply.Code == 421, limitText(e.Reply):
		return set(report.SessionLimit, "The server has no room for another session",
			"end other sessions, or wait until they end", "raise the limit: vsftpd max_clients and max_per_ip, ProFTPD MaxInstances and MaxClientsPerHost, Pure-FTPd -c and -C, pyftpdlib max_cons and max_cons_per_ip")
	case strings.Contains(f.Greeting.Raw, "SMTP") && e.Reply.Class() == 5:
		return set(report.NotFTP, "A mail server (SMTP) answers, not an FTP server", "check host and port")
	case e.Phase <= probe.Connect:
		return unreachable(e, set)
	case e.Phase == probe.TLS:
		return secured(e, set)
	case e.Cause == probe.Refusal && e.Phase == probe.Greeting:
		return set(report.LoginRefused, "The server greets with a refusal", "the reply says why; look for it in the server's log")
	case e.Cause == probe.Refusal:
		return set(report.LoginRefused, fmt.Sprintf("The login is refused (%d)", e.Reply.Code), login(e.Reply)...)
	}
	return set(report.ControlUnreachable, fmt.Sprintf("The control connection breaks off (%s, %s)", e.Phase, e.Cause),
		"look for this moment in the server's log",
		"a server that closes at once may deny this client's address (hosts.deny, fail2ban), one that goes silent at the login may wait for a slow user database")
}

// limitText tells a refusal that means too many sessions, whatever its code.
func limitText(r probe.Reply) bool {
	return strings.Contains(strings.ToLower(r.Raw), "too many")
}

func login(r probe.Reply) []string {
	if r.Code == 503 || r.Code == 500 || r.Code == 502 {
		return []string{"the server does not take USER and PASS as they come: look for the reply in its log; vsftpd's \"500 OOPS\" names the setting to correct"}
	}
	return []string{
		"check user and password, and whether the account may use FTP (shell, user list, chroot)",
		"some servers want TLS first: try ftpes://",
	}
}

// alien says what answered instead of an FTP server.
func alien(e *probe.Error) string {
	var syntax *probe.SyntaxError
	errors.As(e.Err, &syntax)
	if syntax != nil {
		for prefix, name := range map[string]string{"HTTP/": "a web server (HTTP)", "SSH-": "an SSH server", "* OK": "an IMAP server", "+OK": "a POP3 server", "RFB ": "a VNC server"} {
			if strings.HasPrefix(syntax.Line, prefix) {
				return "Another service answers: " + name + ", not an FTP server"
			}
		}
		if strings.HasPrefix(syntax.Line, "\x15\x03") || strings.HasPrefix(syntax.Line, "\x16\x03") {
			return "The server speaks TLS from the first octet: implicit TLS (ftps://)"
		}
	}
	return "What answers does not speak FTP"
}

// unreachable is the finding when no TCP connection came up.
func unreachable(e *probe.Error, set func(report.Code, string, ...string) report.Finding) report.Finding {
	what := map[probe.Cause]string{
		probe.Refused:     "refused",
		probe.Filtered:    "filtered: nothing answers",
		probe.Unreachable: "unreachable: there is no way to it",
		probe.Local:       "not possible: this machine has run out of ports, descriptors or memory",
	}
	advice := map[probe.Cause][]string{
		probe.Refused:     {"check that the server runs, and listens on this address and port", "a firewall that rejects looks the same: try from the server's own machine"},
		probe.Filtered:    {"open the control port in the firewalls in the path (security group, nftables, the client's own network)", "a ban after too many sessions (fail2ban, CSF) looks the same: try from another address"},
		probe.Unreachable: {"check host, route and VPN; try the other address family (-4, -6)"},
	}
	if e.Phase == probe.Resolve {
		return set(report.ControlUnreachable, "The host name leads to no address", "check the name and the address family (-4, -6)")
	}
	return set(report.ControlUnreachable, "The control connection is "+cmp.Or(what[e.Cause], "not possible"), advice[e.Cause]...)
}

// secured is the finding when TLS on the control connection failed.
func secured(e *probe.Error, set func(report.Code, string, ...string) report.Finding) report.Finding {
	switch {
	case e.Cause == probe.Refusal:
		return set(report.LoginRefused, fmt.Sprintf("The server does not protect the session as asked (%d)", e.Reply.Code),
			"use ftp:// if the server has no TLS, or turn TLS on: vsftpd ssl_enable=YES, ProFTPD TLSEngine on, Pure-FTPd --tls=1")
	case strings.Contains(e.Error(), "x509:") || strings.Contains(e.Error(), "certificate"):
		return set(TLSCertificate, "The server's certificate is not acceptable",
			"name the issuer with --ca, or diagnose with --insecure", "give the server a certificate for the name that clients use, with all intermediate certificates")
	case e.Cause == probe.Handshake && alerted(e):
		return set(report.LoginRefused, "The server speaks TLS and breaks off every handshake",
			"see that the server has a certificate and its key, and which versions and ciphers it allows; its log names the cause")
	case e.Cause == probe.Handshake:
		return set(report.NotFTP, "The server does not speak TLS here", "implicit TLS (ftps://) is for port 990, explicit TLS (ftpes://) for port 21")
	}
	return set(report.ControlUnreachable, fmt.Sprintf("The control connection breaks off during the TLS handshake (%s)", e.Cause),
		"an inspecting firewall can do this: try another control port, or turn FTP inspection off for this host")
}

// alerted tells whether it was the server that ended the handshake, with a TLS
// alert (RFC 8446 §6.2).
func alerted(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}
