package passive

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A port that can be guessed can be stolen.
var unpredictable = spec.Requirement{
	ID:       "PASV-021",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "Passive ports are not predictable",
	Cites: []spec.Citation{
		spec.RFC(2577, "8", `By making a legitimate transfer, an attacker can observe the current port number allocated by the server and "guess" the next one that will be used.`),
		spec.RFC(2577, "8", "This problem can be mitigated by making FTP clients and servers use random local port numbers for data connections"),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers, &usablePort},
	Alone:     true,
	Field:     "Somebody who watches the port numbers connects to the next one first, and takes a file or keeps the client from its own.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "a passive range of some hundred ports or more, and no packet filter that hands them out in order"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const samples, sessions, few = 64, 4, 16
		enough := time.Now().Add(minute)
		s := t.Login(ctx)
		var one []int
		for len(one) < samples && time.Now().Before(enough) {
			one = append(one, int(t.PASV(ctx, s).Advertised.Port))
		}
		all := []*probe.Session{s}
		for len(all) < sessions {
			all = append(all, t.Login(ctx))
		}
		var across []int
		for len(across) < samples && time.Now().Before(enough) {
			across = append(across, int(t.PASV(ctx, all[len(across)%len(all)]).Advertised.Port))
		}
		if len(one) < few {
			t.Inconclusive("no more than %d ports within %s", len(one), minute)
		}

		const expected = "ports that cannot be guessed"
		seen := slices.Concat(one, across)
		distinct := map[int]bool{}
		for _, port := range seen {
			distinct[port] = true
		}
		span := slices.Max(seen) - slices.Min(seen) + 1
		switch {
		case len(distinct) == 1:
			t.Fail(expected, fmt.Sprintf("port %d, %d times", seen[0], len(seen)))
		case span <= samples:
			t.Note("the range is too small to be unpredictable: %d ports from %d to %d", len(distinct), slices.Min(seen), slices.Max(seen))
			return
		case len(distinct) < 8:
			t.Fail(expected, fmt.Sprintf("%d different ports in %d replies: %v", len(distinct), len(seen), slices.Sorted(maps.Keys(distinct))))
		}
		for where, ports := range map[string][]int{"in one session": one, "over several sessions": across} {
			if step, share := steady(ports); len(ports) >= few && share > 80 {
				t.Fail(expected, fmt.Sprintf("%d %% of the ports %s are the one before plus %d: %v", share, where, step, ports[:few]))
			}
		}
	},
}

// steady is the small step from one port to the next that occurs most often, and
// in how many of a hundred cases.
func steady(ports []int) (step, share int) {
	if len(ports) < 2 {
		return 0, 0
	}
	counts := map[int]int{}
	for i, port := range ports[1:] {
		counts[port-ports[i]]++
	}
	for _, d := range []int{1, 2, -1, -2} {
		if n := 100 * counts[d] / (len(ports) - 1); n > share {
			step, share = d, n
		}
	}
	return step, share
}

