package diagnose

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

var (
	public = netip.MustParseAddrPort("203.0.113.5:21")
	inside = netip.MustParseAddrPort("192.168.7.5:21")
	local  = netip.MustParseAddrPort("127.0.0.1:21")
	six    = netip.MustParseAddrPort("[2001:db8::5]:21")
)

// said is a reply of one line.
func said(line string) probe.Reply {
	var code int
	_, _ = fmt.Sscan(line[:3], &code)
	return probe.Reply{Code: code, Raw: line + "\r\n"}
}

// to is an attempt that worked: PASV when the reply named an address, else EPSV.
func to(advertised, dialled string) Attempt {
	a := Attempt{Command: "PASV", Dialled: netip.MustParseAddrPort(dialled), Reply: said("226 Transfer complete.")}
	if advertised == "" {
		a.Command, a.Advertised = "EPSV", probe.Endpoint{Port: a.Dialled.Port()}
		return a
	}
	a.Advertised = probe.Endpoint{Addr: netip.MustParseAddr(advertised), Port: a.Dialled.Port()}
	return a
}

// but makes an attempt fail.
func (a Attempt) but(phase probe.Phase, cause probe.Cause, reply string) Attempt {
	e := &probe.Error{Phase: phase, Addr: a.Dialled.String(), Cause: cause, Err: errors.New(cause.String())}
	if reply != "" {
		a.Reply = said(reply)
		if cause == probe.Refusal || cause == probe.Unreadable {
			e.Reply = a.Reply
		}
		if cause == probe.Unreadable {
			e.Err = fmt.Errorf("cannot be read: %s", a.Reply)
		}
	}
	a.fail(e)
	return a
}

func (a Attempt) filtered() Attempt    { return a.but(probe.DataConnect, probe.Filtered, "") }
func (a Attempt) refused() Attempt     { return a.but(probe.DataConnect, probe.Refused, "") }
func (a Attempt) unreachable() Attempt { return a.but(probe.DataConnect, probe.Unreachable, "") }

// no is an attempt that got no port.
func no(command, reply string) Attempt {
	cause := probe.Refusal
	if strings.HasPrefix(reply, "227") || strings.HasPrefix(reply, "229") {
		cause = probe.Unreadable
	}
	return Attempt{Command: command}.but(probe.Passive, cause, reply)
}

// way repeats an attempt, each time at the next port.
func way(n int, a Attempt) Way {
	var w Way
	for range n {
		w.Attempts = append(w.Attempts, a)
		if !a.offered() {
			continue
		}
		a.Advertised.Port++
		a.Dialled = netip.AddrPortFrom(a.Dialled.Addr(), a.Dialled.Port()+1)
	}
	return w
}

// same is the control way where the 227 names the control connection's address.
var same = Way{Same: true, Skipped: "the same place"}

// samples are attempts at ports of the control connection's address, bad ones
// filtered where the port is in bad.
func samples(addr string, ports []int, fail func(Attempt) Attempt, bad ...int) []Attempt {
	var out []Attempt
	for _, p := range ports {
		a := to(addr, fmt.Sprintf("%s:%d", addr, p))
		if slices.Contains(bad, p) {
			a = fail(a)
		}
		out = append(out, a)
	}
	return out
}

func ports(first, last int) []int {
	var out []int
	for p := first; p <= last; p++ {
		out = append(out, p)
	}
	return out
}

const (
	peer  = "203.0.113.5"
	peerP = "203.0.113.5:50000"
)

