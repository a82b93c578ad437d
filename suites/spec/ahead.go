package spec

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Ahead judges requirements, up to n at once. None is begun before those that it
// is blocked by have been judged, and, where there are several at once, those are
// begun first that take longest, with all that waits for them. When ctx ends, the
// rest is left out.
//
// What has to be alone comes after the others, but for what others are blocked by:
// in the middle of them it would have to wait for all that have begun, and
// nothing could begin meanwhile.
func (j *Judge) Ahead(ctx context.Context, requirements []*Requirement, n int) {
	n = max(n, 1)
	j.mu.Lock()
	j.atOnce = n
	j.mu.Unlock()
	all := withBlockers(requirements)
	lonely := map[*Requirement]bool{}
	for _, r := range all {
		lonely[r] = r.Alone && !j.mayHaveCompany(ctx, r)
	}
	first := map[*Requirement]bool{}
	for _, r := range all {
		for _, b := range withBlockers(r.BlockedBy) {
			if lonely[b] && !lonely[r] {
				for _, before := range withBlockers([]*Requirement{b}) {
					first[before] = true
				}
			}
		}
	}
	var early, late []*Requirement
	for _, r := range all {
		if first[r] {
			early = append(early, r)
		} else {
			late = append(late, r)
		}
	}
	j.together(ctx, early, lonely, n)
	j.together(ctx, late, lonely, n)
}

// together judges up to n requirements at once, those that have to be alone after
// the others.
func (j *Judge) together(ctx context.Context, waiting []*Requirement, lonely map[*Requirement]bool, n int) {
	waiting = slices.Clone(waiting)
	if n > 1 {
		waiting = j.byUrgency(waiting)
	}
	slices.SortStableFunc(waiting, func(a, b *Requirement) int {
		switch {
		case lonely[b] && !lonely[a]:
			return -1
		case lonely[a] && !lonely[b]:
			return 1
		}
		return 0
	})
	unjudged, running := map[*Requirement]bool{}, map[*Requirement]bool{}
	for _, r := range waiting {
		unjudged[r] = true
	}
	mayBegin := func(r *Requirement) bool {
		if slices.ContainsFunc(r.BlockedBy, func(b *Requirement) bool { return unjudged[b] }) {
			return false
		}
		if !lonely[r] {
			return true
		}
		for other := range running {
			if lonely[other] || !r.bears(other) {
				return false
			}
		}
		return lonely[waiting[0]]
	}
	// A pause of ten seconds is no work for the server, nor for this machine.
	working := func() (count int) {
		for r := range running {
			if !r.Idle || n == 1 {
				count++
			}
		}
		return count
	}
	judged := make(chan *Requirement)
	for len(waiting) > 0 || len(running) > 0 {
		next := slices.IndexFunc(waiting, mayBegin)
		switch {
		case ctx.Err() != nil && len(running) == 0:
			return
		case ctx.Err() == nil && working() < n && next >= 0:
			r := waiting[next]
			waiting = slices.Delete(waiting, next, next+1)
			running[r] = true
			go func() {
				j.try(ctx, r)
				judged <- r
			}()
		default:
			r := <-judged
			delete(unjudged, r)
			delete(running, r)
		}
	}
}

// withBlockers adds to requirements those that they are blocked by, and what
// those are blocked by, before them.
func withBlockers(requirements []*Requirement) []*Requirement {
	var all []*Requirement
	seen := map[*Requirement]bool{}
	var add func([]*Requirement)
	add = func(some []*Requirement) {
		for _, r := range some {
			if !seen[r] {
				seen[r] = true
				add(r.BlockedBy)
				all = append(all, r)
			}
		}
	}
	add(requirements)
	return all
}

// byUrgency sorts by the time from the beginning of a requirement to the end of
// the last one that waits for it; what takes equally long stays in its order.
func (j *Judge) byUrgency(requirements []*Requirement) []*Requirement {
	urgency := map[*Requirement]time.Duration{}
	var raise func(r *Requirement, after time.Duration)
	raise = func(r *Requirement, after time.Duration) {
		if total := j.takes(r) + after; total > urgency[r] {
			urgency[r] = total
			for _, b := range r.BlockedBy {
				raise(b, total)
			}
		}
	}
	for _, r := range requirements {
		raise(r, 0)
	}
	sorted := slices.Clone(requirements)
	slices.SortStableFunc(sorted, func(a, b *Requirement) int { return cmp.Compare(urgency[b], urgency[a]) })
	return sorted
}

// takes is about how long a requirement takes to be judged.
func (j *Judge) takes(r *Requirement) time.Duration {
	switch {
	case r.Needs&Slow == 0:
		return r.Takes
	case j.Slow:
		return max(r.Takes, time.Minute)
	}
	return 0
}

// mayHaveCompany tells that a requirement which is to be alone may be tried beside
// others first.
func (j *Judge) mayHaveCompany(ctx context.Context, r *Requirement) bool {
	return r.AloneAgain && j.Reach(ctx) == nil && j.facts.roundTrip > far
}

// far is the round trip from which on a thousand transfers, of three round trips
// each, take longer than a minute.
const far = 20 * time.Millisecond
