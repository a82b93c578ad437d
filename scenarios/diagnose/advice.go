package diagnose

import (
	"fmt"

	"github.com/passiveftp/pasv/probe"
)

// topic is what an advice is about.
type topic uint8

const (
	// adviseAddress: the address that the 227 names.
	adviseAddress topic = iota
	// adviseRange: a firewall that drops the passive range.
	adviseRange
	// advisePublish: a port that is refused in the path.
	advisePublish
	// adviseEnable: PASV and EPSV themselves.
	adviseEnable
	// advisePool: the size of the passive range.
	advisePool
	// adviseReuse: TLS session reuse on data connections.
	adviseReuse
)

// values fill in the settings: the address to announce, and the range.
type values struct{ addr, first, last string }

// settings are what to write where for one product; a function may be nil.
type settings struct {
	product string
	file    string
	address func(v values) string
	ports   func(v values) string
	enable  string
	reuse   string
}

// servers are the products with settings that are known, in the order in which
// they are listed for an unknown server.
var servers = []settings{
	{
		product: probe.VSFTPD, file: "vsftpd.conf",
		address: func(v values) string { return "pasv_address=" + v.addr },
		ports:   func(v values) string { return "pasv_min_port=" + v.first + " and pasv_max_port=" + v.last },
		enable:  "pasv_enable=YES, and neither PASV nor EPSV in cmds_denied or missing from cmds_allowed",
		reuse:   "require_ssl_reuse=NO, if no such client can be had (a downgrade)",
	},
	{
		product: probe.ProFTPD, file: "proftpd.conf",
		address: func(v values) string { return "MasqueradeAddress " + v.addr },
		ports:   func(v values) string { return "PassivePorts " + v.first + " " + v.last },
		enable:  "no <Limit PASV EPSV> with DenyAll",
		reuse:   "TLSOptions NoSessionReuseRequired, if no such client can be had (a downgrade)",
	},
	{
		product: probe.PureFTPd, file: "command line, or a file of conf/",
		address: func(v values) string { return "-P " + v.addr + " (ForcePassiveIP)" },
		ports:   func(v values) string { return "-p " + v.first + ":" + v.last + " (PassivePortRange)" },
		enable:  "no setting turns passive mode off: look at what stands between client and server",
	},
	{
		product: probe.Pyftpdlib, file: "the handler class",
		address: func(v values) string { return fmt.Sprintf("handler.masquerade_address = %q", v.addr) },
		ports: func(v values) string {
			return "handler.passive_ports = range(" + v.first + ", " + v.last + " + 1)"
		},
		enable: "PASV and EPSV in handler.proto_cmds",
	},
	{
		product: probe.FileZilla, file: "FTP server, Passive mode",
		address: func(v values) string { return "public IP or hostname: " + v.addr },
		ports:   func(v values) string { return "use custom port range: " + v.first + " to " + v.last },
	},
	{
		product: probe.IIS, file: "FTP Firewall Support",
		address: func(v values) string { return "External IP Address of Firewall: " + v.addr + " (at the site)" },
		ports: func(v values) string {
			return "Data Channel Port Range: " + v.first + "-" + v.last + " (at the server), then restart the service ftpsvc"
		},
		enable: "PASV and EPSV not denied under FTP Request Filtering, Commands",
	},
	{
		product: probe.SFTPGo, file: "ftpd section of the configuration",
		address: func(v values) string { return fmt.Sprintf("bindings: force_passive_ip %q", v.addr) },
		ports:   func(v values) string { return "passive_port_range: start " + v.first + ", end " + v.last },
		reuse:   "tls_session_reuse of the binding",
	},
	{
		product: probe.Embedded, file: "pasv serve",
		ports: func(v values) string { return "--pasv-range " + v.first + "-" + v.last },
	},
}