func TestJudge(t *testing.T) {
	good := Facts{Peer: public, Advertised: way(3, to(peer, peerP)), Control: same, EPSV: way(3, to("", peerP))}
	with := func(change func(*Facts)) Facts {
		f := good
		change(&f)
		return f
	}
	for _, c := range []struct {
		name  string
		facts Facts
		// want are the codes in order, each with its weight.
		want string
		// says must stand somewhere in the first finding.
		says string
	}{
		{"all well", good, "healthy/note", "PASV: 3 of 3"},
		{"all well over IPv6", Facts{Peer: six, Advertised: Way{Skipped: "x"}, Control: Way{Skipped: "x"}, EPSV: way(3, to("", "[2001:db8::5]:50000"))}, "healthy/note", "EPSV: 3 of 3"},
		{"a private server announces its private address", Facts{Peer: inside, Advertised: way(3, to("192.168.7.5", "192.168.7.5:50000")), Control: same, EPSV: way(3, to("", "192.168.7.5:50000"))}, "healthy/note", ""},
		{"loopback on loopback", Facts{Peer: local, Advertised: way(3, to("127.0.0.1", "127.0.0.1:50000")), Control: same, EPSV: way(3, to("", "127.0.0.1:50000"))}, "healthy/note", ""},

		{"private address, the rest works", with(func(f *Facts) {
			f.Product = probe.Product{Name: probe.VSFTPD, Version: "3.0.3"}
			f.Advertised = way(3, to("10.1.2.3", "10.1.2.3:50000").filtered())
			f.Control = way(3, to("10.1.2.3", peerP))
		}), "address-private/limited", "vsftpd (vsftpd.conf): pasv_address=203.0.113.5"},
		{"carrier-grade NAT", with(func(f *Facts) {
			f.Advertised = way(3, to("100.64.3.3", "100.64.3.3:50000").unreachable())
			f.Control = way(3, to("100.64.3.3", peerP))
		}), "address-private/limited", "100.64.3.3"},
		{"a container's address", with(func(f *Facts) {
			f.Advertised = way(3, to("172.17.0.2", "172.17.0.2:50000").filtered())
			f.Control = way(3, to("172.17.0.2", peerP))
		}), "address-private/limited", "Docker"},
		{"private address that works from here is no fault", with(func(f *Facts) {
			f.Advertised = way(3, to("10.1.2.3", "10.1.2.3:50000"))
			f.Control = way(3, to("10.1.2.3", peerP))
		}), "healthy/note address-private/note", ""},
		{"another public address that works is no fault", with(func(f *Facts) {
			f.Advertised = way(3, to("198.51.100.7", "198.51.100.7:50000"))
			f.Control = way(3, to("198.51.100.7", peerP))
		}), "healthy/note address-wrong/note", ""},
		{"another address that does not work", with(func(f *Facts) {
			f.Advertised = way(3, to("198.51.100.7", "198.51.100.7:50000").refused())
			f.Control = way(3, to("198.51.100.7", peerP))
		}), "address-wrong/limited", "where this client finds no data connection"},
		{"another private address from a private server", Facts{Peer: inside, Advertised: way(3, to("10.9.9.9", "10.9.9.9:50000").filtered()), Control: way(3, to("10.9.9.9", "192.168.7.5:50000")), EPSV: way(3, to("", "192.168.7.5:50000"))}, "address-wrong/limited", ""},
		{"private address announced on loopback", Facts{Peer: local, Advertised: way(3, to("10.0.0.1", "10.0.0.1:50000").unreachable()), Control: way(3, to("10.0.0.1", "127.0.0.1:50000")), EPSV: way(3, to("", "127.0.0.1:50000"))}, "address-private/limited", ""},
		{"zero address, control works", with(func(f *Facts) {
			f.Advertised = way(3, to("0.0.0.0", "0.0.0.0:50000").unreachable())
			f.Control = way(3, to("0.0.0.0", peerP))
		}), "address-zero/limited", "0.0.0.0"},
		{"loopback address", with(func(f *Facts) {
			f.Advertised = way(3, to("127.0.0.1", "127.0.0.1:50000").refused())
			f.Control = way(3, to("127.0.0.1", peerP))
		}), "address-loopback/limited", "leads every client to itself"},
		{"loopback address that works here", with(func(f *Facts) {
			f.Advertised = way(3, to("127.0.0.1", "127.0.0.1:50000"))
			f.Control = way(3, to("127.0.0.1", peerP))
		}), "address-loopback/limited", "works from here"},
		{"another host accepts at the wrong address", with(func(f *Facts) {
			f.Advertised = way(3, to("198.51.100.7", "198.51.100.7:50000").but(probe.Opening, probe.Refusal, "425 No data connection"))
			f.Control = way(3, to("198.51.100.7", peerP))
		}), "address-wrong/limited", "425"},
		{"private address and a closed range", with(func(f *Facts) {
			f.Advertised = way(2, to("10.1.2.3", "10.1.2.3:50000").filtered())
			f.Control = way(2, to("10.1.2.3", peerP).filtered())
			f.EPSV = way(2, to("", "203.0.113.5:50010").filtered())
		}), "range-filtered/blocking address-private/limited", "forward the whole passive range to 10.1.2.3"},
		{"public address elsewhere and a closed range: the address is not accused", with(func(f *Facts) {
			f.Advertised = way(2, to("198.51.100.7", "198.51.100.7:50000").filtered())
			f.Control = way(2, to("198.51.100.7", peerP).filtered())
			f.EPSV = way(2, to("", peerP).filtered())
		}), "range-filtered/blocking address-wrong/note", ""},
		{"data only at the advertised address", with(func(f *Facts) {
			f.Advertised = way(3, to("198.51.100.7", "198.51.100.7:50000"))
			f.Control = way(2, to("198.51.100.7", peerP).filtered())
			f.EPSV = way(2, to("", peerP).filtered())
		}), "epsv-blocked/limited address-wrong/note", "only at the address that the 227 names"},

		{"whole range filtered", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(2, to(peer, peerP).filtered()), way(2, to("", "203.0.113.5:50010").filtered())
			f.Samples = samples(peer, ports(50002, 50007), Attempt.filtered, ports(50002, 50007)...)
		}), "range-filtered/blocking", "tcp dport 50000-50011 accept"},
		{"filtered, over IPv6", Facts{Peer: six, EPSV: way(2, to("", "[2001:db8::5]:50000").filtered())}, "range-filtered/blocking", ""},
		{"whole range refused", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(3, to(peer, peerP).refused()), way(3, to("", peerP).refused())
		}), "range-rejected/blocking", "docker run -p 50000-50002:50000-50002"},
		{"whole range rejected by ICMP", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(3, to(peer, peerP).unreachable()), way(3, to("", peerP).unreachable())
		}), "range-rejected/blocking", "ICMP"},
		{"EPSV refused and the range filtered", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(2, to(peer, peerP).filtered()), way(1, no("EPSV", "502 no"))
		}), "range-filtered/blocking epsv-unsupported/note", ""},
		{"some filtered, some refused", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(2, to(peer, peerP).filtered()), way(3, to("", "203.0.113.5:50010").refused())
		}), "undetermined/blocking", "different reasons"},
		{"this machine ran out of ports: nobody is accused", with(func(f *Facts) {
			f.Advertised, f.EPSV = way(3, to(peer, peerP).but(probe.DataConnect, probe.Local, "")), way(3, to("", peerP).but(probe.DataConnect, probe.Local, ""))
		}), "undetermined/blocking", ""},

		{"upper half filtered", with(func(f *Facts) {
			f.Samples = samples(peer, ports(50000, 50011), Attempt.filtered, ports(50006, 50011)...)
		}), "range-partly-filtered/limited", "50000-50005 worked"},
		{"middle refused", with(func(f *Facts) {
			f.Samples = samples(peer, ports(50000, 50011), Attempt.refused, ports(50005, 50008)...)
		}), "range-partly-rejected/limited", "ports 50005-50008"},
		{"one port, again and again", with(func(f *Facts) {
			f.Samples = samples(peer, append(ports(5056, 5063), 5060, 5060, 5061, 5062), Attempt.filtered, 5060)
		}), "range-partly-filtered/limited", "port 5060 (3 attempts)"},
		{"one failure among many is no pattern", with(func(f *Facts) {
			f.Samples = samples(peer, ports(50000, 50011), Attempt.filtered, 50004)
		}), "undetermined/limited", "not clearly by port"},
		{"scattered failures are no pattern", with(func(f *Facts) {
			f.Samples = samples(peer, ports(50000, 50011), Attempt.refused, 50001, 50004, 50009)
		}), "undetermined/limited", "balancer-no-affinity"},
		{"a port that fails now and then is not closed", with(func(f *Facts) {
			f.Samples = slices.Concat(samples(peer, ports(50000, 50011), Attempt.filtered, ports(50006, 50011)...), samples(peer, ports(50006, 50007), Attempt.filtered))
		}), "undetermined/limited", "both worked and failed: 50006-50007"},

		{"both refused", with(func(f *Facts) {
			f.Advertised, f.EPSV, f.Control = way(1, no("PASV", "502 no")), way(1, no("EPSV", "500 no")), Way{Skipped: "x"}
		}), "passive-disabled/blocking", "EPSV: 500 no"},
		{"EPSV refused", with(func(f *Facts) { f.EPSV = way(1, no("EPSV", "500 'EPSV': command not understood")) }), "epsv-unsupported/note", "clients fall back"},
		{"EPSV refused with 522 means the network protocol", with(func(f *Facts) { f.EPSV = way(1, no("EPSV", "522 Network protocol not supported")) }), "epsv-unsupported/note", "network protocol"},
		{"EPSV refused over IPv6", Facts{Peer: six, EPSV: way(1, no("EPSV", "522 no"))}, "epsv-unsupported/blocking", "IPv6"},
		{"PASV refused", with(func(f *Facts) { f.Advertised, f.Control = way(1, no("PASV", "502 no")), Way{Skipped: "x"} }), "pasv-unsupported/limited", ""},
		{"a mangled 227", with(func(f *Facts) {
			f.Advertised, f.Control = way(1, no("PASV", "227 Entering Passive Mode (1,2,3)")), Way{Skipped: "x"}
		}), "pasv-mangled/limited", "(1,2,3)"},
		{"a mangled 229", with(func(f *Facts) { f.EPSV = way(1, no("EPSV", "229 Extended (||50000|)")) }), "epsv-mangled/limited", "(||50000|)"},
		{"both mangled", with(func(f *Facts) {
			f.Advertised, f.EPSV, f.Control = way(1, no("PASV", "227 ?")), way(1, no("EPSV", "229 ?")), Way{Skipped: "x"}
		}), "pasv-mangled/blocking epsv-mangled/blocking", ""},
		{"no port left", with(func(f *Facts) {
			f.Advertised, f.EPSV, f.Control = way(3, no("PASV", "425 All reserved TCP ports are busy")), way(3, no("EPSV", "425 All reserved TCP ports are busy")), Way{Skipped: "x"}
		}), "pool-exhausted/blocking", "busy"},
		{"a transient refusal is not a switched-off PASV", with(func(f *Facts) {
			f.Advertised, f.Control = way(3, no("PASV", "425 Can't open passive connection")), Way{Skipped: "x"}
		}), "undetermined/limited", "pool-exhausted"},
		{"an invalid pasv_address", with(func(f *Facts) {
			f.Advertised, f.Control = way(1, no("PASV", "500 OOPS: invalid pasv_address")), Way{Skipped: "x"}
		}), "passive-disabled/limited", "pasv_address takes"},
		{"OOPS is not a refusal", with(func(f *Facts) {
			f.Advertised, f.EPSV, f.Control = way(1, no("PASV", "500 OOPS: child died")), way(1, no("EPSV", "500 OOPS: child died")), Way{Skipped: "x"}
		}), "undetermined/blocking", ""},
		{"EPSV unanswered", with(func(f *Facts) {
			f.EPSV = way(2, Attempt{Command: "EPSV"}.but(probe.Passive, probe.Stalled, ""))
		}), "epsv-blocked/limited", "not answered"},
		{"data after EPSV filtered, after PASV not", with(func(f *Facts) {
			f.EPSV = way(2, to("", "203.0.113.5:50003").filtered())
			f.Samples = samples(peer, ports(50000, 50009), nil)
		}), "epsv-blocked/limited", "reading the 227"},
		{"data after PASV refused, after EPSV not", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).refused())
		}), "undetermined/limited", "alg-rewrites"},

		{"reuse required", with(func(f *Facts) {
			f.Protected = true
			f.Advertised = way(3, to(peer, peerP).but(probe.Completion, probe.Refusal, "522 SSL connection failed; session reuse required: see require_ssl_reuse option in vsftpd.conf man page"))
			f.EPSV = way(3, to("", peerP).but(probe.Completion, probe.Refusal, "522 SSL connection failed; session reuse required: see require_ssl_reuse option in vsftpd.conf man page"))
		}), "tls-reuse-required/blocking", "resume"},
		{"a handshake fails without a word", with(func(f *Facts) {
			f.Protected = true
			f.Advertised = way(3, to(peer, peerP).but(probe.DataTLS, probe.Handshake, "425 Unable to build data connection: Operation not permitted"))
			f.EPSV = f.Advertised
		}), "undetermined/blocking", "tls-reuse-required"},
		{"522 on plain data is not about reuse", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).but(probe.Opening, probe.Refusal, "522 Data connections must be encrypted."))
			f.EPSV = f.Advertised
		}), "undetermined/blocking", "ftpes://"},
		{"bad IP", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).but(probe.Opening, probe.Refusal, "425 Security: Bad IP connecting."))
			f.EPSV = f.Advertised
		}), "source-address-mismatch/blocking", "PROXY"},
		{"425 without a reason", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).but(probe.Opening, probe.Refusal, "425 No data connection."))
			f.EPSV = f.Advertised
		}), "undetermined/blocking", "phantom-accept"},
		{"a directory that cannot be listed is no fault of passive mode", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).but(probe.Opening, probe.Refusal, "550 Permission denied."))
			f.EPSV = f.Advertised
		}), "undetermined/note", "cannot be listed"},
		{"reset in the middle", with(func(f *Facts) {
			f.Advertised = way(3, to(peer, peerP).but(probe.Transferring, probe.Reset, "426 aborted"))
			f.EPSV = f.Advertised
		}), "undetermined/blocking", "data-cut"},
		{"one attempt in three fails late", with(func(f *Facts) {
			f.EPSV.Attempts = slices.Clone(f.EPSV.Attempts)
			f.EPSV.Attempts[1] = f.EPSV.Attempts[1].but(probe.Transferring, probe.Stalled, "")
		}), "undetermined/limited", ""},
		{"the session was lost between the attempts", with(func(f *Facts) {
			f.EPSV = way(1, Attempt{Command: "EPSV"}.but(probe.Greeting, probe.Refusal, "421 Too many"))
		}), "undetermined/limited", "421 Too many"},
	} {
		got := Judge(c.facts)
		var codes []string
		for _, f := range got {
			codes = append(codes, fmt.Sprintf("%s/%s", f.Code, f.Severity))
		}
		if s := strings.Join(codes, " "); s != c.want {
			t.Errorf("%s: %s, want %s\n%+v", c.name, s, c.want, got)
			continue
		}
		if all := fmt.Sprint(got[0]); !strings.Contains(all, c.says) {
			t.Errorf("%s: %q is not in %s", c.name, c.says, all)
		}
	}
}

