package scenarios

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/passiveftp/pasv/probe"
)

// Destination is one of several targets of a load.
type Destination struct {
	Target probe.Target
	// Weight is its share of the sessions among the weights of all; 1 when zero.
	Weight int
}

// Bounds of what a load goes to.
const (
	MaxTargets = 1000
	MaxWeight  = 100
	// maxRound bounds the sessions after which the turns repeat.
	maxRound = MaxTargets * MaxWeight
)

// destination is where some of the sessions go, and how.
type destination struct {
	target probe.Target
	weight int
	// dialers are one for each source address.
	dialers []*probe.Dialer
}

// targets says which session goes where: the destinations take turns, each as
// often in a round as its weight says, and spread over the round; at each of them
// the source addresses take turns.
type targets struct {
	all   []destination
	round []turnOf
}

// turnOf is one turn of a round: a destination, and how often it had been its
// turn before in the round.
type turnOf struct{ target, before int }

// newTargets makes the destinations of an engine. With AllAddresses it asks for
// the addresses of names; when that fails the error is a *[probe.Error].
func (e *Engine) newTargets(ctx context.Context) (*targets, error) {
	given := e.Targets
	if len(given) == 0 {
		given = []Destination{{Target: e.Target}}
	}
	t := &targets{}
	var addresses [][]netip.Addr
	// What a name weighs is shared by its addresses, so that all weights are
	// multiplied by the smallest number that leaves none a fraction.
	whole := 1
	for _, d := range given {
		if d.Weight < 0 || d.Weight > MaxWeight {
			return nil, fmt.Errorf("a weight must be between 1 and %d", MaxWeight)
		}
		var of []netip.Addr
		if _, err := netip.ParseAddr(d.Target.Host); e.AllAddresses && err != nil {
			if of, err = e.lookup(ctx, d.Target.Host); err != nil {
				if len(given) > 1 {
					err = &TargetError{d.Target.String(), err}
				}
				return nil, err
			}
			whole = min(multiple(whole, len(of)), maxRound+1)
		}
		addresses = append(addresses, of)
	}
	for i, d := range given {
		weight := max(d.Weight, 1) * whole
		if addresses[i] == nil {
			t.add(d.Target, weight, e.dialers(""))
			continue
		}
		for _, a := range addresses[i] {
			one := d.Target
			one.Host = a.String()
			t.add(one, weight/len(addresses[i]), e.dialers(d.Target.Host))
		}
	}
	if len(t.all) > MaxTargets {
		return nil, fmt.Errorf("these are %d targets, and %d is the most", len(t.all), MaxTargets)
	}
	return t, t.turns()
}

func (t *targets) add(to probe.Target, weight int, dialers []*probe.Dialer) {
	t.all = append(t.all, destination{target: to, weight: weight, dialers: dialers})
}

// dialers are the dialer with each of the sources. Where an address stands for a
// name, TLS asks for that name.
func (e *Engine) dialers(name string) []*probe.Dialer {
	base := *e.dialer()
	if name != "" {
		conf := &tls.Config{}
		if base.TLS != nil {
			conf = base.TLS.Clone()
		}
		conf.ServerName = cmp.Or(conf.ServerName, name)
		base.TLS = conf
	}
	if len(e.Sources) == 0 {
		return []*probe.Dialer{&base}
	}
	var all []*probe.Dialer
	for _, source := range e.Sources {
		d := base
		d.Source = source
		all = append(all, &d)
	}
	return all
}

// lookup are the addresses of a name, of the family that was asked for.
func (e *Engine) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	d := e.dialer()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(d.Timeout, probe.DefaultTimeout))
	defer cancel()
	network := map[probe.Family]string{probe.IPv4: "ip4", probe.IPv6: "ip6"}[d.Family]
	found, err := net.DefaultResolver.LookupNetIP(ctx, cmp.Or(network, "ip"), name)
	if err == nil && len(found) == 0 {
		err = errors.New("no address")
	}
	if err != nil {
		return nil, &probe.Error{Phase: probe.Resolve, Addr: name, Cause: probe.Unreachable, Err: err}
	}
	var distinct []netip.Addr
	for _, a := range found {
		if a = a.Unmap(); !slices.Contains(distinct, a) {
			distinct = append(distinct, a)
		}
	}
	return distinct, nil
}

// turns makes the round. Whoever is furthest behind its share has the next turn
// (smooth weighted round robin).
func (t *targets) turns() error {
	common, total := 0, 0
	for i := range t.all {
		common = divisor(common, t.all[i].weight)
	}
	for i := range t.all {
		t.all[i].weight /= common
		total += t.all[i].weight
	}
	if total > maxRound {
		return fmt.Errorf("these weights repeat only after %d sessions, and %d is the most: choose smaller ones", total, maxRound)
	}
	due := make([]int, len(t.all))
	had := make([]int, len(t.all))
	for range total {
		next := 0
		for i := range t.all {
			if due[i] += t.all[i].weight; due[i] > due[next] {
				next = i
			}
		}
		due[next] -= total
		t.round = append(t.round, turnOf{next, had[next]})
		had[next]++
	}
	return nil
}

// of is where a session goes, counted from 1, and from which source.
func (t *targets) of(session int64) (target, source int) {
	n := int64(len(t.round))
	turn := t.round[(session-1)%n]
	d := &t.all[turn.target]
	times := (session-1)/n*int64(d.weight) + int64(turn.before)
	return turn.target, int(times % int64(len(d.dialers)))
}

// target is where a session goes.
func (t *targets) target(session int64) int {
	target, _ := t.of(session)
	return target
}

// dial opens the control connection of a session.
func (t *targets) dial(ctx context.Context, session int64) (conversation, error) {
	target, source := t.of(session)
	d := &t.all[target]
	s, err := d.dialers[source].Dial(ctx, d.target)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// divisor is the greatest common divisor, where 0 divides into all.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// multiple is the least common multiple.
func multiple(a, b int) int { return a / divisor(a, b) * b }