// line is the setting of one server for a topic, empty where there is none.
func (s settings) line(t topic, v values) string {
	text := ""
	switch {
	case t == adviseAddress && s.address != nil:
		text = s.address(v)
	case (t == adviseRange || t == advisePublish || t == advisePool) && s.ports != nil:
		text = s.ports(v)
	case t == adviseEnable:
		text = s.enable
	case t == adviseReuse:
		text = s.reuse
	}
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s): %s", s.product, s.file, text)
}

// unknownServer is how many settings are listed when the server is not recognised.
const unknownServer = 4

// lines are the settings for the product, or a short list when it is unknown.
func lines(product string, t topic, v values) []string {
	var out []string
	for _, s := range servers {
		if product != "" && s.product != product || product == "" && s.product == probe.Embedded {
			continue
		}
		if l := s.line(t, v); l != "" && len(out) < unknownServer {
			out = append(out, l)
		}
	}
	return out
}

// wide is a span of ports that nobody configures, so that there is no range at all.
const wide = 2000

// The range to propose where the server has none: easy to remember, and as
// wide as most servers will need.
const (
	proposedFirst = "50000"
	proposedLast  = "50999"
)

// advice is what to change, with the address and the ports of this server.
func (j *judge) advice(t topic) []string {
	v := values{addr: j.Peer.Addr().String(), first: proposedFirst, last: proposedLast}
	span := j.span()
	known := span != nil && span.Distinct > 1 && int(span.Last)-int(span.First) < wide
	if known {
		v.first, v.last = fmt.Sprint(span.First), fmt.Sprint(span.Last)
	}
	ports := v.first + "-" + v.last
	server := lines(j.Product.Name, t, v)
	switch t {
	case adviseAddress:
		if a := j.Peer.Addr(); private(a) || a.IsLoopback() {
			server = append(server, fmt.Sprintf("%s is the address that this client uses; clients elsewhere may need the public one", v.addr))
		}
		return append(server, "clients: prefer EPSV, or use the control connection's address instead of the announced one")
	case adviseRange, advisePublish:
		out := []string{fmt.Sprintf("open the whole passive range that the server is configured for; offered so far were %s", ports)}
		if !known {
			out = append([]string{fmt.Sprintf("give the server a fixed range, for example %s, since no narrow range shows in what it offered, and open that", ports)}, server...)
			server = nil
		} else if j.Product.Name == "" {
			server = nil // it has a range, and nobody knows where it is written
		} else {
			for i := range server {
				server[i] += ": the range, as far as it was seen"
			}
		}
		if t == advisePublish {
			out = append(out, fmt.Sprintf("server in a container: publish the range one to one, docker run -p %s:%s, and announce the host's address", ports, ports))
			out = append(out, fmt.Sprintf("server behind NAT: forward TCP %s to it without changing the port numbers", ports))
		}
		out = append(out, firewalls(v)...)
		return append(out, server...)
	case advisePool:
		server = nil
		out := []string{"make the range larger than the number of transfers at one time, twice as large to be safe"}
		if known {
			out[0] += fmt.Sprintf("; offered so far were %s", ports)
		}
		for _, s := range lines(j.Product.Name, t, values{first: proposedFirst, last: proposedLast}) {
			server = append(server, "for example "+s)
		}
		return append(out, server...)
	case adviseEnable:
		if len(server) == 0 {
			server = []string{"allow PASV and EPSV in the server's configuration"}
		}
		return append(server, "a proxy or an inspecting firewall can refuse commands in the server's name: compare with the server's log")
	}
	return server
}

// firewalls are the rules that open the ports where the usual firewalls are.
func firewalls(v values) []string {
	return []string{
		"nftables: nft add rule inet filter input tcp dport " + v.first + "-" + v.last + " accept",
		"iptables: iptables -A INPUT -p tcp --dport " + v.first + ":" + v.last + " -j ACCEPT",
		"AWS security group: an inbound rule, custom TCP, port range " + v.first + "-" + v.last,
	}
}
