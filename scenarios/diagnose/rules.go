package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Judge turns facts into findings, the verdict first. It always finds
// something: what no rule explains is "undetermined".
func Judge(f Facts) []report.Finding {
	if f.Trouble != nil {
		return []report.Finding{trouble(f)}
	}
	j := &judge{Facts: f, explained: map[*Way]bool{}}
	j.offers()
	j.addresses()
	j.connections()
	j.transfers()
	j.rest()
	for i := range j.findings {
		j.findings[i].Confidence = math.Round(100*j.findings[i].Confidence) / 100
	}
	slices.SortStableFunc(j.findings, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Confidence, a.Confidence))
	})
	return j.findings
}

func rank(f report.Finding) int {
	if f.Code == report.Healthy {
		return 2
	}
	return map[report.Weight]int{report.Blocking: 0, report.Limited: 1, report.Note: 3}[f.Severity]
}

// judge holds the findings while the rules run.
type judge struct {
	Facts
	findings  []report.Finding
	explained map[*Way]bool
}

// add adds a finding and says which ways it explains. The same finding on another
// way only adds its evidence.
func (j *judge) add(f report.Finding, explains ...*Way) {
	i := slices.IndexFunc(j.findings, func(g report.Finding) bool { return g.Code == f.Code && g.Title == f.Title })
	if i < 0 {
		j.findings = append(j.findings, f)
	} else {
		for _, e := range f.Evidence {
			if !slices.Contains(j.findings[i].Evidence, e) {
				j.findings[i].Evidence = append(j.findings[i].Evidence, e)
			}
		}
	}
	for _, w := range explains {
		j.explained[w] = true
	}
}

// rest judges what the other rules left over.
func (j *judge) rest() {
	var failed []string
	for _, w := range []struct {
		name string
		way  *Way
	}{{"PASV, advertised address", &j.Advertised}, {"PASV, control address", &j.Control}, {"EPSV", &j.EPSV}} {
		if len(w.way.Attempts) > 0 && !w.way.ok() && !j.explained[w.way] {
			a := w.way.telling()
			failed = append(failed, fmt.Sprintf("%s: %d of %d attempts worked; %s", w.name, w.way.worked(), len(w.way.Attempts), a.what()))
		}
	}
	tried := len(j.Advertised.Attempts) + len(j.Control.Attempts) + len(j.EPSV.Attempts)
	switch {
	case len(failed) > 0:
		j.add(report.Finding{
			Code: report.Undetermined, Severity: j.weight(), Confidence: 0.3,
			Title:    "Some data connections fail, and the facts do not tell why",
			Evidence: failed,
			Advice:   []string{"run the diagnosis again, and once more from another network; compare the transcripts (-v) with the server's log"},
		})
	case tried == 0:
		j.add(report.Finding{
			Code: report.Undetermined, Severity: report.Blocking, Confidence: 0.1,
			Title:    "Nothing could be tried",
			Evidence: []string{"no attempt at a data connection was made"},
		})
	case !slices.ContainsFunc(j.findings, func(f report.Finding) bool { return f.Severity != report.Note }) &&
		!slices.ContainsFunc(j.findings, func(f report.Finding) bool {
			return f.Code == report.EPSVUnsupported || f.Code == PASVUnsupported || f.Code == report.Undetermined
		}):
		j.add(j.healthy())
	}
}

// weight is how bad it is when some ways fail: blocking when all do.
func (j *judge) weight() report.Weight {
	if j.Advertised.worked()+j.Control.worked()+j.EPSV.worked() == 0 {
		return report.Blocking
	}
	return report.Limited
}

func (j *judge) healthy() report.Finding {
	f := report.Finding{
		Code: report.Healthy, Severity: report.Note, Confidence: 0.95,
		Title: "Passive mode works on everything that was tried",
	}
	if n := j.Advertised.worked(); n > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("PASV: %d of %d listings came whole, from %s", n, len(j.Advertised.Attempts), j.Advertised.telling().Dialled.Addr()))
	}
	if n := j.EPSV.worked(); n > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("EPSV: %d of %d listings came whole, from %s", n, len(j.EPSV.Attempts), j.EPSV.telling().Dialled.Addr()))
	}
	if open, failed := count(j.dialled(j.home())); failed == 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s to offered ports, and every port answered", plural(open, "connection")))
	}
	return f
}

