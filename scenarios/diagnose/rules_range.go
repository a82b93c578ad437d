package diagnose

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// connections judges the TCP connections to the offered ports at the address
// where the ports are.
func (j *judge) connections() {
	peer := j.Peer.Addr()
	if j.home() != peer {
		j.addressBound()
		return
	}
	tries := j.dialled(peer)
	open, failed := count(tries)
	switch {
	case failed == 0:
	case open == 0:
		j.closed(tries)
	default:
		j.partly(tries)
	}
}

// addressBound is the case that only the advertised address works.
func (j *judge) addressBound() {
	j.add(report.Finding{
		Code: EPSVBlocked, Severity: report.Limited, Confidence: 0.7,
		Title: "Data connections work only at the address that the 227 names, which EPSV cannot name",
		Evidence: append(j.workings(&j.Advertised, "PASV, the address of the 227"),
			"PASV, the control connection's address: "+j.Control.telling().what(),
			"EPSV: "+j.EPSV.telling().what()),
		RuledOut: []string{"a closed port range: the ports answer at the advertised address"},
		Advice: []string{
			fmt.Sprintf("open or forward the passive range at %s as well: that is where EPSV, and clients that ignore the address of the 227, connect to", j.Peer.Addr()),
			"or announce no EPSV, so that clients use PASV",
		},
	}, &j.Control, &j.EPSV)
}

// causes collects how attempts failed to connect.
func causes(tries []Attempt) map[probe.Cause]int {
	m := map[probe.Cause]int{}
	for _, a := range tries {
		if !a.connected() {
			m[a.Cause]++
		}
	}
	return m
}

// only tells that every key of m is one of the causes.
func only(m map[probe.Cause]int, cs ...probe.Cause) bool {
	for c := range m {
		if !slices.Contains(cs, c) {
			return false
		}
	}
	return len(m) > 0
}

// here is every way that leads to the control connection's address.
func (j *judge) here() []*Way {
	var ws []*Way
	for _, w := range []*Way{&j.Advertised, &j.Control, &j.EPSV} {
		for _, a := range w.Attempts {
			if a.Dialled.Addr() == j.Peer.Addr() {
				ws = append(ws, w)
				break
			}
		}
	}
	return ws
}

// closed is the case that no offered port can be connected to.
func (j *judge) closed(tries []Attempt) {
	peer := j.Peer.Addr()
	m := causes(tries)
	n := len(numbers(tries))
	var ruledOut []string
	if e, ok := j.Advertised.offer(); ok && e.Addr == peer {
		ruledOut = append(ruledOut, "the address in the 227: it is the control connection's own")
	}
	if j.offersBoth() {
		ruledOut = append(ruledOut, "the command: PASV and EPSV fail alike")
	}
	ruledOut = append(ruledOut, "the server being down: the control connection and the login work")
	var evidence, advice []string
	if e, ok := j.Advertised.offer(); ok && private(e.Addr) && !private(peer) && !peer.IsLoopback() {
		evidence = append(evidence, fmt.Sprintf("the server announces the inside address %s, so there is a NAT, which may forward the control port only (range-not-forwarded)", e.Addr))
		advice = append(advice, fmt.Sprintf("NAT: forward the whole passive range to %s, without changing the port numbers", e.Addr))
	}
	switch {
	case only(m, probe.Filtered):
		j.add(report.Finding{
			Code: report.RangeFiltered, Severity: report.Blocking, Confidence: min(0.85, 1-0.5/float64(n)),
			Title: "No passive port answers: something silently drops the data connections",
			Evidence: append([]string{
				fmt.Sprintf("%s to %s at %s (%s), none answered", plural(len(tries), "connection attempt"), plural(n, "offered port"), peer, list(numbers(tries))),
				fmt.Sprintf("the control connection to %s works", j.Peer),
				"a filter near this client would look the same: if other clients can transfer, it is there (client-egress-filtered)",
			}, evidence...),
			RuledOut: ruledOut,
			Advice:   append(advice, j.advice(adviseRange)...),
		}, j.here()...)
	case only(m, probe.Refused, probe.Unreachable):
		how := "a RST (or an ICMP port-unreachable, which looks the same where its message cannot be read)"
		if message := firstFailure(tries).icmp(); message != nil {
			how = message.String()
		} else if m[probe.Refused] == 0 {
			how = "an ICMP message or the lack of a route: " + firstFailure(tries).Err.Error()
		}
		j.add(report.Finding{
			Code: report.RangeRejected, Severity: report.Blocking, Confidence: min(0.8, 1-0.5/float64(n)),
			Title: "Every passive port is refused",
			Evidence: append([]string{
				fmt.Sprintf("%s to %s at %s (%s), each was refused", plural(len(tries), "connection attempt"), plural(n, "offered port"), peer, list(numbers(tries))),
				"the refusal is " + how,
				"it can come from a firewall, from a NAT or container host that does not forward the port, or from the server itself if it does not listen where it says",
			}, evidence...),
			RuledOut: append(ruledOut, "a firewall that drops silently: there is an answer"),
			Advice:   append(advice, j.advice(advisePublish)...),
		}, j.here()...)
	default:
		j.add(report.Finding{
			Code: report.Undetermined, Severity: report.Blocking, Confidence: 0.4,
			Title:    "No passive port can be connected to, for different reasons",
			Evidence: append(perCause(tries), "candidates: range-filtered, range-rejected, or two devices in the path that treat the range differently"),
			RuledOut: ruledOut,
			Advice:   j.advice(adviseRange),
		}, j.here()...)
	}
}

