package scenarios

import (
	"fmt"
	"slices"
	"time"
)

// LackError says that this machine cannot begin the load that a scenario asks
// for.
type LackError struct {
	// What it lacks: "file descriptors" or "ports".
	What string
	// Needed is how many the load needs at least, Have how many there can be.
	Needed, Have int
	// Command raises the limit.
	Command string
}

func (e *LackError) Error() string {
	return fmt.Sprintf("the load needs at least %d %s, and this process can have %d: %s", e.Needed, e.What, e.Have, e.Command)
}

// machine is what bounds the connections of this process. Zeros are unknown.
type machine struct {
	// files is the limit on descriptors, open how many are open.
	files, open int
	// ports is the number of those that outgoing connections can have.
	ports int
}

// thisMachine is asked before the load. What the shell calls the soft limit on
// descriptors has been raised to the hard one by then: package os does so.
func thisMachine() machine {
	files := openFiles()
	if files > 1<<30 {
		files = 0 // as good as none
	}
	return machine{int(files), filesOpen(), portsOfRange()}
}

// lingering is how long a port cannot be used again to the same server after this
// side has closed first; Linux and the BSDs wait for at most that (RFC 9293 §3.4.2
// asks for more).
const lingering = 60 * time.Second

// spare are descriptors for what else the process opens while it runs.
const spare = 16

// demand is what a scenario asks of this machine.
type demand struct {
	// sure and most are connections at once: that there will be, and that there
	// may be.
	sure, most int
	// perMinute is the most control connections that begin within lingering; 0 when
	// the scenario does not tell.
	perMinute int
	// pairs is how many times each port can be used at once: sources times targets.
	pairs int
}

// demands computes what a scenario asks. Of the closed model the control
// connections are sure, since all sessions run at once; of the open one only what
// may run at once is known.
func demands(s *Scenario, p *plan, pairs int) demand {
	d := demand{pairs: pairs}
	sessions := s.Load.AtOnce()
	if s.Load.Model == Open {
		var due, rate float64
		for _, stage := range s.Load.Stages {
			due += stage.area()
			rate = max(rate, float64(stage.Rate), float64(stage.To))
		}
		sessions = int(min(float64(sessions), due+1))
		d.perMinute = int(min(rate*lingering.Seconds(), due))
	} else {
		if s.Load.Count > 0 {
			sessions = min(sessions, int(s.Load.Count))
		}
		d.sure = sessions
	}
	d.most = sessions
	if slices.ContainsFunc(p.ops, func(o op) bool { return o.code == opOpenData }) {
		d.most = 2 * sessions
	}
	return d
}

// compare is the error of a load that cannot begin, and warnings of what may be
// lacking while it runs. Both says that the server is a part of this process, so
// that each connection takes two descriptors of it.
func (m machine) compare(d demand, both bool) ([]string, error) {
	ends := 1
	if both {
		ends = 2
	}
	var warnings []string
	switch sure, most := m.open+ends*d.sure, m.open+spare+ends*d.most; {
	case m.files == 0:
	case sure > m.files:
		return nil, &LackError{"file descriptors", sure, m.files, raiseFiles(most)}
	case most > m.files:
		warnings = append(warnings, fmt.Sprintf("the load may need up to %d file descriptors, and this process can have %d: %s", most, m.files, raiseFiles(most)))
	}
	switch have := m.ports * d.pairs; {
	case m.ports == 0:
	case d.sure > have:
		return nil, &LackError{"ports", d.sure, have, raisePorts}
	case d.perMinute > have:
		warnings = append(warnings, fmt.Sprintf("up to %d control connections begin within %.0f s, and there are %d ports for them: "+
			"if the server leaves it to this side to close first, they run out; %s", d.perMinute, lingering.Seconds(), have, raisePorts))
	}
	return warnings, nil
}

func raiseFiles(n int) string {
	return fmt.Sprintf("raise the limit with ulimit -n %d (as root, or up to what /etc/security/limits.conf or LimitNOFILE= allows)", n)
}

const raisePorts = `raise it with sysctl -w net.ipv4.ip_local_port_range="1024 65535", or connect from several addresses with --source`

// preflight finds out whether this machine suffices for the load, before there is
// any. The error is a *[LackError].
func (e *Engine) preflight(s *Scenario, p *plan, t *targets) (warnings []string, err error) {
	warnings, err = thisMachine().compare(demands(s, p, len(t.all)*max(len(e.Sources), 1)), e.SameProcess)
	if e.Notice != nil {
		for _, w := range warnings {
			e.Notice(w)
		}
	}
	return warnings, err
}