// TestJudgeAlways tries what no network would do: the rules always come to a
// verdict, never call a failure healthy, and never accuse what works.
func TestJudgeAlways(t *testing.T) {
	kinds := func(command, advertised, at string) []Way {
		base := to(advertised, at)
		base.Command = command
		return []Way{
			way(3, base), way(2, base.filtered()), way(3, base.refused()), way(3, base.unreachable()),
			way(3, base.but(probe.Opening, probe.Refusal, "425 no")), way(3, base.but(probe.Transferring, probe.Reset, "")),
			way(1, no(command, "502 no")), way(3, no(command, "425 no")), way(1, no(command, map[string]string{"PASV": "227 x", "EPSV": "229 x"}[command])),
			{Attempts: []Attempt{base, base.filtered(), base}}, {Attempts: []Attempt{base, base.refused(), base.filtered()}},
			way(2, Attempt{Command: command}.but(probe.Passive, probe.Closed, "")),
			way(1, Attempt{Command: command}.but(probe.Connect, probe.Refused, "")),
		}
	}
	n := 0
	for _, said := range []string{peer, "10.0.0.1", "0.0.0.0", "127.0.0.1", "198.51.100.7"} {
		for _, advertised := range kinds("PASV", said, said+":50000") {
			for _, control := range kinds("PASV", said, peerP) {
				for _, epsv := range kinds("EPSV", "", peerP) {
					f := Facts{Peer: public, Advertised: advertised, Control: control, EPSV: epsv}
					if said == peer {
						f.Control = same
					}
					n++
					got := Judge(f)
					works := advertised.ok() && epsv.ok() && (said == peer || control.ok())
					if len(got) == 0 {
						t.Fatalf("no verdict on %+v", f)
					}
					if got[0].Code == report.Healthy != works && said != "127.0.0.1" && said != "0.0.0.0" {
						t.Fatalf("%s, and works is %t: %+v", got[0].Code, works, f)
					}
					if broken := !advertised.ok() && !epsv.ok() && (said == peer || !control.ok()); broken && got[0].Severity == report.Note {
						t.Fatalf("%s is only a note: %+v", got[0].Code, f)
					}
					for _, g := range got {
						if g.Confidence <= 0 || g.Confidence > 0.95 || g.Title == "" || len(g.Evidence) == 0 {
							t.Fatalf("incomplete: %+v", g)
						}
						if _, ok := Explain(g.Code); !ok {
							t.Fatalf("%s has no explanation", g.Code)
						}
					}
				}
			}
		}
	}
	t.Logf("%d sets of facts", n)
}