// offers judges the replies to PASV and EPSV.
func (j *judge) offers() {
	pasv, noPASV := refusal(j.Advertised)
	epsv, noEPSV := refusal(j.EPSV)
	switch {
	case noPASV && noEPSV && permanent(pasv) && permanent(epsv):
		j.add(report.Finding{
			Code: report.PassiveDisabled, Severity: report.Blocking, Confidence: 0.95,
			Title:    "The server refuses passive mode: both PASV and EPSV",
			Evidence: []string{"PASV: " + pasv.Reply.String(), "EPSV: " + epsv.Reply.String()},
			RuledOut: []string{"firewalls and port ranges: no port was offered, so no data connection was tried"},
			Advice:   j.advice(adviseEnable),
		}, &j.Advertised, &j.EPSV)
		return
	case noEPSV && j.ipv6() && permanent(epsv):
		j.add(report.Finding{
			Code: report.EPSVUnsupported, Severity: report.Blocking, Confidence: 0.95,
			Title:    "The server refuses EPSV, the only passive command for IPv6",
			Evidence: []string{"EPSV: " + epsv.Reply.String(), "the control connection is IPv6, where PASV cannot name an address"},
			Advice:   append(j.advice(adviseEnable), "until then, clients can connect by IPv4 and use PASV"),
		}, &j.EPSV)
		return
	}
	if noPASV {
		j.refused("PASV", pasv, &j.Advertised, &j.EPSV)
	}
	if noEPSV {
		j.refused("EPSV", epsv, &j.EPSV, &j.Advertised)
	}
}

// refused judges one of the two commands, while the other may work.
func (j *judge) refused(command string, a Attempt, way, other *Way) {
	evidence := []string{command + ": " + a.Reply.String()}
	if a.Cause != probe.Refusal {
		evidence = []string{command + ": " + a.Err.Error()}
	}
	weight := report.Limited
	if other.worked() == 0 && j.Control.worked() == 0 {
		weight = report.Blocking
	}
	works := map[bool]string{true: "the account and data connections: transfers with the other command work"}
	ruledOut := nonEmpty(works[weight == report.Limited])
	switch {
	case a.Cause == probe.Unreadable:
		code := map[string]report.Code{"PASV": report.PASVMangled, "EPSV": report.EPSVMangled}[command]
		number := map[string]string{"PASV": "227", "EPSV": "229"}[command]
		j.add(report.Finding{
			Code: code, Severity: weight, Confidence: 0.9,
			Title:    fmt.Sprintf("The %s reply names no place that a client could connect to", number),
			Evidence: evidence, RuledOut: ruledOut,
			Advice: []string{
				"report the reply to the maker of the server, unless something in the path rewrites it: compare it with the server's own log",
				"clients that try the other command meanwhile are not affected",
			},
		}, way)
	case strings.Contains(a.Reply.Raw, "pasv_address"):
		j.add(report.Finding{
			Code: report.PassiveDisabled, Severity: weight, Confidence: 0.9,
			Title:    "The server cannot serve PASV: its setting pasv_address is not valid",
			Evidence: evidence, RuledOut: ruledOut,
			Advice: []string{"vsftpd: pasv_address takes an IPv4 address without quotes; with a host name, set pasv_addr_resolve=YES"},
		}, way)
	case poolText.MatchString(a.Reply.Raw):
		j.add(j.exhausted(evidence, weight), way)
	case a.Cause == probe.Refusal && permanent(a) && command == "EPSV":
		weight = report.Note
		title := "The server refuses EPSV; clients fall back to PASV"
		if a.Reply.Code == 522 {
			title = "The server refuses EPSV for this network protocol (522); clients fall back to PASV"
		}
		j.add(report.Finding{
			Code: report.EPSVUnsupported, Severity: weight, Confidence: 0.95, Title: title,
			Evidence: append(evidence, j.workings(&j.Advertised, "PASV")...),
			Advice:   []string{"nothing has to change for IPv4; EPSV is what spares clients the address in the 227, and what IPv6 needs"},
		}, way)
	case a.Cause == probe.Refusal && permanent(a):
		j.add(report.Finding{
			Code: PASVUnsupported, Severity: weight, Confidence: 0.95,
			Title:    "The server refuses PASV; clients that do not know EPSV cannot transfer anything",
			Evidence: append(evidence, j.workings(&j.EPSV, "EPSV")...), RuledOut: ruledOut,
			Advice: j.advice(adviseEnable),
		}, way)
	case command == "EPSV" && (a.Cause == probe.Stalled || a.Cause == probe.Reset || a.Cause == probe.Closed) && other.ok():
		j.add(report.Finding{
			Code: EPSVBlocked, Severity: report.Limited, Confidence: 0.6,
			Title:    "EPSV is not answered, while PASV works",
			Evidence: append(evidence, j.workings(&j.Advertised, "PASV")...), RuledOut: ruledOut,
			Advice: []string{
				"turn off FTP inspection in the firewall or load balancer, or update it: some drop commands that they do not know",
				"if nothing lies in the path, the server itself does not survive EPSV: see its log",
			},
		}, way)
	default:
		j.add(report.Finding{
			Code: report.Undetermined, Severity: weight, Confidence: 0.4,
			Title:    "The server does not offer a port when asked, and does not say clearly why",
			Evidence: append(evidence, "candidates: pool-exhausted (no passive port was free), passive-disabled, a fault of the server's configuration"), RuledOut: ruledOut,
			Advice: append([]string{"look for this moment in the server's log", "run the diagnosis again when nobody else uses the server"}, j.advice(advisePool)...),
		}, way)
	}
}

