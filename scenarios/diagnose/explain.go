package diagnose

import (
	"slices"

	"github.com/passiveftp/pasv/report"
)

// Explanation is what there is to know about a finding.
type Explanation struct {
	Code report.Code
	// Title says the finding in a line.
	Title string
	// Meaning is what is the case.
	Meaning string
	// Told is how the finding is told apart from its rivals.
	Told string
	// Breaks is what users see.
	Breaks string
	// Fix lists what to change, where: "vsftpd (vsftpd.conf): pasv_address=ADDRESS".
	Fix []string
}

// Explain returns the explanation of a code.
func Explain(code report.Code) (Explanation, bool) {
	all := Explanations()
	i := slices.IndexFunc(all, func(e Explanation) bool { return e.Code == code })
	if i < 0 {
		return Explanation{}, false
	}
	return all[i], true
}

// Explanations returns every finding that a diagnosis can come to, in a fixed
// order.
func Explanations() []Explanation {
	address := serverFixes(adviseAddress)
	ports := slices.Concat(serverFixes(adviseRange), firewallFixes)
	published := slices.Concat(ports, []string{
		"docker: docker run -p FIRST-LAST:FIRST-LAST, the same numbers on both sides",
		"NAT: forward the range to the server without changing the port numbers",
	})
	return []Explanation{
		{
			Code: report.Healthy, Title: "Passive mode works",
			Meaning: "Every way to a data connection that was tried led to a whole listing, and every sampled port answered.",
			Told:    "All attempts at the advertised address, the control connection's address and EPSV ended with a 2yz reply.",
			Breaks:  "Nothing, from where this client stands. Clients in other networks can have other firewalls.",
		},
		{
			Code: report.Undetermined, Title: "Something fails, and the facts do not decide why",
			Meaning: "More than one cause explains what was seen; the evidence names the candidates.",
			Told:    "No other finding explains all the failures.",
			Breaks:  "Some or all transfers.",
			Fix:     []string{"run again, from another network, with more samples, with and without TLS: each excludes candidates", "compare the transcript (-v) with the server's log"},
		},
		{
			Code: report.ControlUnreachable, Title: "The control connection cannot be made, or breaks off",
			Meaning: "Nothing could be learnt about passive mode.",
			Told:    "The evidence says how: refused (a RST came back), filtered (nothing came back), unreachable (no route, or an ICMP message), or where it broke off.",
			Breaks:  "Everything.",
			Fix:     []string{"check host, port and whether the server runs", "open the control port in the firewalls in the path", "look for a ban of this address (fail2ban, hosts.deny)"},
		},
		{
			Code: report.NotFTP, Title: "What answers does not speak FTP",
			Meaning: "The TCP connection came up, but there is no FTP greeting: another protocol, or nothing at all.",
			Told:    "The first line is no reply with a three-digit code, or none comes in time. No greeting at all can also be a full accept queue.",
			Breaks:  "Everything.",
			Fix:     []string{"check host and port", "implicit TLS: use ftps://", "silence only at busy times: raise the server's accept queue or its limit of sessions"},
		},
		{
			Code: report.LoginRefused, Title: "The login is refused",
			Meaning: "The server answers USER, PASS, AUTH or the connection itself with a refusal, so passive mode was not reached.",
			Told:    "The reply, which the evidence shows; 530 is the usual one.",
			Breaks:  "Everything for this account.",
			Fix:     []string{"check user, password and account", "if the server wants TLS, use ftpes:// or ftps://", "vsftpd: \"500 OOPS\" names the setting to correct"},
		},
		{
			Code: report.SessionLimit, Title: "No room for another session",
			Meaning: "The server takes no further session, in all or from this address.",
			Told:    "It answers 421, or says that there are too many.",
			Breaks:  "Every session above the limit; clients with parallel transfers first.",
			Fix: []string{"vsftpd: max_clients, max_per_ip", "ProFTPD: MaxInstances, MaxClients, MaxClientsPerHost", "Pure-FTPd: -c, -C; a passive range holds half as many sessions as ports",
				"pyftpdlib: max_cons, max_cons_per_ip"},
		},
		{
			Code: report.PassiveDisabled, Title: "The server refuses passive mode",
			Meaning: "Neither PASV nor EPSV yields a port.",
			Told:    "Both are answered with a permanent refusal (5yz).",
			Breaks:  "Every client behind NAT or a firewall, since active mode does not work there.",
			Fix:     append(serverFixes(adviseEnable), "an FTP proxy or inspecting firewall can refuse in the server's name: allow the commands there"),
		},
		{
			Code: PASVUnsupported, Title: "The server refuses PASV only",
			Meaning: "EPSV yields a port, PASV is refused.",
			Told:    "PASV is answered 5yz, EPSV transfers work.",
			Breaks:  "Clients that know only PASV.",
			Fix:     serverFixes(adviseEnable),
		},
		{
			Code: report.EPSVUnsupported, Title: "The server refuses EPSV only",
			Meaning: "PASV yields a port, EPSV is refused. Over IPv6 nothing is left then, since PASV cannot name an IPv6 address.",
			Told:    "EPSV is answered 5yz. 522 as the answer to EPSV means the network protocol, not TLS.",
			Breaks:  "All transfers over IPv6; over IPv4 a round trip is lost, and clients depend on the address in the 227.",
			Fix:     serverFixes(adviseEnable),
		},
		{
			Code: EPSVBlocked, Title: "EPSV is offered, but something stops it",
			Meaning: "EPSV gets no answer, or its data connections fail, while those of PASV work.",
			Told:    "PASV works from the same client in the same minute. If PASV works only at an address other than the control connection's, the data path lies on that address alone.",
			Breaks:  "Clients that prefer EPSV and do not fall back; they wait for the timeout, or fail.",
			Fix: append([]string{"open the whole passive range statically, instead of by a helper that reads the 227", "several addresses: open the range on the address of the control connection too",
				"update or turn off FTP inspection in the firewall or load balancer"}, firewallFixes...),
		},
		{
			Code: report.PASVMangled, Title: "The 227 cannot be read",
			Meaning: "The reply to PASV holds no six numbers from 0 to 255, or port 0.",
			Told:    "The reply, which the evidence shows. PASV was accepted: it is not a refusal.",
			Breaks:  "Every client that uses PASV.",
			Fix:     []string{"report the reply to the maker of the server", "if the server's log shows another reply, turn off the FTP helper (ALG) in the path"},
		},
		{
			Code: report.EPSVMangled, Title: "The 229 cannot be read",
			Meaning: "The reply to EPSV does not have the form (|||port|) of RFC 2428.",
			Told:    "The reply, which the evidence shows.",
			Breaks:  "Clients that prefer EPSV and do not fall back to PASV.",
			Fix:     []string{"report the reply to the maker of the server", "if the server's log shows another reply, turn off the FTP helper (ALG) in the path"},
		},
		{
			Code: report.AddressPrivate, Title: "The 227 names a private address",
			Meaning: "The server announces its inside address (RFC 1918, RFC 6598, link-local), but is reached at another that is not private.",
			Told:    "The address in the 227 against that of the control connection; the same port works at the latter, and with EPSV. A private address is no fault when the server is reached at a private address and it works.",
			Breaks:  "Clients that trust the 227: the login works, the listing hangs. curl, FileZilla and Python since 3.9.3 ignore the address.",
			Fix:     slices.Concat(address, []string{"server in a container: announce the host's address, not the container's"}),
		},
		{
			Code: report.AddressZero, Title: "The 227 names 0.0.0.0",
			Meaning: "The address is no address. Some services mean \"use the control connection's address\" by it (AWS Transfer Family can be set so); elsewhere it is a mistake, or PASV over IPv6.",
			Told:    "The reply alone; 0.0.0.0 is never connected to.",
			Breaks:  "Clients that trust the 227. Those that ignore its address, or take 0.0.0.0 for the server's, work.",
			Fix:     address,
		},
		{
			Code: report.AddressLoopback, Title: "The 227 names the loopback address",
			Meaning: "The server announces 127.x.y.z, which leads every client to itself.",
			Told:    "The address in the 227, while the control connection is not on loopback.",
			Breaks:  "Clients that trust the 227, unless they run on the server.",
			Fix:     address,
		},
		{
			Code: report.AddressWrong, Title: "The 227 names an address where the server is not",
			Meaning: "The address is neither the control connection's nor plainly unusable, and data connections to it fail. As a note: it differs, but works, or could not be judged.",
			Told:    "The same port works at the control connection's address, or EPSV works.",
			Breaks:  "Clients that trust the 227, and strict clients that refuse another address.",
			Fix:     slices.Concat(address, []string{"several public addresses: let each listener announce its own"}),
		},
		{
			Code: report.RangeFiltered, Title: "The whole passive range is silently dropped",
			Meaning: "The server offers ports, but no connection to any of them is answered.",
			Told:    "All ways time out, at several ports, while the control connection works. A filter near the client looks the same: another client tells.",
			Breaks:  "Every transfer: the login works, the listing hangs until the timeout.",
			Fix:     ports,
		},
		{
			Code: RangePartlyFiltered, Title: "Some of the passive ports are silently dropped",
			Meaning: "A fixed subset of the offered ports never answers: the server's range is wider than what is open, or single ports (5060 and the like) are filtered.",
			Told:    "The same ports fail each time and the others never, in a pattern that chance does not make. Failures without such a pattern are undetermined.",
			Breaks:  "A share of the transfers, seemingly at random.",
			Fix:     ports,
		},
		{
			Code: report.RangeRejected, Title: "The whole passive range is refused",
			Meaning: "Every connection to an offered port is answered with a RST or an ICMP message.",
			Told:    "All ways are refused at once, while the control connection works. Whether the server, its host or something in the path refuses cannot be seen from the client.",
			Breaks:  "Every transfer: the listing fails at once.",
			Fix:     published,
		},
		{
			Code: RangePartlyRejected, Title: "Some of the passive ports are refused",
			Meaning: "A fixed subset of the offered ports is refused: the server's range is wider than what is open, published or forwarded.",
			Told:    "The same ports fail each time and the others never, in a pattern that chance does not make. About one in two, without a pattern, rather is a balancer that leads to another server.",
			Breaks:  "A share of the transfers, seemingly at random.",
			Fix:     published,
		},
		{
			Code: PoolExhausted, Title: "No passive port is left",
			Meaning: "The server has fewer free passive ports than are asked for.",
			Told:    "It says so when asked for a port, also when the diagnosis holds a single session.",
			Breaks:  "Transfers at busy times.",
			Fix:     append(serverFixes(advisePool), "twice as many ports as transfers at one time; vsftpd holds a port for a whole transfer, and for 60 s when no client comes (accept_timeout)"),
		},
		{
			Code: SourceAddressMismatch, Title: "Data come from another address than control",
			Meaning: "The server compares the addresses of the two connections, and sees different ones.",
			Told:    "The server's reply after the data connection came up (vsftpd: \"425 Security: Bad IP connecting.\").",
			Breaks:  "Clients with two outgoing addresses; everybody, if a proxy hides the address on one of the ports.",
			Fix: []string{"keep the client's address on control port and passive range alike (PROXY protocol on both, or on none)", "docker: published ports without the userland proxy keep the address",
				"vsftpd: pasv_promiscuous=YES turns the check off, and lets strangers take over data connections"},
		},
		{
			Code: TLSReuseRequired, Title: "TLS session reuse is demanded on data connections",
			Meaning: "The server takes a data connection only if it resumes the TLS session of the control connection, and did not find this done.",
			Told:    "The reply speaks of reuse or resumption after the data connection came up: vsftpd 522, FileZilla Server 425 or 450. As the answer to EPSV, 522 means something else.",
			Breaks:  "Clients that do not resume, and with TLS 1.3 some that use up their tickets.",
			Fix:     append([]string{"use a client that resumes the session: this binds the data connection to the login"}, serverFixes(adviseReuse)...),
		},
		{
			Code: TLSCertificate, Title: "The certificate is not acceptable",
			Meaning: "It is not signed by a known issuer, expired, or for another name.",
			Told:    "The error of the TLS handshake.",
			Breaks:  "Every client that checks certificates.",
			Fix:     []string{"install a certificate for the name that clients use, with all intermediate certificates", "own issuer: give it to pasv with --ca; --insecure diagnoses without the check"},
		},
	}
}

// serverFixes are the settings of all servers for a topic.
func serverFixes(t topic) []string {
	var out []string
	for _, s := range servers {
		if l := s.line(t, values{addr: "ADDRESS", first: "FIRST", last: "LAST"}); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// firewallFixes open a range in the usual firewalls.
var firewallFixes = firewalls(values{first: "FIRST", last: "LAST"})