func TestTrouble(t *testing.T) {
	fail := func(phase probe.Phase, cause probe.Cause, reply string, err error) error {
		e := &probe.Error{Phase: phase, Addr: public.String(), Cause: cause, Err: err}
		if reply != "" {
			e.Reply = said(reply)
		}
		return e
	}
	timeout := errors.New("i/o timeout")
	for _, c := range []struct {
		name     string
		err      error
		greeting string
		code     report.Code
		says     string
	}{
		{"refused", fail(probe.Connect, probe.Refused, "", errors.New("connection refused")), "", report.ControlUnreachable, "refused"},
		{"filtered", fail(probe.Connect, probe.Filtered, "", timeout), "", report.ControlUnreachable, "nothing answers"},
		{"no route", fail(probe.Connect, probe.Unreachable, "", errors.New("no route to host")), "", report.ControlUnreachable, "unreachable"},
		{"no such host", fail(probe.Resolve, probe.Unreachable, "", errors.New("no such host")), "", report.ControlUnreachable, "host name"},
		{"closed at once", fail(probe.Greeting, probe.Closed, "", errors.New("closed by the peer")), "", report.ControlUnreachable, "hosts.deny"},
		{"silent at the login", fail(probe.Login, probe.Stalled, "", timeout), "220 hi", report.ControlUnreachable, "220 hi"},
		{"web server", fail(probe.Greeting, probe.Alien, "", &probe.SyntaxError{Line: "HTTP/1.1 400 Bad Request"}), "", report.NotFTP, "web server"},
		{"SSH", fail(probe.Greeting, probe.Alien, "", &probe.SyntaxError{Line: "SSH-2.0-OpenSSH_9.2"}), "", report.NotFTP, "SSH"},
		{"TLS", fail(probe.Greeting, probe.Alien, "", &probe.SyntaxError{Line: "\x15\x03\x01"}), "", report.NotFTP, "ftps://"},
		{"mail", fail(probe.Login, probe.Refusal, "502 5.5.2 Error: command not recognized", nil), "220 mail ESMTP Postfix", report.NotFTP, ""},
		{"silent", fail(probe.Greeting, probe.NoGreeting, "", timeout), "", report.NotFTP, "sends no greeting"},
		{"wrong password", fail(probe.Login, probe.Refusal, "530 Login incorrect.", nil), "220 hi", report.LoginRefused, "530"},
		{"full", fail(probe.Greeting, probe.Refusal, "421 There are too many connections from your internet address.", nil), "", report.SessionLimit, "too many"},
		{"full, said at the login", fail(probe.Login, probe.Refusal, "530 Sorry, too many clients", nil), "220 hi", report.SessionLimit, ""},
		{"refused by the greeting", fail(probe.Greeting, probe.Refusal, "500 OOPS: could not bind", nil), "", report.LoginRefused, "greets with a refusal"},
		{"no TLS", fail(probe.TLS, probe.Refusal, "502 not implemented", nil), "220 hi", report.LoginRefused, "502"},
		{"bad certificate", fail(probe.TLS, probe.Handshake, "", errors.New("x509: certificate signed by unknown authority")), "220 hi", TLSCertificate, "--ca"},
		{"TLS that the server breaks off", fail(probe.TLS, probe.Handshake, "", &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}), "220 hi", report.LoginRefused, "key"},
		{"not TLS", fail(probe.TLS, probe.Handshake, "", errors.New("first record does not look like a TLS handshake")), "", report.NotFTP, "ftpes://"},
		{"cut in the handshake", fail(probe.TLS, probe.Reset, "", errors.New("connection reset")), "220 hi", report.ControlUnreachable, "inspecting"},
		{"something else", errors.New("surprise"), "", report.ControlUnreachable, "surprise"},
	} {
		f := Facts{Trouble: c.err}
		if c.greeting != "" {
			f.Greeting = said(c.greeting)
		}
		got := Judge(f)
		if len(got) != 1 || got[0].Code != c.code || !strings.Contains(fmt.Sprint(got[0]), c.says) {
			t.Errorf("%s: %+v, want %s with %q", c.name, got, c.code, c.says)
		}
		if strings.ContainsAny(fmt.Sprint(got[0]), "\r\n\x00\x15") {
			t.Errorf("%s: text of the server is not escaped: %q", c.name, fmt.Sprint(got[0]))
		}
	}
}

