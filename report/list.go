package report

import "encoding/json"

// The lists and maps of a report are never null in JSON: who reads
// .check.results can iterate without asking whether there are any.

// MarshalJSON writes empty lists instead of null.
func (c Check) MarshalJSON() ([]byte, error) {
	type plain Check
	c.Summary, c.Results = table(c.Summary), list(c.Results)
	return json.Marshal(plain(c))
}

// MarshalJSON writes empty lists instead of null.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result
	r.Cites = list(r.Cites)
	return json.Marshal(plain(r))
}

// MarshalJSON writes empty lists instead of null.
func (l Load) MarshalJSON() ([]byte, error) {
	type plain Load
	l.Operations, l.Phases = table(l.Operations), table(l.Phases)
	l.Failures, l.Series, l.Thresholds = list(l.Failures), list(l.Series), list(l.Thresholds)
	return json.Marshal(plain(l))
}

// MarshalJSON writes empty lists instead of null.
func (d Diagnosis) MarshalJSON() ([]byte, error) {
	type plain Diagnosis
	d.Findings, d.Ports, d.Matrix = list(d.Findings), list(d.Ports), list(d.Matrix)
	return json.Marshal(plain(d))
}

// MarshalJSON writes empty lists instead of null.
func (f Finding) MarshalJSON() ([]byte, error) {
	type plain Finding
	f.Evidence = list(f.Evidence)
	return json.Marshal(plain(f))
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func table[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}
