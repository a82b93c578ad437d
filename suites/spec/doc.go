// Package spec is what a conformance check is made of: a [Requirement] is a
// value that holds a rule, where it is written, and a function that tries it
// on a server; a [Judge] runs that function, looks after its sessions and
// deadlines, and turns what it saw into a [report.Result].
//
// The requirements themselves are in the packages of their areas; where they
// run (Ginkgo, go test, the command line) is for package suites.
//
// # Why
//
// A check is a value because the list of what is checked must be readable,
// filterable and countable without running anything. T has an Expect of its own
// around Gomega's matchers, because a verdict needs what was expected and what
// was seen as two texts, which Gomega's failure message has run together.
//
// A check that cannot be judged because an earlier one is not met names that
// one in BlockedBy, by pointer: a wrong name does not compile, and a cycle does
// not either. One defect is so reported once, where it belongs.
package spec