// TestAdvice wants the settings of the recognised server, and of no other.
func TestAdvice(t *testing.T) {
	for product, want := range map[string][2]string{
		probe.VSFTPD:    {"pasv_address=203.0.113.5", "pasv_min_port=50000 and pasv_max_port=50001"},
		probe.ProFTPD:   {"MasqueradeAddress 203.0.113.5", "PassivePorts 50000 50001"},
		probe.PureFTPd:  {"-P 203.0.113.5", "-p 50000:50001"},
		probe.Pyftpdlib: {`masquerade_address = "203.0.113.5"`, "passive_ports = range(50000, 50001 + 1)"},
		probe.FileZilla: {"public IP or hostname: 203.0.113.5", "50000 to 50001"},
		probe.IIS:       {"External IP Address of Firewall: 203.0.113.5", "Data Channel Port Range: 50000-50001"},
		probe.SFTPGo:    {`force_passive_ip "203.0.113.5"`, "start 50000, end 50001"},
	} {
		f := Facts{Peer: public, Product: probe.Product{Name: product}, Advertised: way(2, to("10.0.0.1", "10.0.0.1:50000").filtered()),
			Control: way(2, to("10.0.0.1", peerP).filtered()), EPSV: way(2, to("", peerP).filtered())}
		var text string
		for _, g := range Judge(f) {
			text += strings.Join(g.Advice, "\n") + "\n"
		}
		for _, w := range want {
			if !strings.Contains(text, product) || !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in\n%s", product, w, text)
			}
		}
		for _, other := range servers {
			if other.product != product && strings.Contains(text, other.product+" (") {
				t.Errorf("%s: advice for %s in\n%s", product, other.product, text)
			}
		}
	}
}

