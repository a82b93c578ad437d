package report_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
)

var _ = DescribeTable("printable text", func(s, want string) {
	Expect(report.Printable(s)).To(Equal(want))
},
	Entry("nothing", "", ""),
	Entry("a reply", "227 Entering Passive Mode (127,0,0,1,195,80).", "227 Entering Passive Mode (127,0,0,1,195,80)."),
	Entry("letters of all scripts", "Grüße, привет, こんにちは, 😀", "Grüße, привет, こんにちは, 😀"),
	Entry("combining marks", "e\u0301", "e\u0301"),
	Entry("a terminal sequence", "\x1b[31mred", `\x1b[31mred`),
	Entry("white space of control", "a\tb\r\nc", `a\tb\r\nc`),
	Entry("NUL, BEL and DEL", "\x00\a\x7f", `\x00\x07\x7f`),
	Entry("C1 controls", "\u0085\u009b", `\u0085\u009b`),
	Entry("bytes that are not UTF-8", "caf\xe9 \xff", `caf\xe9 \xff`),
	Entry("an overlong encoding", "\xc0\xaf", `\xc0\xaf`),
	Entry("an encoded surrogate", "\xed\xa0\x80", `\xed\xa0\x80`),
	Entry("the replacement character itself", "\ufffd", "\ufffd"),
	Entry("bidirectional overrides", "\u202a\u202b\u202c\u202d\u202e", `\u202a\u202b\u202c\u202d\u202e`),
	Entry("bidirectional isolates", "\u2066\u2067\u2068\u2069", `\u2066\u2067\u2068\u2069`),
	Entry("directional marks", "\u200e\u200f\u061c", `\u200e\u200f\u061c`),
	Entry("line separators", "\u2028\u2029", `\u2028\u2029`),
	Entry("invisible space", "a\u00a0b\u200bc\ufeff", `a\u00a0b\u200bc\ufeff`),
	Entry("tags beyond 16 bits", "\U000e0041", `\U000e0041`),
	Entry("what was escaped before", `\x1b[31m`, `\x1b[31m`),
)

var _ = DescribeTable("text for XML", func(s, want string) {
	Expect(report.XML(s)).To(Equal(want))
},
	Entry("lines", "a\n\tb", "a\n\tb"),
	Entry("a carriage return", "a\r\nb", "a\\r\nb"),
	Entry("markup", "<b>&amp;]]>", "<b>&amp;]]>"),
	Entry("NUL and ESC", "\x00\x1b", `\x00\x1b`),
	Entry("not a character", "\ufffe\uffff", `\ufffe\uffff`),
	Entry("not UTF-8", "\xff", `\xff`),
)

var _ = DescribeTable("text for HTML", func(s, want string) {
	Expect(report.HTML(s)).To(Equal(want))
},
	Entry("markup", `<script>alert("1 & '2'")</script>`, "&lt;script&gt;alert(&#34;1 &amp; &#39;2&#39;&#34;)&lt;/script&gt;"),
	Entry("NUL and ESC", "\x00\x1b", `\x00\x1b`),
	Entry("bidirectional overrides", "\u202e", `\u202e`),
)

// visible fails the test if s has anything that is not printable, but for keep.
func visible(t *testing.T, s, keep string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("not UTF-8: %q", s)
	}
	for _, r := range s {
		if !strings.ContainsRune(keep, r) && (unicode.IsControl(r) || !unicode.IsPrint(r)) {
			t.Errorf("%U in %q", r, s)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add(sample.Attack)
	f.Add("227 Entering Passive Mode (127,0,0,1,195,80).")
	f.Add("\U000e0041\ufffd\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, s string) {
		once := report.Printable(s)
		visible(t, once, "")
		if twice := report.Printable(once); twice != once {
			t.Errorf("escaped twice: %q, %q", once, twice)
		}

		safe := report.XML(s)
		visible(t, safe, "\n\t")
		document, err := xml.Marshal(safe)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := xml.Unmarshal(document, &back); err != nil || back != safe {
			t.Errorf("%q became %q: %v", safe, back, err)
		}

		if page := report.HTML(s); strings.ContainsAny(page, `<>"'`) || html.UnescapeString(page) != safe {
			t.Errorf("%q became %q", safe, page)
		}

		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		shown := report.JSON(encoded)
		visible(t, string(shown), "")
		var before, after string
		if err := json.Unmarshal(encoded, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(shown, &after); err != nil || after != before {
			t.Errorf("%q became %q: %v", before, after, err)
		}
	})
}
