package report

import "time"

// Check is the result of a conformance run.
type Check struct {
	// Summary counts the results by verdict; verdicts that did not occur are absent.
	Summary map[Verdict]int `json:"summary"`
	// Strict is set when levels were weighed strictly.
	Strict bool `json:"strict,omitempty"`
	// FailOn is what turned the exit code; empty means "fail".
	FailOn FailOn `json:"fail_on,omitempty"`
	// Unreached is set when the server could not be reached or logged in to.
	Unreached bool     `json:"unreached,omitempty"`
	Results   []Result `json:"results"`
}

// Result is the verdict on one requirement and what it rests on.
type Result struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Area     string   `json:"area"`
	Level    Level    `json:"level"`
	Severity Severity `json:"severity"`
	Verdict  Verdict  `json:"verdict"`
	// Reason says in one line why the verdict is what it is. It is empty for a plain pass.
	Reason string `json:"reason,omitempty"`
	// Notes say what is worth knowing although it does not change the verdict.
	Notes    []string   `json:"notes,omitempty"`
	Cites    []Cite     `json:"cites"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// ElapsedMS is how long the check took, in milliseconds.
	ElapsedMS float64 `json:"elapsed_ms"`
}

// Elapsed is how long the check took.
func (r Result) Elapsed() time.Duration {
	return time.Duration(r.ElapsedMS * float64(time.Millisecond))
}

// Cite is the sentence that a requirement rests on.
type Cite struct {
	// Source is the document and section, for example "RFC 959 §4.1.2".
	Source string `json:"source"`
	// Quote is verbatim; empty where the section as a whole is meant.
	Quote string `json:"quote,omitempty"`
}

// Evidence is one piece of what a verdict rests on.
type Evidence struct {
	// Kind is "expected", "seen" or "transcript".
	Kind string `json:"kind"`
	// Text is the expectation or the observation.
	Text string `json:"text,omitempty"`
	// Session numbers the control connection of a transcript within its check, from 1.
	Session int `json:"session,omitempty"`
	// Transcript is what went over that control connection.
	Transcript []Line `json:"transcript,omitempty"`
}

// Kinds of [Evidence].
const (
	Expected   = "expected"
	Seen       = "seen"
	Transcript = "transcript"
)

// Add appends a result and counts it.
func (c *Check) Add(r Result) {
	if c.Summary == nil {
		c.Summary = map[Verdict]int{}
	}
	c.Summary[r.Verdict]++
	c.Results = append(c.Results, r)
}
