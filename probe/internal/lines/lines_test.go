package lines

import (
	"bytes"
	"strings"
	"testing"
)

func TestEnd(t *testing.T) {
	for in, want := range map[string]int{
		"":           0,
		"220 hi":     0,
		"220 hi\r":   0,
		"220 hi\r\n": 8,
		"a\nb\n":     2,
		"\n":         1,
		"\xff\xfb\n": 3, // LF ends a line also as the number of a Telnet option
	} {
		if got := End([]byte(in)); got != want {
			t.Errorf("End(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		quirks         Quirk
	}{
		{"CR LF", "220 hi\r\n", "220 hi", 0},
		{"an empty line", "\r\n", "", 0},
		{"bare LF", "220 hi\n", "220 hi", BareLF},
		{"LF alone", "\n", "", BareLF},
		{"no end yet", "220 h", "220 h", 0},
		{"nothing", "", "", 0},
		{"CR NUL is CR", "a\r\x00b\r\n", "a\rb", 0},
		{"CR NUL before the end", "a\r\x00\r\n", "a\r", 0},
		{"bare CR", "a\rb\r\n", "a\rb", BareCR},
		{"CR CR LF", "a\r\r\n", "a\r", BareCR},
		{"CR without LF at the end", "a\r", "a\r", BareCR},
		{"NUL", "a\x00b\r\n", "a\x00b", NUL},
		{"NUL at the beginning", "\x00a\r\n", "\x00a", NUL},
		{"NUL after CR NUL", "a\r\x00\x00\r\n", "a\r\x00", NUL},
		{"IAC IAC is one 255", "a\xff\xffb\r\n", "a\xffb", 0},
		{"IAC IAC twice", "\xff\xff\xff\xff\r\n", "\xff\xff", 0},
		{"WILL", "\xff\xfb\x01a\r\n", "a", Negotiation},
		{"WONT", "a\xff\xfc\x01\r\n", "a", Negotiation},
		{"DO inside", "a\xff\xfd\x03b\r\n", "ab", Negotiation},
		{"DONT of option 255", "\xff\xfe\xffa\r\n", "a", Negotiation},
		{"DO of an option that looks like CR", "\xff\xfd\ra\r\n", "a", Negotiation},
		{"SB to SE", "a\xff\xfa\x18\x00xterm\xff\xf0b\r\n", "ab", Negotiation},
		{"two SB", "\xff\xfa1\xff\xf0a\xff\xfa2\xff\xf0\r\n", "a", Negotiation},
		{"SB without SE", "a\xff\xfa\x18b\r\n", "a\xff\xfa\x18b", LoneIAC},
		{"SB without SE after one with", "\xff\xfa1\xff\xf0\xff\xfab\r\n", "\xff\xfab", LoneIAC | Negotiation},
		{"NOP, data mark, interrupt", "a\xff\xf1\xff\xf2\xff\xf4b\r\n", "ab", 0},
		{"lone IAC at the end", "a\xff\r\n", "a\xff", LoneIAC},
		{"lone IAC before text", "caf\xffe\r\n", "caf\xffe", LoneIAC},
		{"IAC WILL cut off by the end", "a\xff\xfb\r\n", "a\xff\xfb", LoneIAC},
		{"IAC WILL cut off by a bare LF", "a\xff\xfb\n", "a\xff\xfb", LoneIAC | BareLF},
		{"everything", "\xff\xfb\x01\x00\r\xff\n", "\x00\r\xff", BareLF | BareCR | NUL | Negotiation | LoneIAC},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := []byte(c.in)
			got, quirks := Decode(in)
			if string(got) != c.want || quirks != c.quirks {
				t.Errorf("Decode(%q) = %q, %05b; want %q, %05b", c.in, got, quirks, c.want, c.quirks)
			}
			if string(in) != c.in {
				t.Errorf("Decode changed its argument to %q", in)
			}
		})
	}
}

// TestDecodeOfManySubnegotiations would not end in time if every SB made Decode
// look for its end all over.
func TestDecodeOfManySubnegotiations(t *testing.T) {
	const n = 1 << 22
	for _, in := range []string{
		strings.Repeat("\xff\xfa", n),
		strings.Repeat("\xff\xf0", n) + strings.Repeat("\xff\xfa", n),
		strings.Repeat("\xff\xfa", n) + "\xff\xf0",
	} {
		if got, _ := Decode([]byte(in)); len(got) > len(in) {
			t.Errorf("%d octets became %d", len(in), len(got))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"220 hi\r\n", "a\r\x00\xff\xff\n", "\xff\xfa\x18\xff\xf0\xff\xfb\x01\xff", "\r\r\n\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		end := End(in)
		if i := bytes.IndexByte(in, '\n'); end != i+1 {
			t.Fatalf("End = %d, LF at %d", end, i)
		}
		if end == 0 {
			end = len(in)
		}
		line := in[:end]
		before := bytes.Clone(line)
		got, _ := Decode(line)
		if !bytes.Equal(line, before) {
			t.Fatal("Decode changed its argument")
		}
		if len(got) > len(line) {
			t.Fatalf("%d octets became %d", len(line), len(got))
		}
		if bytes.IndexByte(got, '\n') >= 0 {
			t.Fatalf("%q holds a line end", got)
		}
		// Whoever writes the text by the rules is read back without a quirk.
		wire := bytes.ReplaceAll(got, []byte{iac}, []byte{iac, iac})
		wire = bytes.ReplaceAll(wire, []byte{'\r'}, []byte{'\r', 0})
		again, q := Decode(append(wire, "\r\n"...))
		if !bytes.Equal(again, got) || q&^NUL != 0 {
			t.Fatalf("%q encoded is read as %q, %05b", got, again, q)
		}
	})
}
