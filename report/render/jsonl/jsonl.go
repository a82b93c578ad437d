package jsonl

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/passiveftp/pasv/report"
)

// JSONSchema is the JSON Schema (draft 2020-12) of a line.
//
//go:embed schema.json
var JSONSchema []byte

// Interval is what a load did in one interval of the measured time. Beside the
// fields of report.json's intervals it has what is derived from them.
type Interval struct {
	report.Interval
	// Step is the number of the run in a search for capacity, from 1.
	Step int `json:"step,omitempty"`
	// Elapsed is the length of the interval, in seconds.
	Elapsed report.Seconds `json:"elapsed"`
	// Dropped counts sessions that were due and could not begin.
	Dropped int64 `json:"dropped"`
	// Rate is the number of operations per second, Throughput the payload in bytes
	// per second.
	Rate       float64 `json:"rate"`
	Throughput float64 `json:"throughput"`
	// Latency is that of all operations in the interval, without the histogram.
	Latency report.Distribution `json:"latency"`
}

// Stream writes the lines of one run to W, each in one go. It is not safe for
// concurrent use.
//
// Its methods fail when W does; after that they write nothing and report nothing
// more.
type Stream struct {
	W      io.Writer
	broken bool
}

// Start says what is to be done. Of the run, only the tool, the target and the
// start matter.
func (s *Stream) Start(r report.Run) error {
	return s.line("start", struct {
		Schema  string        `json:"schema"`
		Tool    report.Tool   `json:"tool"`
		Target  report.Target `json:"target"`
		Started time.Time     `json:"started"`
	}{r.Schema, r.Tool, r.Target, r.Started})
}

// Result says how a requirement was judged.
func (s *Stream) Result(r report.Result) error { return s.line("result", r) }

// Interval says how a load goes.
func (s *Stream) Interval(i Interval) error { return s.line("interval", i) }

// End says what came of it.
func (s *Stream) End(r report.Run) error {
	if r.Check != nil {
		check := *r.Check
		check.Results = nil
		r.Check = &check
	}
	return s.line("summary", r)
}

// line writes an object with its type as the first member.
func (s *Stream) line(kind string, object any) error {
	if s.broken {
		return nil
	}
	members, err := json.Marshal(object)
	if err != nil {
		s.broken = true
		return fmt.Errorf("%s: %w", kind, err)
	}
	b := fmt.Appendf(nil, `{"type":%q,`, kind)
	b = append(report.JSON(append(b, members[1:]...)), '\n')
	if _, err := s.W.Write(b); err != nil {
		s.broken = true
		return err
	}
	return nil
}
