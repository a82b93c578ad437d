package probe

import (
	"strings"

	"github.com/passiveftp/pasv/probe/internal/lines"
)

// Reply is one complete reply of the server (RFC 959 §4.2). The zero value
// stands for no reply.
type Reply struct {
	// Code is the reply code, 0 to 999 as received.
	Code int
	// Raw is what was received, with its line ends and Telnet commands. It is
	// the server's text: escape it before it is shown.
	Raw string
	// Quirks are the ways in which the reply's form departs from the RFCs.
	Quirks Quirk
}

// Quirk is a set of departures from the form of a reply. The parser forgives
// all of them; judging is left to others.
type Quirk uint16

const (
	// QuirkBareLF: a line ends with LF alone (RFC 959 §4.2: the Telnet end-of-line code).
	QuirkBareLF Quirk = 1 << iota
	// QuirkBareCR: a CR that neither LF nor NUL follows (RFC 854 p.11).
	QuirkBareCR
	// QuirkNegotiation: the server negotiates Telnet options.
	QuirkNegotiation
	// QuirkLoneIAC: an octet 255 that begins no Telnet command.
	QuirkLoneIAC
	// QuirkNUL: an octet 0 outside CR NUL.
	QuirkNUL
	// QuirkNoSpace: the code of the last line is followed by nothing at all.
	QuirkNoSpace
	// QuirkInnerCode: a line within a multi-line reply begins with another code and a space.
	QuirkInnerCode
)

var quirkNames = []string{"bare LF", "bare CR", "Telnet negotiation", "lone IAC", "NUL", "no space after the code", "a code inside the reply"}

// String lists the quirks, separated by commas.
func (q Quirk) String() string { return bitNames(uint16(q), quirkNames) }

// bitNames lists the names of the bits in a set.
func bitNames(set uint16, names []string) string {
	var in []string
	for i, name := range names {
		if set&(1<<i) != 0 {
			in = append(in, name)
		}
	}
	return strings.Join(in, ", ")
}

// Class is the first digit of the code: 1 preliminary, 2 success,
// 3 intermediate, 4 transient failure, 5 permanent failure, 6 protected.
func (r Reply) Class() int { return r.Code / 100 }

// Preliminary tells a 1yz reply: another reply will follow.
func (r Reply) Preliminary() bool { return r.Class() == 1 }

// Positive tells a 2yz reply.
func (r Reply) Positive() bool { return r.Class() == 2 }

// Negative tells a 4yz or 5yz reply.
func (r Reply) Negative() bool { return r.Class() == 4 || r.Class() == 5 }

// IsZero tells that there is no reply.
func (r Reply) IsZero() bool { return r.Raw == "" }

// Lines returns the lines of the reply with their codes, decoded and without
// their ends.
func (r Reply) Lines() []string {
	var out []string
	for rest := []byte(r.Raw); len(rest) > 0; {
		n := lines.End(rest)
		if n == 0 {
			n = len(rest)
		}
		line, _ := lines.Decode(rest[:n])
		out = append(out, string(line))
		rest = rest[n:]
	}
	return out
}

// Multiline tells a reply of more than one line.
func (r Reply) Multiline() bool { return strings.Contains(strings.TrimSuffix(r.Raw, "\n"), "\n") }

// Text is the text of the reply without the codes of its first and last line;
// the lines of a multi-line reply are joined by "\n".
func (r Reply) Text() string {
	ls := r.Lines()
	for i := range ls {
		if i == 0 || i == len(ls)-1 {
			ls[i] = ls[i][min(4, len(ls[i])):]
		}
	}
	return strings.Join(ls, "\n")
}

// String shows the reply in one printable line: all of a single-line reply,
// the first and the last line of a longer one.
func (r Reply) String() string {
	ls := r.Lines()
	switch len(ls) {
	case 0:
		return "no reply"
	case 1:
		return Printable(ls[0])
	}
	return Printable(ls[0]) + " … " + Printable(ls[len(ls)-1])
}