// A listener that is not closed when the client asks again is lost until the
// session ends.
var noLeak = spec.Requirement{
	ID:        "PASV-027",
	Level:     report.Practice,
	Severity:  report.Major,
	Title:     "Repeated PASV does not leak listeners",
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&newReplacesOld},
	Alone:     true,
	Timeout:   5 * time.Minute,
	Field:     "A single client with a few hundred retries uses up the passive ports of all: everybody's transfers fail until that session ends.",
	Check: func(ctx context.Context, t *spec.T) {
		const times, sample = 300, 30
		s := t.Login(ctx)
		host := reachable(ctx, t)
		enough := time.Now().Add(minute)
		var last probe.Offer
		old := map[uint16]bool{}
		for n := 1; n <= times && time.Now().Before(enough); n++ {
			o, refusal := offer(ctx, t, s)
			if !refusal.IsZero() {
				usedUp(ctx, t, s, n, refusal)
			}
			old[last.Advertised.Port] = true
			last = o
		}
		delete(old, 0)
		delete(old, last.Advertised.Port)

		// Some of them tell enough. Each may be another client's by now, who is
		// in its way when it is connected to.
		ports := slices.Sorted(maps.Keys(old))
		rand.Shuffle(len(ports), func(i, j int) { ports[i], ports[j] = ports[j], ports[i] })
		ports = ports[:min(len(ports), sample)]
		var taken []*probe.DataConn
		for i, unanswered := 0, 0; i < len(ports) && unanswered < 3; i++ {
			short, cancel := context.WithTimeout(ctx, 2*time.Second)
			again, err := s.DialData(short, netip.AddrPortFrom(host, ports[i]))
			cancel()
			switch {
			case err == nil:
				defer again.Close()
				taken = append(taken, again)
			case probe.CauseOf(err) == probe.Filtered:
				unanswered++ // a filter eats what goes to closed ports
			default:
				t.Blame(err)
			}
		}
		if len(taken) > 0 {
			t.Sleep(ctx, 2*time.Second)
		}
		open := 0
		for _, again := range taken {
			if t.Watch(ctx, again, 10*time.Millisecond) != spec.Ended {
				open++
			}
		}
		t.List(ctx, s, t.Connect(ctx, s, last, &listening))
		// Some may have gone to other sessions, but not most of them.
		switch {
		case open > len(ports)/2:
			t.Fail("the ports of earlier replies to be closed", fmt.Sprintf("%d of %d are open after %d replies", open, len(ports), len(old)+1))
		case open > 0:
			t.Note("%d of %d earlier ports are open; they may be those of other sessions", open, len(ports))
		}
	},
}

// offer sends PASV, and once more when it is refused for the moment. It returns
// the refusal when the second one is refused, too.
func offer(ctx context.Context, t *spec.T, s *probe.Session) (o probe.Offer, refusal probe.Reply) {
	var err error
	for try := 1; ; try++ {
		o, err = s.PASV(ctx)
		switch {
		case err == nil:
			return o, probe.Reply{}
		case probe.CauseOf(err) != probe.Refusal:
			t.Blame(err)
			t.Fail("a reply to PASV that can be read", err.Error())
		case o.Reply.Class() != 4 || try == 2:
			return o, o.Reply
		}
		t.Sleep(ctx, spec.RetryAfter)
	}
}

// usedUp ends a check in which the nth PASV of a session was refused: it was the
// session that used the ports up when another one gets a port as soon as the
// first one is gone.
func usedUp(ctx context.Context, t *spec.T, s *probe.Session, n int, refusal probe.Reply) {
	if n == 1 {
		t.Skip("no 227 this time: %s", refusal)
	}
	if _, err := s.Quit(ctx); err != nil {
		t.Blame(err)
	}
	if _, still := offer(ctx, t, t.Login(ctx)); !still.IsZero() {
		t.Skip("the server has no passive ports left: %s", still)
	}
	t.Fail("a port for every PASV", fmt.Sprintf("PASV number %d of a session is answered %s, and PASV works again when that session is gone", n, refusal))
}

