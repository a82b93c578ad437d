package diagnose

import (
	"errors"
	"net/netip"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Facts is what was seen, without an opinion.
type Facts struct {
	// Address is the target, host:port.
	Address string
	// Greeting is the server's greeting, if there was one.
	Greeting probe.Reply
	// Trouble is why no session could be opened, nil when one was. Nothing below
	// is known then.
	Trouble error

	// Peer is the server's end of the control connection.
	Peer netip.AddrPort
	// Protected tells whether data connections use TLS.
	Protected bool
	Product   probe.Product

	// Advertised is PASV with the address of the 227, Control PASV with the
	// address of the control connection, EPSV is EPSV.
	Advertised, Control, EPSV Way
	// Samples are further connections to offered ports, without a transfer.
	Samples []Attempt
}

// Way is one way to a data connection.
type Way struct {
	Attempts []Attempt
	// Skipped says why the way was not tried; empty when it was.
	Skipped string
	// Same tells that the way leads to the same place as the advertised one, which
	// stands for both.
	Same bool
}

// Attempt is one try to get a data connection.
type Attempt struct {
	// Command is "PASV" or "EPSV".
	Command string
	// Advertised is what the reply named, the zero Endpoint when it named nothing.
	Advertised probe.Endpoint
	// Dialled is where the data connection was opened to.
	Dialled netip.AddrPort
	// Cause is why the attempt failed; Err is nil when it worked.
	Cause probe.Cause
	Err   error
	// Phase is where it failed.
	Phase probe.Phase
	// Reply is the server's last word on the attempt: the refusal, or the final reply.
	Reply probe.Reply
	// Bytes came over the data connection.
	Bytes   int64
	Elapsed time.Duration
}

// fail notes why the attempt failed.
func (a *Attempt) fail(err error) {
	a.Err, a.Cause, a.Phase = err, probe.CauseOf(err), probe.Completion
	var e *probe.Error
	if errors.As(err, &e) {
		a.Phase = e.Phase
		if !e.Reply.IsZero() {
			a.Reply = e.Reply
		}
	}
}

func (a Attempt) ok() bool { return a.Err == nil }

// offered tells that the server named a place.
func (a Attempt) offered() bool { return a.Advertised.Port != 0 }

// connected tells that the TCP connection came up.
func (a Attempt) connected() bool {
	return a.offered() && a.Dialled.IsValid() && (a.ok() || a.Phase != probe.DataConnect)
}

// outcome is the attempt in one word.
func (a Attempt) outcome() string {
	if a.ok() {
		return "ok"
	}
	return a.Cause.String()
}

// what is the attempt in words.
func (a Attempt) what() string {
	switch {
	case a.ok():
		return a.Reply.String()
	case a.Phase != probe.DataConnect && !a.Reply.IsZero() && a.Cause != probe.Refusal && a.Cause != probe.Unreadable:
		return a.Err.Error() + "; the server said: " + a.Reply.String()
	}
	return a.Err.Error()
}

func (w Way) worked() (n int) {
	for _, a := range w.Attempts {
		if a.ok() {
			n++
		}
	}
	return n
}

// ok tells that every attempt worked.
func (w Way) ok() bool { return len(w.Attempts) > 0 && w.worked() == len(w.Attempts) }

// telling is the attempt that stands for the way: the first that failed, else
// the last.
func (w Way) telling() Attempt {
	for _, a := range w.Attempts {
		if !a.ok() {
			return a
		}
	}
	if len(w.Attempts) == 0 {
		return Attempt{}
	}
	return w.Attempts[len(w.Attempts)-1]
}

// offer is the first place that was named.
func (w Way) offer() (probe.Endpoint, bool) {
	for _, a := range w.Attempts {
		if a.offered() {
			return a.Advertised, true
		}
	}
	return probe.Endpoint{}, false
}

// ipv6 tells the family of the control connection.
func (f Facts) ipv6() bool { return f.Peer.Addr().Is6() }

// all is every attempt at a data connection.
func (f Facts) all() []Attempt {
	var out []Attempt
	for _, w := range []Way{f.Advertised, f.Control, f.EPSV} {
		out = append(out, w.Attempts...)
	}
	return append(out, f.Samples...)
}

// dialled is every attempt to connect to a port at addr.
func (f Facts) dialled(addr netip.Addr) []Attempt {
	var out []Attempt
	for _, a := range f.all() {
		if a.offered() && a.Dialled.Addr() == addr && (a.connected() || a.Phase == probe.DataConnect) {
			out = append(out, a)
		}
	}
	return out
}

// home is the address where the passive ports are: the control connection's,
// unless only the advertised one works.
func (f Facts) home() netip.Addr {
	peer := f.Peer.Addr()
	if e, ok := f.Advertised.offer(); ok && e.Addr != peer && f.Advertised.worked() > 0 && f.Control.worked() == 0 && f.EPSV.worked() == 0 {
		return e.Addr
	}
	return peer
}

// cells is the matrix.
func (f Facts) cells() []report.Cell {
	out := make([]report.Cell, 0, 3)
	for _, w := range []struct {
		name string
		Way
	}{{"advertised", f.Advertised}, {"control", f.Control}, {"epsv", f.EPSV}} {
		c := report.Cell{Way: w.name, Family: "ipv4", Protection: "plain", Outcome: "skipped", Detail: w.Skipped, Tried: len(w.Attempts), Worked: w.worked()}
		if f.ipv6() {
			c.Family = "ipv6"
		}
		if f.Protected {
			c.Protection = "tls"
		}
		way := w.Way
		if w.Same {
			way = f.Advertised
		}
		if len(way.Attempts) > 0 {
			a := way.telling()
			c.Outcome = a.outcome()
			if c.Detail == "" {
				c.Detail = a.what()
			}
			if a.offered() {
				c.Advertised = a.Advertised.String()
			}
			if a.Dialled.IsValid() {
				c.Dialled = a.Dialled.String()
			}
		}
		for _, a := range w.Attempts {
			c.Elapsed = max(c.Elapsed, report.InSeconds(a.Elapsed))
		}
		out = append(out, c)
	}
	return out
}