// offersBoth tells that both commands were tried at the control address.
func (j *judge) offersBoth() bool {
	seen := map[string]bool{}
	for _, a := range j.dialled(j.Peer.Addr()) {
		seen[a.Command] = true
	}
	return len(seen) == 2
}

func firstFailure(tries []Attempt) Attempt {
	for _, a := range tries {
		if !a.connected() {
			return a
		}
	}
	return Attempt{}
}

// perCause says which ports failed how.
func perCause(tries []Attempt) []string {
	by := map[probe.Cause][]Attempt{}
	for _, a := range tries {
		if !a.connected() {
			by[a.Cause] = append(by[a.Cause], a)
		}
	}
	var out []string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		out = append(out, fmt.Sprintf("%s: %s, %s", c, plural(len(by[c]), "attempt"), portList(numbers(by[c]))))
	}
	return out
}

// failing are the ports of the attempts that did not come up.
func failing(tries []Attempt) []uint16 {
	return numbers(slices.DeleteFunc(slices.Clone(tries), Attempt.connected))
}

// numbers are the ports of attempts, each once, in order.
func numbers(tries []Attempt) []uint16 {
	var out []uint16
	for _, a := range tries {
		out = append(out, a.Dialled.Port())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// partly is the case that some connections come up and others do not.
func (j *judge) partly(tries []Attempt) {
	peer := j.Peer.Addr()
	byCommand := map[string][2]int{}
	for _, c := range []string{"PASV", "EPSV"} {
		open, failed := count(slices.DeleteFunc(slices.Clone(tries), func(a Attempt) bool { return a.Command != c }))
		byCommand[c] = [2]int{open, failed}
	}
	pasv, epsv := byCommand["PASV"], byCommand["EPSV"]
	split := split(tries)
	m := causes(tries)
	switch {
	case epsv[0] == 0 && epsv[1] >= hopeless && pasv[1] == 0:
		j.add(report.Finding{
			Code: EPSVBlocked, Severity: report.Limited, Confidence: 0.7,
			Title: "Data connections fail after EPSV, and work after PASV",
			Evidence: []string{
				fmt.Sprintf("after EPSV: %s, all failed: %s", plural(epsv[1], "connection attempt"), j.EPSV.telling().what()),
				fmt.Sprintf("after PASV: %s to the same address, all came up", plural(pasv[0], "connection")),
				"a firewall that opens ports by reading the 227, and does not understand the 229, looks like this",
			},
			RuledOut: []string{"a closed port range: the ports of PASV are reachable"},
			Advice:   append(j.advice(adviseRange), "or update the firewall's FTP helper to one that knows EPSV"),
		}, &j.EPSV)
	case pasv[0] == 0 && pasv[1] >= hopeless && epsv[1] == 0:
		f := report.Finding{
			Code: report.Undetermined, Severity: report.Limited, Confidence: 0.6,
			Title: "Data connections fail after PASV, and work after EPSV, at the same address",
			Evidence: []string{
				fmt.Sprintf("after PASV: %s to %s, all failed: %s", plural(pasv[1], "connection attempt"), portList(failing(tries)), firstFailure(tries).what()),
				fmt.Sprintf("after EPSV: %s to the same address, all came up", plural(epsv[0], "connection")),
				"candidates: the server does not listen where its 227 says, or not yet; alg-rewrites (something changes the port in the 227)",
			},
			RuledOut: []string{"a closed port range: the ports of EPSV are reachable", "the address in the 227: it is the control connection's own"},
			Advice: []string{
				"compare the 227 in the transcript (-v) with the one in the server's log: if the port differs, turn off the FTP helper (ALG) in the path; if it does not, the server is at fault",
				"until then, let clients use EPSV",
			},
		}
		if e, _ := j.Advertised.offer(); e.Addr != peer {
			f.RuledOut = f.RuledOut[:1]
		}
		j.add(f, j.here()...)
	case split.by && only(m, probe.Filtered):
		j.add(j.subset(RangePartlyFiltered, "Some of the passive ports never answer: the server offers more ports than are open", tries, split), j.here()...)
	case split.by && only(m, probe.Refused, probe.Unreachable):
		j.add(j.subset(RangePartlyRejected, "Some of the passive ports are always refused: the server offers more ports than are open or forwarded", tries, split), j.here()...)
	default:
		open, failed := count(tries)
		f := report.Finding{
			Code: report.Undetermined, Severity: j.weight(), Confidence: 0.4,
			Title:    fmt.Sprintf("%d of %d data connections fail, and not clearly by port", failed, open+failed),
			Evidence: perCause(tries),
			Advice: []string{
				"run again with more samples: whether the failures follow the port number takes more of them",
				"if the name resolves to several servers, diagnose each address by itself",
			},
		}
		if len(split.mixed) > 0 {
			f.Evidence = append(f.Evidence, "these ports both worked and failed: "+list(split.mixed))
			f.RuledOut = append(f.RuledOut, "a fixed subset of closed ports alone: the same port works at one time and fails at another")
		}
		if only(m, probe.Refused, probe.Unreachable) {
			f.Evidence = append(f.Evidence, "candidates: range-partly-rejected, balancer-no-affinity, a server that announces a port before it listens there")
		} else {
			f.Evidence = append(f.Evidence, "candidates: range-partly-filtered, flow-loss, syn-rate-limited, connection-limit")
		}
		j.add(f, j.here()...)
	}
}

// subset is the finding that some ports fail and others do not.
func (j *judge) subset(code report.Code, title string, tries []Attempt, s pattern) report.Finding {
	weight := report.Limited
	if j.weight() == report.Blocking {
		weight = report.Blocking
	}
	advice := j.advice(adviseRange)
	if first, last := s.good[0], s.good[len(s.good)-1]; !slices.ContainsFunc(s.bad, func(p uint16) bool { return first < p && p < last }) && first < last {
		advice = append(advice, fmt.Sprintf("or narrow the server's range to ports that are open: %d-%d worked", first, last))
		advice = append(advice, lines(j.Product.Name, adviseRange, values{first: fmt.Sprint(first), last: fmt.Sprint(last)})...)
	}
	return report.Finding{
		Code: code, Severity: weight, Confidence: min(0.95, 1-s.chance),
		Title: title,
		Evidence: []string{
			fmt.Sprintf("failed every time: %s (%s)", portList(s.bad), plural(s.badTries, "attempt")),
			fmt.Sprintf("worked every time: %s (%s)", portList(s.good), plural(s.goodTries, "attempt")),
			fmt.Sprintf("random failures would make this pattern in %.2g %% of all runs", 100*s.chance),
		},
		RuledOut: []string{"a wholly closed range: some ports are open", "random loss: the failures follow the port number"},
		Advice:   advice,
	}
}

// pattern says whether failures follow the port number.
type pattern struct {
	bad, good, mixed    []uint16
	badTries, goodTries int
	// chance is how probable the pattern would be if failures did not depend on
	// the port.
	chance float64
	// by tells that they do.
	by bool
}

// split looks for a rule by port. Failures that do not depend on the port would
// be spread over the range, and would strike the same port now and then, not
// always or never.
func split(tries []Attempt) pattern {
	open, failed := map[uint16]int{}, map[uint16]int{}
	for _, a := range tries {
		if a.connected() {
			open[a.Dialled.Port()]++
		} else {
			failed[a.Dialled.Port()]++
		}
	}
	var p pattern
	all := numbers(tries)
	runs, inRun := 0, false
	opens, fails := count(tries)
	q := float64(fails) / float64(opens+fails)
	p.chance = 1
	for _, port := range all {
		o, f := open[port], failed[port]
		bad := f > 0
		switch {
		case o > 0 && f > 0:
			p.mixed = append(p.mixed, port)
		case bad:
			p.bad = append(p.bad, port)
			p.badTries += f
			p.chance *= math.Pow(q, float64(f-1))
		default:
			p.good = append(p.good, port)
			p.goodTries += o
			p.chance *= math.Pow(1-q, float64(o-1))
		}
		if bad && !inRun {
			runs++
		}
		inRun = bad
	}
	if runs == 1 {
		// Of all the ways in which the bad ports can lie among the others, this
		// many have them in one piece.
		n, k := len(all), len(p.bad)
		p.chance *= min(1, float64(n-k+1)/choose(n, k))
	}
	p.by = len(p.mixed) == 0 && len(p.bad) > 0 && len(p.good) > 0 && p.chance < 0.1
	return p
}

// choose is the binomial coefficient.
func choose(n, k int) float64 {
	c := 1.0
	for i := 1; i <= k; i++ {
		c *= float64(n-k+i) / float64(i)
	}
	return c
}
