package passive

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

// Port 0 cannot be connected to, and the default data port is the one that
// PASV is there to avoid.
var usablePort = spec.Requirement{
	ID:       "PASV-006",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The announced port is not 0 and not the default data port (control port minus 1)",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", `This command requests the server-DTP to "listen" on a data port (which is not its default data port) and to wait for a connection`),
		spec.RFC(1123, "4.1.2.6", "p1,p2 is a non-default data transfer port that PASV has assigned"),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers},
	Field:     "Port 0 ends every transfer. The default data port collides with the server's own active-mode connections, and firewalls treat it as such.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "pasv_min_port=50000 and pasv_max_port=50100"},
		{Server: "ProFTPD", Setting: "PassivePorts 50000 50100"},
		{Server: "Pure-FTPd", Setting: "-p 50000:50100"},
		{Server: "pyftpdlib", Setting: "handler.passive_ports = range(50000, 50101)"},
		{Server: "FileZilla Server", Setting: "Protocols settings > FTP and FTP over TLS (FTPS) > Passive mode > Use custom port range: 50000 to 50100"},
		{Server: "IIS", Setting: `lowDataChannelPort="50000" highDataChannelPort="50100" of system.ftpServer/firewallSupport`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		o := t.PASV(ctx, s)
		switch port, control := o.Advertised.Port, s.Peer().Port(); {
		case port == 0:
			t.Fail("a port that can be connected to", "port 0: "+o.Reply.String())
		case port == control-1:
			t.Fail("a port other than the default data port", fmt.Sprintf("port %d, which is the control port %d minus 1: %s", port, control, o.Reply))
		case port < 1024:
			t.Warn("a port from 1024 upwards", fmt.Sprintf("port %d: %s", port, o.Reply))
		}
	},
}

// The 227 must lead the client to the machine it is talking to. Servers behind
// a NAT often announce an inside address; clients that believe it hang.
var ownAddress = spec.Requirement{
	ID:       "PASV-007",
	Level:    report.Should,
	Severity: report.Critical,
	Title:    "The announced address is the address of the server host the client is connected to",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.6", "Note that the host number h1,h2,h3,h4 is the IP address of the server host that is sending the reply"),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers, &usablePort},
	Field: "Clients that believe the 227 (lftp for public addresses, ncftp, older commons-net, most embedded ones) connect to nowhere and hang. " +
		"curl, current commons-net and Python ignore the address, so a quick test with curl does not show it.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "pasv_address=PUBLIC.ADDRESS (pasv_addr_resolve=YES for a name)"},
		{Server: "ProFTPD", Setting: "MasqueradeAddress PUBLIC.ADDRESS"},
		{Server: "Pure-FTPd", Setting: "-P PUBLIC.ADDRESS"},
		{Server: "pyftpdlib", Setting: `handler.masquerade_address = "PUBLIC.ADDRESS"`},
		{Server: "FileZilla Server", Setting: "Protocols settings > FTP and FTP over TLS (FTPS) > Passive mode > Use the following host: the public address"},
		{Server: "IIS", Setting: `externalIp4Address="PUBLIC.ADDRESS" of ftpServer/firewallSupport`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		o := t.PASV(ctx, s)
		announced, control := o.Advertised.Addr, s.Peer().Addr()
		if announced == control {
			// A later one need not name the same.
			next, refusal := offer(ctx, t, s)
			if !refusal.IsZero() || next.Advertised.Addr == control {
				return
			}
			o, announced = next, next.Advertised.Addr
		}
		// What can be no address of the server needs no try.
		if kind := unusable(announced, control); kind != "" {
			t.Fail("the address "+control.String()+" of the control connection", kind+": "+o.Reply.String())
		}
		if err := listAt(ctx, t, s, netip.AddrPortFrom(announced, o.Advertised.Port)); err == nil {
			t.Warn("the address "+control.String()+" of the control connection", fmt.Sprintf("%s, where transfers work all the same: %s", announced, o.Reply))
		}
		t.Expect(o.Advertised).To(gftp.AdvertiseAddress(s.Peer()))
	},
}

// unusable says why an address cannot be right for a client that reached the
// server at control; empty if it can.
func unusable(a, control netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "no address at all"
	case a.IsMulticast():
		return "a multicast address"
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address"
	case a.IsLoopback() && !control.IsLoopback() && !control.IsPrivate():
		return "a loopback address"
	case a.IsPrivate() && !control.IsLoopback() && !control.IsPrivate():
		return "a private address"
	}
	return ""
}

// listAt tries a whole listing over a data connection to addr. Only the connect
// is hurried: where it comes about, the server may be as slow as it likes.
func listAt(ctx context.Context, t *spec.T, s *probe.Session, addr netip.AddrPort) error {
	short, cancel := context.WithTimeout(ctx, spec.StrangeAddress)
	defer cancel()
	c, err := s.DialData(short, addr)
	if err != nil {
		return err
	}
	t.List(ctx, s, c)
	return nil
}
