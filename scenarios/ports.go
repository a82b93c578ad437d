package scenarios

import (
	"time"

	"github.com/passiveftp/pasv/report"
)

// ports are those that replies to PASV and EPSV named, at all targets together.
type ports struct {
	report.PassivePorts
	// last is when each port was named last, since the run began; zero: never.
	last *[1 << 16]time.Duration
	// soonest is the shortest time after which one was named again.
	soonest time.Duration
}

// offered counts a port. What sessions tell may come a little out of order.
func (p *ports) offered(port uint16, at time.Duration) {
	if p.last == nil {
		p.last = new([1 << 16]time.Duration)
	}
	at = max(at, 1)
	p.Offered++
	switch last := p.last[port]; {
	case last == 0:
		p.Distinct++
		if p.Lowest == 0 || port < p.Lowest {
			p.Lowest = port
		}
		p.Highest = max(p.Highest, port)
	default:
		gap := (at - last).Abs()
		if p.Reused == 0 || gap < p.soonest {
			p.soonest = gap
		}
		p.Reused++
		at = max(at, last)
	}
	p.last[port] = at
}

// has tells whether a port was named.
func (p *ports) has(port uint16) bool { return p.last != nil && p.last[port] != 0 }

// result is nil when no port was named.
func (p *ports) result() *report.PassivePorts {
	if p.Offered == 0 {
		return nil
	}
	r := p.PassivePorts
	r.Soonest = report.InSeconds(p.soonest)
	return &r
}
