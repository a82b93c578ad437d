package probe

import (
	"slices"
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
	octets  int // of the texts of all entries
	dropped int
	secrets secrets
}

type entry struct {
	at   time.Duration
	dir  Direction
	text string
	mark mark
}

// mark tells the entries apart that look alike.
type mark uint8

const (
	octetsSent   mark = iota + 1 // not a command: by [Session.Write]
	replyUnasked                 // it answers nothing
	replyCut                     // not a whole reply
)

// What a transcript holds at most; the oldest goes first. The last entry stays,
// however long it is.
const (
	keepEntries = 1000
	keepOctets  = 1 << 20
)

func (t *Transcript) add(at time.Duration, dir Direction, text string) {
	t.entries = append(t.entries, entry{at: at, dir: dir, text: text})
	t.octets += len(text)
	for n := len(t.entries); n > keepEntries || n > 1 && t.octets > keepOctets; n = len(t.entries) {
		t.Keep(n / 2)
	}
}

// marked adds an entry with a mark.
func (t *Transcript) marked(at time.Duration, dir Direction, text string, m mark) {
	t.add(at, dir, text)
	t.entries[len(t.entries)-1].mark = m
}

// hide makes a password unreadable in this transcript and in the errors of its
// session, wherever it occurs, in what the server echoes too.
func (t *Transcript) hide(secret string) {
	if secret != "" && !slices.Contains(t.secrets, secret) {
		t.secrets = append(t.secrets, secret)
	}
}

// Keep forgets all entries but the last n, for sessions that are long and many.
func (t *Transcript) Keep(n int) {
	if old := len(t.entries) - n; old > 0 {
		t.dropped += old
		for _, e := range t.entries[:old] {
			t.octets -= len(e.text)
		}
		copy(t.entries, t.entries[old:])
		clear(t.entries[n:])
		t.entries = t.entries[:n]
	}
}

// Lines returns the transcript line by line.
func (t *Transcript) Lines() []Line {
	out := make([]Line, 0, len(t.entries)+1)
	if t.dropped > 0 {
		out = append(out, Line{Dir: Noted, Text: "(the beginning is not kept)"})
	}
	hide := t.secrets.hider()
	for _, e := range t.entries {
		for line := range strings.Lines(e.text) {
			out = append(out, Line{e.at, e.dir, Printable(hide(withoutPass(strings.TrimRight(line, "\r\n"))))})
		}
	}
	return out
}

// withoutPass takes the argument out of a PASS or ACCT command.
func withoutPass(s string) string {
	if verb, arg, ok := strings.Cut(s, " "); ok && arg != "" && (strings.EqualFold(verb, "PASS") || strings.EqualFold(verb, "ACCT")) {
		return verb + " " + asterisks
	}
	return s
}
