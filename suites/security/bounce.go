package security

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A server that connects to whatever address a client names attacks for others. The
// address is one that is reserved for documentation (RFC 5737).
var thirdHost = spec.Requirement{
	ID:       "SEC-001",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "PORT and EPRT that name a third host are refused",
	Cites: []spec.Citation{
		spec.RFC(2577, "3", "Therefore, using proxy FTP, clients have the ability to tell the server to attack a well known service on any machine."),
		spec.RFC(2577, "3", "Disabling the PORT command is also an option for protecting against the bounce attack."),
	},
	Needs: spec.Login,
	Field: "Anybody with an account, often an anonymous one, scans the operator's network from inside and sends what they uploaded to any service there.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "port_promiscuous=NO"},
		{Server: "ProFTPD", Setting: "AllowForeignAddress off"},
		{Server: "pyftpdlib", Setting: "handler.permit_foreign_addresses = False"},
		{Server: "IIS", Setting: `matchClientAddressForPort="true" of ftpServer/security/dataChannelSecurity`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		lines := []string{"PORT 192,0,2,1,78,33", "EPRT |1|192.0.2.1|20001|"}
		if own := s.Local().Addr(); own.Is4() {
			// A server that compares a part of the address takes the neighbours for the client.
			a := own.As4()
			a[3] ^= 2
			neighbour := netip.AddrFrom4(a).String()
			lines = append(lines, "PORT "+commas(neighbour)+",78,33", "EPRT |1|"+neighbour+"|20001|")
		} else {
			lines[1] = "EPRT |2|2001:db8::1|20001|"
		}
		for _, line := range lines {
			r := t.Do(ctx, s, line)
			if r.Negative() {
				continue
			}
			if verb, _, _ := strings.Cut(line, " "); !ownOnly(ctx, t, verb) {
				t.Fail(line+" to be refused", r.String())
			}
			t.Note("%s is answered %s, and the server connects to its client all the same", line, r)
		}
	},
}

// ownOnly tells whether a server that agrees to another host's address connects to
// that of its client nevertheless, which is no way to attack others.
func ownOnly(ctx context.Context, t *spec.T, verb string) bool {
	l, err := t.Login(ctx).PORT(ctx)
	if err != nil {
		return false
	}
	defer l.Close()
	port := l.Offer.Advertised.Port
	s := t.Login(ctx) // one that has not been told the client's address
	other := netip.AddrFrom4([4]byte{192, 0, 2, 1})
	if own := s.Local().Addr(); own.IsLoopback() && own.Is4() {
		other = own.Next() // what the server does stays on this machine
	}
	line := fmt.Sprintf("PORT %s,%d,%d", commas(other.String()), port>>8, port&0xff)
	if verb == "EPRT" {
		line = fmt.Sprintf("EPRT |1|%s|%d|", other, port)
	}
	if r, err := s.Do(ctx, line); err != nil || !r.Positive() || s.Send(ctx, "LIST") != nil {
		return false
	}
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	c, err := l.Accept(short)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// Below 1024 are the services that are worth an attack.
var lowPort = spec.Requirement{
	ID:       "SEC-002",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "PORT and EPRT with a port below 1024 are refused with 504",
	Cites: []spec.Citation{
		spec.RFC(2577, "3", `If a server receives a PORT command containing a TCP port number less than 1024, the suggested response is 504 (defined as "Command not implemented for that parameter" by [PR85]).`),
	},
	Needs: spec.Login,
	Field: "A client has the server connect to a service of its own machine, as if the server were its client.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		own := s.Local().Addr()
		var lines []string
		for _, port := range []int{25, 1023} {
			if own.Is4() {
				lines = append(lines, fmt.Sprintf("PORT %s,%d,%d", commas(own.String()), port>>8, port&0xff), fmt.Sprintf("EPRT |1|%s|%d|", own, port))
			} else {
				lines = append(lines, fmt.Sprintf("EPRT |2|%s|%d|", own.WithZone(""), port))
			}
		}
		for _, line := range lines {
			expected := line + " to be refused, reply code 504"
			switch r := t.Do(ctx, s, line); {
			case r.Code == 504:
			case r.Negative() && disabled(ctx, t, s, line):
				t.Note("%s is answered %s, whatever it names", line[:4], r)
			case r.Negative():
				t.Tolerate(expected, r.String())
			case r.Positive():
				t.Warn(expected, r.String())
			default:
				t.Fail(expected, r.String())
			}
		}
	},
}

func commas(address string) string { return strings.ReplaceAll(address, ".", ",") }

// disabled tells whether a command of active mode is refused with the client's own
// address and a port where the client listens, too.
func disabled(ctx context.Context, t *spec.T, s *probe.Session, line string) bool {
	listen := s.EPRT
	if strings.HasPrefix(line, "PORT") {
		listen = s.PORT
	}
	l, err := listen(ctx)
	if err != nil {
		t.Blame(err)
		return probe.CauseOf(err) == probe.Refusal
	}
	l.Close()
	return false
}

// A number that is cut off names another host or port.
var malformedPort = spec.Requirement{
	ID:       "SEC-003",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "PORT with a malformed argument is refused",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "PORT 200 500, 501, 421, 530"),
		spec.RFC(959, "4.1.2", "The argument is a HOST-PORT specification for the data port to be used in data connection."),
		spec.RFC(959, "4.2.2", "501 Syntax error in parameters or arguments."),
	},
	Needs: spec.Login,
	Field: "The server connects to another place than the client has named, and the client waits.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		own := "127,0,0,1"
		if a := s.Local().Addr(); a.Is4() {
			own = commas(a.String())
		}
		for _, argument := range []string{own + ",200", own + ",256,1", own + ",200,256", own + ",-1,200", own + ",,200", "256,0,0,1,200,1", "a,b,c,d,e,f"} {
			expected := "PORT " + argument + " to be refused, reply code 501"
			switch r := t.Do(ctx, s, "PORT "+argument); {
			case r.Code == 501, r.Code == 500:
			case r.Code == 502:
				t.Note("PORT is not implemented: %s", r)
			case r.Negative():
				t.Tolerate(expected, r.String())
			default:
				t.Fail(expected, r.String())
			}
		}
		for _, argument := range []string{own + ",200,200x", own + ",200,200,7"} {
			t.Note("PORT with text behind the sixth number is answered %s", t.Do(ctx, s, "PORT "+argument))
		}
	},
}
