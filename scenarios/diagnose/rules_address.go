package diagnose

import (
	"fmt"
	"net/netip"

	"github.com/passiveftp/pasv/report"
)

// addresses judges the address in the 227.
func (j *judge) addresses() {
	offer, ok := j.Advertised.offer()
	peer := j.Peer.Addr()
	if !ok || offer.Addr == peer || j.Advertised.Same {
		return
	}
	said := offer.Addr
	code, title := classify(said, peer)
	f := report.Finding{
		Code: code, Severity: report.Limited, Confidence: 0.95, Title: title,
		Evidence: []string{fmt.Sprintf("the 227 says %s, the control connection goes to %s", said, peer)},
		Advice:   j.advice(adviseAddress),
	}
	if docker.Contains(said) {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s is in the range from which Docker gives addresses to containers", said))
	}
	elsewhere := append(j.workings(&j.Control, "the same port at the control connection's address"), j.workings(&j.EPSV, "EPSV")...)
	switch {
	case j.Advertised.ok() && code == report.AddressLoopback:
		f.Title = "The 227 names the loopback address, which leads clients on other machines to themselves"
		f.Evidence = append(f.Evidence, "it works from here, because the server runs on this machine")
	case j.Advertised.ok():
		f.Severity, f.Confidence = report.Note, 0.9
		f.Title = fmt.Sprintf("The 227 names another address than the control connection's, %s, and it works from here", said)
		f.Evidence = append(f.Evidence, j.workings(&j.Advertised, "the address of the 227")...)
		f.Advice = []string{"nothing has to change if all clients can reach that address; some strict clients refuse an address other than the control connection's"}
		if code == report.AddressPrivate {
			f.Advice = append(f.Advice, j.advice(adviseAddress)...)
		}
	case j.Advertised.worked() > 0:
		return // it leads to the server, and fails now and then: no fault of the address
	case len(elsewhere) > 0:
		f.Evidence = append(f.Evidence, fmt.Sprintf("a data connection to it fails: %s", j.Advertised.telling().what()))
		f.Evidence = append(f.Evidence, elsewhere...)
		f.Evidence = append(f.Evidence, "clients that trust the 227 fail; those that ignore its address (curl, Python since 3.9.3, FileZilla) or prefer EPSV do not")
		f.RuledOut = []string{"a closed port range or a firewall: the passive ports answer at the control connection's address"}
	default:
		// Nothing works anywhere, so another finding leads. What remains certain is what the reply says.
		f.Evidence = append(f.Evidence, "data connections to the control connection's own address fail as well, so this is not the only fault")
		if code == report.AddressWrong {
			f.Severity, f.Confidence = report.Note, 0.4
			f.Title = "The 227 names another address than the control connection's"
			f.Evidence = append(f.Evidence, "whether that address would do cannot be told before data connections work at all")
		}
	}
	j.add(f, &j.Advertised)
}

// classify says what is the matter with an address that is not the peer's.
func classify(said, peer netip.Addr) (report.Code, string) {
	switch {
	case said.IsUnspecified():
		return report.AddressZero, "The 227 names the address 0.0.0.0, which is nowhere"
	case said.IsLoopback() && !peer.IsLoopback():
		return report.AddressLoopback, "The 227 names the loopback address, which leads every client to itself"
	case private(said) && !private(peer):
		return report.AddressPrivate, fmt.Sprintf("The 227 names the private address %s, which clients outside cannot reach", said)
	}
	return report.AddressWrong, fmt.Sprintf("The 227 names %s, where this client finds no data connection", said)
}

// docker is the pool from which Docker takes its default networks.
var docker = netip.MustParsePrefix("172.16.0.0/12")
