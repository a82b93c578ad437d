package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// transfers judges what went wrong after the data connection came up.
func (j *judge) transfers() {
	var (
		failed []Attempt
		ways   []*Way
	)
	for _, w := range []*Way{&j.Advertised, &j.Control, &j.EPSV} {
		if j.explained[w] {
			continue
		}
		n := len(failed)
		for _, a := range w.Attempts {
			if !a.ok() && a.connected() {
				failed = append(failed, a)
			}
		}
		if len(failed) > n {
			ways = append(ways, w)
		}
	}
	if len(failed) == 0 {
		return
	}
	j.add(j.transfer(failed), ways...)
}

// transfer finds the cause of failures that have the TCP connection behind them.
func (j *judge) transfer(failed []Attempt) report.Finding {
	a := failed[0]
	f := report.Finding{
		Severity: j.weight(), Confidence: 0.4,
		Evidence: []string{fmt.Sprintf("%s came up, and then failed: %s", plural(len(failed), "data connection"), a.what())},
		RuledOut: []string{"a closed port range and a wrong address: the data connections come up"},
	}
	text := func(match func(string) bool) bool {
		return slices.ContainsFunc(failed, func(a Attempt) bool { return match(a.Reply.Raw) })
	}
	switch {
	case j.Protected && text(reuseText.MatchString):
		f.Code, f.Confidence = TLSReuseRequired, 0.9
		f.Title = "The server demands that data connections resume the TLS session of the control connection, and does not find this done"
		f.Advice = append([]string{"use a client that resumes the session on data connections; that is the safer cure, since it binds the data to the login"}, j.advice(adviseReuse)...)
	case text(sourceText.MatchString):
		f.Code, f.Confidence = SourceAddressMismatch, 0.85
		f.Title = "The server sees the data connection come from another address than the control connection"
		f.Advice = []string{
			"let proxies and NAT in front of the server keep the client's address on the passive ports as on the control port (PROXY protocol on both, or on none)",
			"on the client's side, use one outgoing address: two uplinks or carrier-grade NAT can give every connection another",
			"vsftpd: pasv_promiscuous=YES and its like switch the check off, and let strangers take over data connections",
		}
	case text(poolText.MatchString):
		return j.exhausted(f.Evidence, f.Severity)
	case !j.Protected && slices.ContainsFunc(failed, func(a Attempt) bool { return a.Reply.Code == 521 || a.Reply.Code == 522 }):
		f.Code, f.Confidence = report.Undetermined, 0.7
		f.Title = "The server refuses unprotected data connections"
		f.Advice = []string{"diagnose with TLS: ftpes:// instead of ftp://"}
	case slices.ContainsFunc(failed, func(a Attempt) bool { return a.Err != nil && strings.Contains(a.Err.Error(), "x509:") }):
		f.Code, f.Confidence = TLSCertificate, 0.85
		f.Title = "The certificate on the data connection is not acceptable"
		f.Advice = []string{"give data connections the same certificate as the control connection, valid for the name that clients use"}
	case unlistable(a):
		f.Code, f.Severity = report.Undetermined, report.Note
		f.Title = "Data connections come up, but the directory cannot be listed, so no data were seen"
		f.Evidence = append(f.Evidence, fmt.Sprintf("the server refuses LIST and NLST: %s", a.Reply))
		f.Advice = []string{"name a directory in the target's URL that this account may list"}
	case j.Protected && (a.Phase == probe.DataTLS || text(tlsText.MatchString)):
		f.Code, f.Confidence = report.Undetermined, 0.5
		f.Title = "Data connections come up, but TLS on them fails"
		f.Evidence = append(f.Evidence, "candidates: tls-reuse-required (not every server says so), tls-tickets-exhausted, something in the path that cuts TLS")
		f.Advice = append([]string{"try the same without TLS: if that works, it is a matter of TLS and not of the network"}, j.advice(adviseReuse)...)
	case a.Cause == probe.Refusal && a.Reply.Code == 425:
		f.Code = report.Undetermined
		f.Title = "The data connection comes up here, but the server does not use it (425)"
		f.Evidence = append(f.Evidence, "candidates: phantom-accept (something in the path answers for the server), balancer-no-affinity, source-address-mismatch, a server that takes data connections only after the command")
		f.Advice = []string{
			"look in the server's log for the address from which it saw the data connection come, if at all",
			"make sure that the control port and the passive range lead to the same server",
		}
	case a.Cause == probe.Refusal:
		f.Code = report.Undetermined
		f.Title = fmt.Sprintf("Data connections come up, but the transfer ends with %d", a.Reply.Code)
		f.Advice = []string{"look for this reply in the server's log"}
	case a.Phase == probe.Completion && a.Bytes > 0:
		f.Code = report.Undetermined
		f.Title = "The data come through, but the final reply (226) does not"
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s came, then the end of the data", plural(int(a.Bytes), "byte")),
			"candidates: the server does not send the reply, control-idle-dropped (something in the path forgot the control connection)")
		f.Advice = []string{"look in the server's log whether it counts the transfer as complete", "if only long transfers lose the reply, turn on TCP keepalive on the control connection"}
	default:
		f.Code = report.Undetermined
		f.Title = "Data connections come up, but no whole listing comes through"
		f.Evidence = append(f.Evidence, fmt.Sprintf("it fails as %q in phase %s, after %d bytes", a.Cause, a.Phase, a.Bytes),
			"candidates: data-cut, mtu-black-hole (large packets vanish), phantom-accept, port-wrong-service")
		f.Advice = []string{"compare a short listing with a long one: if only the long one stops, clamp the MSS in the path and let ICMP through"}
	}
	return f
}
