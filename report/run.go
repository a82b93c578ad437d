package report

import (
	"math"
	"time"
)

// Schema names the version of the report file. A change that takes a field
// away or gives it another meaning needs a new name.
const Schema = "pasv/report/v1"

// Run is everything that one invocation of pasv found out about one target.
// Jobs that did not run are nil.
type Run struct {
	Schema  string    `json:"schema"`
	Tool    Tool      `json:"tool"`
	Target  Target    `json:"target"`
	Started time.Time `json:"started"`
	// Elapsed is the time from start to end of the run, in seconds.
	Elapsed Seconds `json:"elapsed"`
	// Exit is the exit code that the run ended with.
	Exit Exit `json:"exit"`
	// Partial is set when the run was interrupted; what is there is true, but not all.
	Partial bool `json:"partial"`
	// Error says why nothing (more) could be judged, for exit codes 3 and 4.
	Error string `json:"error,omitempty"`

	Check    *Check     `json:"check,omitempty"`
	Load     *Load      `json:"load,omitempty"`
	Diagnose *Diagnosis `json:"diagnose,omitempty"`
}

// Tool says which program made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Target says what was tested. It never holds a password.
type Target struct {
	// URL is the target without the password.
	URL string `json:"url"`
	// Address is the address and port that the control connection was made to.
	Address string `json:"address,omitempty"`
	// Greeting is the text of the server's greeting.
	Greeting string `json:"greeting,omitempty"`
	// Server is the recognised implementation, for example "vsftpd 3.0.3"; empty when unknown.
	Server string `json:"server,omitempty"`
	// Embedded is set when the target is the server built into pasv.
	Embedded bool `json:"embedded,omitempty"`
}

// Seconds is a duration in seconds.
type Seconds float64

// InSeconds converts a duration to the unit of the report.
func InSeconds(d time.Duration) Seconds { return Seconds(d.Seconds()) }

// Duration is the inverse of [InSeconds].
func (s Seconds) Duration() time.Duration {
	return time.Duration(math.Round(float64(s) * float64(time.Second)))
}

// Line is one line of a transcript: what was sent, what was received, or what
// the tool did besides (a data connection opened, a TLS handshake).
type Line struct {
	// At is the time since the session began, in seconds.
	At Seconds `json:"at"`
	// Dir is "send", "recv" or "note".
	Dir string `json:"dir"`
	// Text is one line without its end. Received bytes that are not printable
	// are escaped, passwords are replaced.
	Text string `json:"text"`
}
