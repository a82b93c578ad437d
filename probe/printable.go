package probe

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text of a server safe for a terminal or a log: what is not a
// printable character (control characters, escape sequences, invalid UTF-8,
// invisible and direction-changing characters) is written as in a Go string
// literal, for example \x1b or \u202e. Printable text stays as it is.
func Printable(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if unprintable(r) {
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// unprintable counts U+FFFD, because an invalid octet decodes to it. A genuine
// one is left as it is by Quote.
func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
