// Package jsonl renders a run line by line while it goes on: JSON Lines, one
// object a line, for programs that do not want to wait for report.json.
//
// Every line has a "type":
//
//   - "start", the first: which tool is at work on which target;
//   - "result": a requirement was judged. Beside the type it is an element of
//     check.results of report.json;
//   - "interval": what a load did since the line before; see [Interval];
//   - "summary", the last: report.json itself, but for check.results, which have
//     been said. A line that is missing is a run that was killed.
//
// [JSONSchema] describes the lines, as far as [report.JSONSchema] does not.
//
// Deciding what to do when nobody reads is left to the caller.
//
// # Why
//
// The names are those of report.json, so that what reads the one can read the
// other. Intervals are no rows of load.series: those are sorted by when something
// ended and known in full only when the run is over, these are what was known at
// the time, with latencies, which the series has not. What sessions report when
// the measured time is over is in the summary alone.
package jsonl
