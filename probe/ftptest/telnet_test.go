package ftptest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// parse feeds octets and returns the lines; a line that is too long is "...".
func parse(octets []byte) (lines []string, t *telnet) {
	t = new(telnet)
	for _, c := range octets {
		if !t.feed(c) {
			continue
		}
		line, err := t.take()
		if errors.Is(err, errLineTooLong) {
			line = "..."
		}
		lines = append(lines, line)
	}
	return lines, t
}

func TestTelnet(t *testing.T) {
	for _, test := range []struct {
		octets, answer string
		lines          []string
	}{
		{octets: "NOOP\r\nPWD\r\n", lines: []string{"NOOP", "PWD"}},
		{octets: "NOOP\n\r\n", lines: []string{"NOOP\n"}},
		{octets: "\r\n", lines: []string{""}},
		{octets: "a\r\x00b\r\n", lines: []string{"a\rb"}},
		{octets: "a\r\r\n", lines: []string{"a\r"}},
		{octets: "a\rb\r\n", lines: []string{"a\rb"}},
		{octets: "a\xff\xffb\r\n", lines: []string{"a\xffb"}},
		{octets: "a\xffb\r\n", lines: []string{"a\xffb"}},
		{octets: "a\xff\r\n", lines: []string{"a\xff"}},
		{octets: "\xff\xfd\x01A\xff\xfb\x03B\xff\xfe\x01\xff\xfc\x03\r\n", lines: []string{"AB"}, answer: "\xff\xfc\x01\xff\xfe\x03"},
		{octets: "\xff\xf4\xff\xf2ABOR\r\n", lines: []string{"ABOR"}},
		{octets: "A\xff\xfaxx\r\n\xff\xffyy\xff\xf0B\r\n", lines: []string{"AB"}},
		{octets: strings.Repeat("x", maxLine) + "\r\nNOOP\r\n", lines: []string{strings.Repeat("x", maxLine), "NOOP"}},
		{octets: strings.Repeat("x", maxLine+1) + "\r\nNOOP\r\n", lines: []string{"...", "NOOP"}},
		{octets: "NOOP\r"},
	} {
		lines, parser := parse([]byte(test.octets))
		if !slices.Equal(lines, test.lines) || string(parser.answer) != test.answer {
			t.Errorf("%.40q: lines %.40q, answer %q", test.octets, lines, parser.answer)
		}
	}
}

func FuzzTelnet(f *testing.F) {
	for _, seed := range []string{"NOOP\r\n", "\xff\xf4\xff\xf2ABOR\r\n", "a\r\x00b\xff\xffc\r\r\n", "\xff\xfd\x01\xff\xfa\xff\xf0\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		lines, parser := parse(octets)
		if len(parser.line) > maxLine || len(parser.answer) > maxAnswer+3 {
			t.Fatalf("holds %d octets of a line and %d of an answer", len(parser.line), len(parser.answer))
		}
		if n := bytes.Count(octets, []byte("\r\n")); len(lines) > n {
			t.Fatalf("%d lines from %d line ends", len(lines), n)
		}
		for _, line := range lines {
			if strings.Contains(line, "\r\n") && !bytes.Contains(octets, []byte("\r\x00\n")) && !bytes.Contains(octets, []byte{iac}) {
				t.Fatalf("line end inside the line %q", line)
			}
		}
	})
}

// FuzzReply: whatever text a reply has, it is one well-formed reply.
func FuzzReply(f *testing.F) {
	f.Add("plain", "213 End")
	f.Add("a\r\n226 forged", "\xff\x00\r\n")
	f.Fuzz(func(t *testing.T, first, second string) {
		wire := string(reply{211, []string{first, " " + second, "End"}}.encode())
		lines := strings.Split(strings.TrimSuffix(wire, "\r\n"), "\r\n")
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "211-") || !strings.HasPrefix(lines[1], " ") || lines[2] != "211 End" {
			t.Fatalf("%q", lines)
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "\r\n\x00") || strings.Contains(strings.ReplaceAll(line, "\xff\xff", ""), "\xff") {
				t.Fatalf("%q", line)
			}
		}
	})
}

// FuzzASCII: what is converted for the client and back is the same.
func FuzzASCII(f *testing.F) {
	f.Add([]byte("a\nb\r\nc\r\r\n\r"), 3)
	f.Fuzz(func(t *testing.T, content []byte, piece int) {
		var wire, back bytes.Buffer
		if _, err := wire.ReadFrom(newASCIIReader(bytes.NewReader(content))); err != nil {
			t.Fatal(err)
		}
		w := &asciiWriter{to: &back}
		for part := range slices.Chunk(wire.Bytes(), max(piece, 1)) {
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.Bytes(), content) {
			t.Fatalf("%q became %q on the wire and %q again", content, wire.Bytes(), back.Bytes())
		}
	})
}
