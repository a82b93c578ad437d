package probe

import (
	"slices"
	"testing"
)

func TestReply(t *testing.T) {
	for _, c := range []struct {
		name, raw  string
		lines      []string
		text, show string
		multiline  bool
	}{
		{"none", "", nil, "", "no reply", false},
		{"a line", "220 hi\r\n", []string{"220 hi"}, "hi", "220 hi", false},
		{"no text", "220 \r\n", []string{"220 "}, "", "220 ", false},
		{"digits alone", "220\r\n", []string{"220"}, "", "220", false},
		{"several lines", "220-a\r\nb\r\n220 c\r\n", []string{"220-a", "b", "220 c"}, "a\nb\nc", "220-a … 220 c", true},
		{"two lines", "220-a\r\n220 c\r\n", []string{"220-a", "220 c"}, "a\nc", "220-a … 220 c", true},
		{"bare LF", "220-a\nb\n220 c\n", []string{"220-a", "b", "220 c"}, "a\nb\nc", "220-a … 220 c", true},
		{"a code inside stays", "211-a\r\n211-b\r\n 211 c\r\n211 d\r\n", []string{"211-a", "211-b", " 211 c", "211 d"}, "a\n211-b\n 211 c\nd", "211-a … 211 d", true},
		{"an empty line inside", "220-a\r\n\r\n220\r\n", []string{"220-a", "", "220"}, "a\n\n", "220-a … 220", true},
		{"Telnet", "\xff\xfb\x01220 caf\xff\xff\r\n", []string{"220 caf\xff"}, "caf\xff", `220 caf\xff`, false},
		{"CR NUL", "220 a\r\x00b\r\n", []string{"220 a\rb"}, "a\rb", `220 a\rb`, false},
		{"escapes", "220 \x1b[2J\u202egnp\r\n", []string{"220 \x1b[2J\u202egnp"}, "\x1b[2J\u202egnp", `220 \x1b[2J\u202egnp`, false},
		{"no end", "220 hi", []string{"220 hi"}, "hi", "220 hi", false},
		{"several lines, no end", "220-a\r\n220 b", []string{"220-a", "220 b"}, "a\nb", "220-a … 220 b", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Reply{Code: 220, Raw: c.raw}
			if got := r.Lines(); !slices.Equal(got, c.lines) {
				t.Errorf("Lines() = %q, want %q", got, c.lines)
			}
			if got := r.Text(); got != c.text {
				t.Errorf("Text() = %q, want %q", got, c.text)
			}
			if got := r.String(); got != c.show {
				t.Errorf("String() = %q, want %q", got, c.show)
			}
			if got := r.Multiline(); got != c.multiline {
				t.Errorf("Multiline() = %v", got)
			}
			if got := r.IsZero(); got != (c.raw == "") {
				t.Errorf("IsZero() = %v", got)
			}
		})
	}
}

func TestReplyClass(t *testing.T) {
	for code, want := range map[int][4]bool{ // class, preliminary, positive, negative
		150: {true, true, false, false},
		226: {true, false, true, false},
		331: {true, false, false, false},
		425: {true, false, false, true},
		530: {true, false, false, true},
		631: {true, false, false, false},
		0:   {true, false, false, false},
		999: {true, false, false, false},
	} {
		r := Reply{Code: code, Raw: "x"}
		if got := [4]bool{r.Class() == code/100, r.Preliminary(), r.Positive(), r.Negative()}; got != want {
			t.Errorf("%d: %v, want %v", code, got, want)
		}
	}
}

func TestQuirkString(t *testing.T) {
	for q, want := range map[Quirk]string{
		0:            "",
		QuirkBareLF:  "bare LF",
		QuirkLoneIAC: "lone IAC",
		QuirkBareCR | QuirkNoSpace | QuirkInnerCode: "bare CR, no space after the code, a code inside the reply",
	} {
		if got := q.String(); got != want {
			t.Errorf("%07b: %q, want %q", q, got, want)
		}
	}
}
