package scenarios

import (
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// parts are what is known of each of several targets; none when there is one.
// They belong to the collector.
type parts []part

// part is what is known of one target.
type part struct {
	completed, failed    int64 // sessions
	operations, failures int64
	login, transfer      report.Histogram
	octets               int64 // while measured; before that, what had moved when it began
}

// count is [collector.count] for the target of a sample.
func (p parts) count(s sample) {
	if p == nil {
		return
	}
	t := &p[s.target]
	switch s.kind {
	case operationDone, operationRefused:
		t.operations++
	case operationFailed:
		t.failures++
	case sessionCompleted:
		t.completed++
	case sessionFailed:
		t.failed++
	case phaseDone:
		switch probe.Phase(s.which) {
		case probe.Login:
			t.login.Record(s.took)
		case probe.Transferring:
			t.transfer.Record(s.took)
		}
	}
}

// turn is [collector.turn]: it counts what has moved until an edge.
func (p parts) turn(e edge, recorders []*recorder) {
	for i := range p {
		var octets int64
		for _, r := range recorders {
			octets += r.moved[i].Load()
		}
		if e == measuring {
			octets = -octets
		}
		p[i].octets += octets
	}
}

// load are the rows of the report.
func (p parts) load(of trees, t *targets, elapsed time.Duration) []report.TargetLoad {
	var rows []report.TargetLoad
	for i := range p {
		d, h := &t.all[i], &p[i]
		row := report.TargetLoad{
			URL: d.target.String(), Weight: d.weight,
			Sessions: h.completed, SessionsFailed: h.failed,
			Operations: h.operations, Failures: h.failures,
			Bytes: h.octets,
			Login: h.login.Distribution(), Transfer: h.transfer.Distribution(),
		}
		if of[i].peer.IsValid() {
			row.Address = of[i].peer.String()
		}
		if elapsed > 0 {
			row.Throughput = float64(h.octets) / elapsed.Seconds()
		}
		rows = append(rows, row)
	}
	return rows
}