func TestExplanations(t *testing.T) {
	seen := map[report.Code]bool{}
	for _, e := range Explanations() {
		if seen[e.Code] {
			t.Errorf("%s twice", e.Code)
		}
		seen[e.Code] = true
		if e.Title == "" || e.Meaning == "" || e.Told == "" || e.Breaks == "" || len(e.Fix) == 0 && e.Code != report.Healthy {
			t.Errorf("%s is incomplete: %+v", e.Code, e)
		}
		if got, ok := Explain(e.Code); !ok || got.Code != e.Code {
			t.Errorf("Explain(%s) = %+v", e.Code, got)
		}
	}
	if _, ok := Explain("no-such-code"); ok {
		t.Error("a code that does not exist is explained")
	}
	a, _ := Explain(report.AddressPrivate)
	for _, setting := range []string{"pasv_address=ADDRESS", "MasqueradeAddress ADDRESS", "-P ADDRESS", "masquerade_address"} {
		if !strings.Contains(strings.Join(a.Fix, "\n"), setting) {
			t.Errorf("%q is not among %q", setting, a.Fix)
		}
	}
}

func TestList(t *testing.T) {
	for want, ports := range map[string][]uint16{
		"":            {},
		"7":           {7},
		"7-8":         {8, 7, 7},
		"1, 3-5, 9":   {9, 3, 1, 5, 4},
		"65534-65535": {65535, 65534},
		"1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 …": {1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25},
	} {
		if got := list(ports); got != want {
			t.Errorf("list(%v) = %q, want %q", ports, got, want)
		}
	}
}
