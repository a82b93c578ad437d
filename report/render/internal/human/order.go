package human

import (
	"cmp"
	"maps"
	"slices"
)

// phases of a passive session in the order in which they happen.
var phases = []string{
	"resolve", "connect", "tls", "greeting", "login", "passive", "data.connect", "data.tls",
	"opening", "first-byte", "transfer", "completion", "quit",
}

// InOrder sorts the names of phases or operations in the order of a session;
// what is not a phase stands with completion, before quit, by its name.
func InOrder[V any](rows map[string]V) []string {
	place := func(name string) int {
		if i := slices.Index(phases, name); i >= 0 {
			return i
		}
		return slices.Index(phases, "completion")
	}
	return slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
}