// A range is used up on every busy server one day. A client that is told so can
// try again; one that is sent to a dead port takes the server for dead.
var honestWhenFull = spec.Requirement{
	ID:       "PASV-028",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "When no passive port is available the server says so promptly instead of announcing a dead port",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "Every command must generate at least one reply, although there may be more than one; in the latter case, the multiple replies must be easily distinguished."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.Intrusive,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Timeout:   10 * time.Minute,
	Field:     "At peak times transfers fail with \"connection refused\", which looks like a firewall and is searched for there.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "pasv_min_port and pasv_max_port: more ports than sessions (max_clients)"},
		{Server: "ProFTPD", Setting: "PassivePorts: more ports than sessions (MaxInstances)"},
		{Server: "Pure-FTPd", Setting: "-p LOW:HIGH with more than twice as many ports as sessions (-c)"},
		{Server: "pyftpdlib", Setting: "handler.passive_ports: more ports than sessions (server.max_cons)"},
		{Server: "FileZilla Server", Setting: "Protocols settings > FTP and FTP over TLS (FTPS) > Passive mode: a wider custom port range, or none"},
		{Server: "IIS", Setting: "lowDataChannelPort and highDataChannelPort of system.ftpServer/firewallSupport: more ports than sessions (maxConnections of ftpServer/connections)"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "a refusal of PASV within ten seconds when no port is left"
		const most = 256
		host := reachable(ctx, t)
		var pending []announced
		var refusal probe.Reply
		var why string
		for refusal.IsZero() && why == "" {
			if why = hopeless(pending, most); why != "" {
				break
			}
			s, err := login(ctx, t)
			if err != nil {
				why = "the server takes no more sessions: " + err.Error()
				break
			}
			begun := time.Now()
			o, err := s.PASV(ctx)
			took := time.Since(begun)
			switch {
			case err == nil:
				for _, a := range pending {
					if a.waits() && a.offer.Advertised == o.Advertised {
						t.Fail(expected, fmt.Sprintf("port %d twice, for two sessions that wait for their clients", o.Advertised.Port))
					}
				}
				pending = append(pending, announced{s, o, time.Now(), took})
			case probe.CauseOf(err) != probe.Refusal:
				t.Blame(err)
				t.Fail(expected, err.Error())
			case len(pending) == 0:
				t.Skip("no 227 this time: %s", o.Reply)
			case took > 10*time.Second+pending[0].took:
				t.Fail(expected, fmt.Sprintf("%s after %s", o.Reply, took.Round(time.Second)))
			default:
				refusal = o.Reply
			}
		}
		for _, a := range slices.Backward(pending) {
			if !a.waits() {
				break
			}
			if again := reconnect(ctx, t, a.session, netip.AddrPortFrom(host, a.offer.Advertised.Port)); again != nil {
				_ = again.Close()
			} else {
				t.Fail(expected, fmt.Sprintf("port %d, where nobody listens, when %d others were given out", a.offer.Advertised.Port, len(pending)-1))
			}
		}
		for _, a := range pending {
			_, _ = a.session.Quit(ctx)
		}
		if refusal.IsZero() {
			t.Skip("the ports were not used up by %d sessions: %s", len(pending), why)
		}
		t.Note("with %d ports given out PASV is answered %s", len(pending), refusal)
		s := t.Login(ctx)
		patience := t.Shortened(minute)
		for enough := time.Now().Add(patience); ; t.Sleep(ctx, time.Second) {
			o, err := s.PASV(ctx)
			if err == nil {
				return
			}
			t.Blame(err)
			if time.Now().After(enough) {
				t.Fail("a port when those are gone who had them", fmt.Sprintf("%s later still %s", patience, o.Reply))
			}
		}
	},
}

// announced is a port that waits for its client.
type announced struct {
	session *probe.Session
	offer   probe.Offer
	at      time.Time
	took    time.Duration // for the reply
}

// waits tells that the server cannot have given up on the client yet.
func (a announced) waits() bool { return time.Since(a.at) < 5*time.Second }

// hopeless says why some more sessions would not use the ports up; empty while
// they may.
func hopeless(pending []announced, most int) string {
	const sample, small = 32, 512
	if len(pending) == most {
		return "that is enough"
	}
	if len(pending) < sample {
		return ""
	}
	low, high := pending[0].offer.Advertised.Port, uint16(0)
	for _, a := range pending {
		low, high = min(low, a.offer.Advertised.Port), max(high, a.offer.Advertised.Port)
	}
	if high-low > small {
		return fmt.Sprintf("the range is too large (%d to %d)", low, high)
	}
	return ""
}

// login is a session beside others; the error is the server's way to say that
// they are too many.
func login(ctx context.Context, t *spec.T) (*probe.Session, error) {
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	s, err := d.Open(ctx, target)
	if err != nil {
		t.Blame(err)
		return nil, err
	}
	return t.Keep(s), nil
}