// exhausted is the finding that no passive port is left.
func (j *judge) exhausted(evidence []string, weight report.Weight) report.Finding {
	return report.Finding{
		Code: PoolExhausted, Severity: weight, Confidence: 0.7,
		Title:    "The server has no passive port left",
		Evidence: append(evidence, "the refusal came again when only one session of the diagnosis was open"),
		Advice:   j.advice(advisePool),
	}
}

// Texts by which servers tell more than their codes do.
var (
	poolText   = regexp.MustCompile(`(?i)reserved TCP ports are busy|address already in use|no (free |available )?(passive )?ports?\b|vsf_sysutil_bind`)
	reuseText  = regexp.MustCompile(`(?i)session reuse required|not resumed|resum|reuse`)
	tlsText    = regexp.MustCompile(`(?i)unable to build data connection: operation not permitted|\b(TLS|SSL)\b`) // ProFTPD, others
	sourceText = regexp.MustCompile(`(?i)bad IP connecting|(ip|address)\b.*does not match|not match.*control|foreign address`)
)

// refusal tells that a way never got a port, and the attempt that shows it.
func refusal(w Way) (Attempt, bool) {
	for _, a := range w.Attempts {
		if a.ok() || a.Phase != probe.Passive {
			return Attempt{}, false
		}
	}
	return w.telling(), len(w.Attempts) > 0
}

// permanent tells a refusal that is meant for ever. A "500 OOPS" of vsftpd is a
// failure, not a refusal.
func permanent(a Attempt) bool {
	return a.Cause == probe.Refusal && a.Reply.Class() == 5 && !strings.Contains(a.Reply.Raw, "OOPS") && !poolText.MatchString(a.Reply.Raw)
}

// workings says how well a way works, if it does.
func (j *judge) workings(w *Way, name string) []string {
	if w.worked() == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d of %d attempts worked, at %s", name, w.worked(), len(w.Attempts), last(*w).Dialled)}
}

// last is the last attempt of a way that worked, else the last.
func last(w Way) Attempt {
	for _, a := range slices.Backward(w.Attempts) {
		if a.ok() {
			return a
		}
	}
	return w.telling()
}

// private tells an address that cannot be reached from elsewhere: RFC 1918,
// RFC 6598, link-local, and unique local IPv6 addresses.
func private(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || carrierGrade.Contains(a)
}

var carrierGrade = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

func nonEmpty(ss ...string) []string {
	return slices.DeleteFunc(ss, func(s string) bool { return s == "" })
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
