package probe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"220 hi":             "220 hi",
		"café 漢字 👋":          "café 漢字 👋",
		`a\b "quoted"`:       `a\b "quoted"`,
		"a\tb\r\n":           `a\tb\r\n`,
		"\x1b[2J\a":          `\x1b[2J\a`,
		"\x9b2J":             `\x9b2J`,
		"\u009b2J":           `\u009b2J`,
		"\x00\x7f":           `\x00\x7f`,
		"caf\xe9":            `caf\xe9`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\u200bzero\ufeff":   `\u200bzero\ufeff`,
		"no-break\u00a0":     `no-break\u00a0`,
		"line\u2028sep":      `line\u2028sep`,
		"\U000e0041tag":      `\U000e0041tag`,
		"genuine \ufffd":     "genuine \ufffd",
		"\xed\xa0\x80":       `\xed\xa0\x80`,
		"\xf0\x9f\x91":       `\xf0\x9f\x91`,
		"mixed\x1b\xffend é": `mixed\x1b\xffend é`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzPrintable: the result is printable, nothing printable is changed, and
// nothing is lost.
func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"220 hi", "\x1b[2J", "caf\xe9 é", "\u202e\ufffd\ufeff", "\xf0\x9f\x91"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("%q is not printable at %d", got, i)
		}
		if again := Printable(got); again != got {
			t.Fatalf("%q becomes %q the second time", got, again)
		}
		if len(got) < len(s) || len(got) > 4*len(s) {
			t.Fatalf("%d octets became %d", len(s), len(got))
		}
		if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }); i < 0 && got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
