// Package lines cuts the byte stream of a Telnet connection into lines, as the
// control connection of FTP needs it (RFC 959 §4.2, RFC 854).
//
// It leaves the meaning of a line to its callers.
//
// # Why
//
// The scanner is fed with bytes and never reads, so that the same code serves
// a blocking session, an event loop and a fuzzer. It forgives what it can and
// says what it forgave: whether a bare LF is a fault is for others to judge.
package lines

import "bytes"

// Quirk is a set of ways in which lines departed from RFC 854 and RFC 959.
type Quirk uint8

const (
	// BareLF is a line that ended with LF without CR before it.
	BareLF Quirk = 1 << iota
	// BareCR is a CR that neither LF nor NUL follows.
	BareCR
	// Negotiation is a Telnet option command (WILL, WONT, DO, DONT, SB).
	Negotiation
	// LoneIAC is an octet 255 that begins no Telnet command.
	LoneIAC
	// NUL is an octet 0 that does not follow a CR.
	NUL
)

// Telnet commands, RFC 854 p.14.
const (
	se   = 240
	sb   = 250
	will = 251
	dont = 254
	iac  = 255
)

var endOfSB = []byte{iac, se}

// End returns the number of octets of b up to and including the end of the
// first line in it, and 0 when there is none. LF always ends a line, also where
// a Telnet option could hold one: nobody negotiates the options that do, and a
// hostile server could otherwise keep a line open for ever.
func End(b []byte) int { return bytes.IndexByte(b, '\n') + 1 }

// Decode returns the text of one line as [End] delimited it: without its end,
// without Telnet commands, with CR NUL as CR and IAC IAC as one octet 255
// (RFC 854 p.11, p.14). The result shares memory with line where nothing had
// to be changed.
func Decode(line []byte) ([]byte, Quirk) {
	var q Quirk
	switch n := len(line); {
	case n >= 2 && line[n-2] == '\r' && line[n-1] == '\n':
		line = line[:n-2]
	case n >= 1 && line[n-1] == '\n':
		line, q = line[:n-1], BareLF
	}
	if bytes.IndexByte(line, iac) < 0 && bytes.IndexByte(line, '\r') < 0 && bytes.IndexByte(line, 0) < 0 {
		return line, q
	}
	// Where no IAC SE follows, an SB has no end. Looking for it from every SB
	// anew would take quadratic time.
	lastSE := bytes.LastIndex(line, endOfSB)
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); {
		if n := command(line[i:], i < lastSE); n != 0 {
			switch {
			case n < 0: // cut off by the end of the line
				q |= LoneIAC
				n = 1
				out = append(out, iac)
			case n == 2 && line[i+1] == iac:
				out = append(out, iac)
			case n > 2:
				q |= Negotiation
			}
			i += n
			continue
		}
		c := line[i]
		i++
		out = append(out, c)
		switch {
		case c == iac:
			q |= LoneIAC
		case c == 0:
			q |= NUL
		case c == '\r' && i < len(line) && line[i] == 0:
			i++
		case c == '\r':
			q |= BareCR
		}
	}
	return out, q
}

// command returns the length of the Telnet command that b begins with: 0 if it
// begins with none, -1 if the command goes on behind the end of b. IAC SE
// follows somewhere if closed is true.
func command(b []byte, closed bool) int {
	if b[0] != iac {
		return 0
	}
	if len(b) < 2 {
		return -1
	}
	switch c := b[1]; {
	case c == iac:
		return 2
	case c == sb:
		if !closed {
			return -1
		}
		return bytes.Index(b, endOfSB) + len(endOfSB)
	case c >= will && c <= dont:
		if len(b) < 3 {
			return -1
		}
		return 3
	case c >= se:
		return 2
	}
	return 0
}
