package probe

import (
	"strings"
	"time"
)

// Direction tells who a line of a transcript came from.
type Direction uint8

const (
	// Sent by the client.
	Sent Direction = iota
	// Received from the server.
	Received
	// Noted: not on the control connection, but part of the story.
	Noted
)

// String is "send", "recv" or "note".
func (d Direction) String() string { return [...]string{"send", "recv", "note"}[d] }

// Line is one line of a transcript, safe to print.
type Line struct {
	// At is the time since the session began.
	At   time.Duration
	Dir  Direction
	Text string
}

// Transcript keeps what went over a control connection, as it was; it is made
// printable and passwords are removed only when it is read, since most
// transcripts are never read.
type Transcript struct {
	entries []entry
	dropped int
	secrets []string
}

type entry struct {
	at   time.Duration
	dir  Direction
	text string
}

// keep is how many entries a transcript holds; the oldest go first.
const keep = 1000

func (t *Transcript) add(at time.Duration, dir Direction, text string) {
	if len(t.entries) == keep {
		half := keep / 2
		t.dropped += half
		t.entries = t.entries[:copy(t.entries, t.entries[half:])]
	}
	t.entries = append(t.entries, entry{at, dir, text})
}

// hide makes a password unreadable in this transcript, wherever it occurs, in
// what the server echoes too.
func (t *Transcript) hide(secret string) {
	if secret != "" {
		t.secrets = append(t.secrets, secret)
	}
}

// Lines returns the transcript line by line.
func (t *Transcript) Lines() []Line {
	out := make([]Line, 0, len(t.entries)+1)
	if t.dropped > 0 {
		out = append(out, Line{Dir: Noted, Text: "(the beginning is not kept)"})
	}
	for _, e := range t.entries {
		for line := range strings.Lines(e.text) {
			out = append(out, Line{e.at, e.dir, Printable(t.redact(strings.TrimRight(line, "\r\n")))})
		}
	}
	return out
}

func (t *Transcript) redact(s string) string {
	if verb, arg, ok := strings.Cut(s, " "); ok && strings.EqualFold(verb, "PASS") && arg != "" {
		s = verb + " ***"
	}
	for _, secret := range t.secrets {
		s = strings.ReplaceAll(s, secret, "***")
	}
	return s
}
