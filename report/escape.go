package report

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable makes text that came from a server safe for a terminal and for one
// line: what is not printable becomes visible.
//
// Letters, marks, numbers, punctuation and symbols of all scripts stay, and so
// does the ASCII space. Everything else is written as an escape: \t, \n, \r,
// \x1b for other ASCII controls and for bytes that are not UTF-8, \u202e for
// the rest (C1 controls, bidirectional overrides, line separators, invisible
// spaces and joiners).
//
// A backslash stays as it is, so that text which was escaped before it came
// into the report is not escaped twice: Printable(Printable(s)) is Printable(s).
func Printable(s string) string { return escape(s, "") }

// XML makes text that came from a server safe for the content of an XML 1.0
// document (section 2.2, Char) as [Printable] does, but keeps line feeds and
// tabs, which may stand in one. The markup characters <, & and > are left to
// the XML encoder.
func XML(s string) string { return escape(s, "\n\t") }

// HTML makes text that came from a server safe for the content of an HTML
// element and for a quoted attribute: as [XML] does, with the markup characters
// as entities.
func HTML(s string) string { return html.EscapeString(XML(s)) }

// JSON rewrites an encoded JSON document so that it can be shown on a
// terminal: what [Printable] would escape becomes \uXXXX, which means the same
// to every reader of JSON. Line feeds between the tokens stay.
func JSON(document []byte) []byte {
	out := make([]byte, 0, len(document))
	for len(document) > 0 {
		r, n := utf8.DecodeRune(document)
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, document[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		document = document[n:]
	}
	return out
}

// escape escapes every rune that is neither printable nor in keep.
func escape(s, keep string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r) || strings.ContainsRune(keep, r):
			b.WriteString(s[:n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[n:]
	}
	return b.String()
}
