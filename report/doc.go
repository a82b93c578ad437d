// Package report holds what a run found out, weighs it, and is the one value
// that every rendering is made of.
//
// A [Run] is what report.json contains, field by field. The wire layer and the
// suites say what happened; this package says how much it matters: [Weigh]
// turns a requirement's level and the outcome of its check into a [Verdict],
// and [Run.Weigh] turns all of them into an exit code.
//
// [Printable], [XML] and [JSON] are the one place where text that came from a
// server is made safe for whoever reads it.
//
// It leaves the wire to package probe, the judging to package suites, and the
// writing of files to the packages below report/render.
//
// # Why
//
// Durations are numbers of seconds, not strings: a report is read by programs
// far more often than by people, and people get the text rendering. The only
// exception carries its unit in its name (elapsed_ms of a check's result).
//
// Histograms travel inside the report in HdrHistogram's own compressed
// encoding, so that the files of several generators can be added up exactly.
package report
