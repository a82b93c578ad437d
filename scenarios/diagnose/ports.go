package diagnose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// ports is the map of the passive ports, and span the range they were seen in.
func (f Facts) ports() []report.Port {
	type seen struct {
		offered, open, failed int
		last                  Attempt // the last that failed
	}
	all := map[uint16]*seen{}
	for _, a := range f.all() {
		if !a.offered() {
			continue
		}
		p := all[a.Advertised.Port]
		if p == nil {
			p = &seen{}
			all[a.Advertised.Port] = p
		}
		p.offered++
		switch {
		case a.Dialled.Addr() != f.home():
		case a.connected() && state(a) == "open":
			p.open++
		default:
			p.failed++
			p.last = a
		}
	}
	out := make([]report.Port, 0, len(all))
	for _, port := range slices.Sorted(maps.Keys(all)) {
		p := all[port]
		r := report.Port{Port: port, Offered: p.offered}
		switch {
		case p.open == 0 && p.failed == 0:
			continue // named with an address that leads elsewhere, and not tried here
		case p.failed == 0:
			r.State = "open"
		case p.open == 0:
			r.State, r.Detail = state(p.last), detail(p.last)
		default:
			r.State = "open"
			r.Detail = fmt.Sprintf("%s in %d of %d tries", state(p.last), p.failed, p.open+p.failed)
		}
		out = append(out, r)
	}
	return out
}

// state is what an attempt says about its port.
func state(a Attempt) string {
	switch {
	case a.connected() && a.Cause == probe.Stalled && a.Bytes == 0 && !a.ok():
		return "silent"
	case a.connected():
		return "open"
	case a.Cause == probe.Unreachable, a.icmp() != nil:
		return "rejected"
	}
	return a.Cause.String()
}

// icmp is the ICMP message that answered the connect, nil where none is known.
func (a Attempt) icmp() *probe.ICMPError {
	var e *probe.Error
	if errors.As(a.Err, &e) {
		return e.ICMP
	}
	return nil
}

// detail is what the state leaves out. It does not name the port, so that ports
// with the same fate have the same detail.
func detail(a Attempt) string {
	var e *probe.Error
	if s := state(a); s == "filtered" || s == "refused" || !errors.As(a.Err, &e) || e.Err == nil {
		return ""
	}
	nowhere := *e
	nowhere.Addr = ""
	return nowhere.Error()
}

// span is the range of the offered ports, nil when none was offered.
func (f Facts) span() *report.PortRange {
	var r *report.PortRange
	distinct := map[uint16]bool{}
	for _, a := range f.all() {
		if !a.offered() {
			continue
		}
		p := a.Advertised.Port
		if r == nil {
			r = &report.PortRange{First: p, Last: p}
		}
		r.First, r.Last = min(r.First, p), max(r.Last, p)
		r.Samples++
		distinct[p] = true
	}
	if r != nil {
		r.Distinct = len(distinct)
	}
	return r
}

// portList is list with the noun.
func portList(ports []uint16) string {
	if len(slices.Compact(slices.Sorted(slices.Values(ports)))) == 1 {
		return fmt.Sprintf("port %d", ports[0])
	}
	return "ports " + list(ports)
}

// list writes ports as "50000-50003, 50007"; a long list is cut.
func list(ports []uint16) string {
	slices.Sort(ports)
	ports = slices.Compact(ports)
	var parts []string
	for i := 0; i < len(ports); {
		first, last := ports[i], ports[i]
		for i++; i < len(ports) && ports[i] == last+1; i++ {
			last = ports[i]
		}
		switch {
		case len(parts) == 12:
			return strings.Join(parts, ", ") + " …"
		case first == last:
			parts = append(parts, fmt.Sprint(first))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", first, last))
		}
	}
	return strings.Join(parts, ", ")
}
