package spec

import "slices"

// Order is the order in which results are asked for: first those of requirements
// that do not mind each other, then of those that have to be alone, and at last of
// those that watch the sessions of all. Within each of the three it is theirs.
func Order(requirements []*Requirement) []*Requirement {
	ordered := slices.Clone(requirements)
	slices.SortStableFunc(ordered, func(a, b *Requirement) int { return a.turn() - b.turn() })
	return ordered
}

func (r *Requirement) turn() int {
	switch {
	case r.Watch != nil:
		return 2
	case r.Alone:
		return 1
	}
	return 0
}
