package ftptest

import (
	"fmt"
	"strconv"
	"strings"
)

// reply is what answers a command (RFC 959 §4.2). More than one line makes it multi-line; the
// lines between the first and the last are sent as they are, so they start with a space.
type reply struct {
	code  int
	lines []string
}

func answer(code int, format string, args ...any) reply {
	return reply{code, []string{fmt.Sprintf(format, args...)}}
}

// encode is r on the wire. Octet FF is doubled (RFC 854 p. 14), and what could end a line
// early is made harmless.
func (r reply) encode() []byte {
	b := make([]byte, 0, 80)
	last := len(r.lines) - 1
	for i, line := range r.lines {
		switch {
		case i == last:
			b = strconv.AppendInt(b, int64(r.code), 10)
			b = append(b, ' ')
		case i == 0:
			b = strconv.AppendInt(b, int64(r.code), 10)
			b = append(b, '-')
		}
		for _, c := range []byte(line) {
			switch c {
			case iac:
				b = append(b, iac, iac)
			case '\r', '\n', 0:
				b = append(b, '?')
			default:
				b = append(b, c)
			}
		}
		b = append(b, '\r', '\n')
	}
	return b
}

// printable is text of a client as it may be repeated to it: short, and without control
// characters.
func printable(s string) string {
	const most = 256
	if len(s) > most {
		s = s[:most] + "..."
	}
	return string(mapBytes(s, func(c byte) byte {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}))
}

// mapBytes is strings.Map for octets: names need not be UTF-8.
func mapBytes(s string, f func(byte) byte) []byte {
	b := []byte(s)
	for i, c := range b {
		b[i] = f(c)
	}
	return b
}

// quoted is a path between double quotes, with those inside it doubled (RFC 959 Appendix II).
func quoted(path string) string {
	return `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
}
