package diagnose

import (
	"context"
	"fmt"
	"sync"

	"github.com/passiveftp/pasv/probe"
)

// sample asks for more passive ports and connects to each, so that the map
// shows more than the few ports of the matrix. It takes s over and gives back a
// session that can be used, or nil.
func (p *prober) sample(ctx context.Context, s *probe.Session, f *Facts) *probe.Session {
	l := &lane{command: "PASV", policy: probe.DialControl}
	if _, ok := f.Advertised.offer(); !ok {
		if _, ok := f.EPSV.offer(); !ok {
			p.step(p.Samples, "passive ports")
			return s
		}
		l.command = "EPSV"
	}
	if f.home() != f.Peer.Addr() {
		l.policy = probe.DialAdvertised
	}
	tried := f.dialled(f.home())
	p.step(min(len(tried), p.Samples), "passive ports")
	want, several := p.Samples-len(tried), silent(tried) > 0
	f.Samples, s = p.ports(ctx, s, l, want, several)
	if open, failed := count(f.dialled(f.home())); open > 0 && failed > 0 {
		// Whether the failures follow the port number, or the command, takes more
		// samples to tell.
		var more []Attempt
		more, s = p.ports(ctx, s, l, p.Samples/2, true)
		f.Samples = append(f.Samples, more...)
		if _, both := f.EPSV.offer(); both && l.policy == probe.DialControl {
			l.command = "EPSV"
		}
		more, s = p.ports(ctx, s, l, p.Samples-p.Samples/2, true)
		f.Samples = append(f.Samples, more...)
	}
	return s
}

// count counts the attempts whose connection came up and those whose did not.
func count(as []Attempt) (open, failed int) {
	for _, a := range as {
		if a.connected() {
			open++
		} else {
			failed++
		}
	}
	return open, failed
}

// ports tries n offered ports: one after the other in one session, where each
// new port replaces the one before, or in several sessions, if many ports will
// have to be waited for.
func (p *prober) ports(ctx context.Context, s *probe.Session, l *lane, n int, several bool) ([]Attempt, *probe.Session) {
	lanes := 1
	if several {
		lanes = min(workers, n)
	}
	var (
		mu    sync.Mutex
		out   []Attempt
		begun int
		group sync.WaitGroup
	)
	next := func() bool {
		mu.Lock()
		defer mu.Unlock()
		begun++
		return begun <= n && ctx.Err() == nil
	}
	kept := make([]*probe.Session, max(lanes, 1))
	kept[0] = s
	for i := range lanes {
		group.Go(func() {
			for next() {
				var a Attempt
				a, kept[i] = p.attempt(ctx, kept[i], l, false)
				if ctx.Err() != nil {
					return
				}
				if i > 0 && crowded(a) {
					return // there is no room for another session: the first one goes on alone
				}
				mu.Lock()
				out = append(out, a)
				mu.Unlock()
				p.step(1, fmt.Sprintf("port %d", a.Advertised.Port))
				if final(a) {
					return
				}
			}
		})
	}
	group.Wait()
	for _, other := range kept[1:] {
		if other != nil {
			_, _ = other.Quit(ctx)
		}
	}
	return out, kept[0]
}
