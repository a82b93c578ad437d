package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/probe/internal/lines"
)

// parse feeds a parser with chunks and returns the replies, and what ended it.
func parse(limits Limits, chunks ...string) (replies []Reply, err error) {
	p := Parser{Limits: limits}
	for _, chunk := range chunks {
		for b := []byte(chunk); len(b) > 0; {
			n, complete, err := p.Feed(b)
			if err != nil {
				return replies, err
			}
			if complete {
				if p.Code() != p.Reply().Code {
					panic("Code and Reply disagree")
				}
				replies = append(replies, p.Reply())
			}
			b = b[n:]
		}
	}
	return replies, nil
}

// bytewise cuts s into chunks of one octet; octets would cut it into characters.
func bytewise(s string) []string {
	chunks := make([]string, len(s))
	for i := range len(s) {
		chunks[i] = s[i : i+1]
	}
	return chunks
}

func TestParser(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []Reply
	}{
		{"a line", "220 hi\r\n", []Reply{{220, "220 hi\r\n", 0}}},
		{"no text", "220 \r\n", []Reply{{220, "220 \r\n", 0}}},
		{"digits alone", "220\r\n", []Reply{{220, "220\r\n", QuirkNoSpace}}},
		{"bare LF", "220 hi\n", []Reply{{220, "220 hi\n", QuirkBareLF}}},
		{"bare CR", "220 h\ri\r\n", []Reply{{220, "220 h\ri\r\n", QuirkBareCR}}},
		{"CR NUL", "220 h\r\x00i\r\n", []Reply{{220, "220 h\r\x00i\r\n", 0}}},
		{"NUL", "220 h\x00i\r\n", []Reply{{220, "220 h\x00i\r\n", QuirkNUL}}},
		{"negotiation before the code", "\xff\xfb\x01220 hi\r\n", []Reply{{220, "\xff\xfb\x01220 hi\r\n", QuirkNegotiation}}},
		{"lone IAC", "220 \xffhi\r\n", []Reply{{220, "220 \xffhi\r\n", QuirkLoneIAC}}},
		{"codes that no RFC has", "000 x\r\n999 x\r\n", []Reply{{0, "000 x\r\n", 0}, {999, "999 x\r\n", 0}}},
		{"several lines", "220-a\r\nb\r\n220 c\r\n", []Reply{{220, "220-a\r\nb\r\n220 c\r\n", 0}}},
		{"the code in every line", "220-a\r\n220-b\r\n220 c\r\n", []Reply{{220, "220-a\r\n220-b\r\n220 c\r\n", 0}}},
		{"an empty line inside", "220-a\r\n\r\n220 c\r\n", []Reply{{220, "220-a\r\n\r\n220 c\r\n", 0}}},
		{"a code behind a space", "211-a\r\n 211 b\r\n211 c\r\n", []Reply{{211, "211-a\r\n 211 b\r\n211 c\r\n", 0}}},
		{"another code inside", "211-a\r\n226 b\r\n211 c\r\n", []Reply{{211, "211-a\r\n226 b\r\n211 c\r\n", QuirkInnerCode}}},
		{"a number inside", "211-a\r\n226\r\n2111 b\r\n211 c\r\n", []Reply{{211, "211-a\r\n226\r\n2111 b\r\n211 c\r\n", 0}}},
		{"a last line of digits alone", "211-a\r\n211\r\n", []Reply{{211, "211-a\r\n211\r\n", QuirkNoSpace}}},
		{"two replies", "150 a\r\n226 b\r\n", []Reply{{150, "150 a\r\n", 0}, {226, "226 b\r\n", 0}}},
		{"quirks stay with their reply", "150 a\n226 b\r\n", []Reply{{150, "150 a\n", QuirkBareLF}, {226, "226 b\r\n", 0}}},
		{"a multi-line reply and another", "220-a\r\n220 b\r\n331 c\r\n", []Reply{{220, "220-a\r\n220 b\r\n", 0}, {331, "331 c\r\n", 0}}},
		{"one that is not complete", "220 a\r\n331 b", []Reply{{220, "220 a\r\n", 0}}},
		{"several lines that are not complete", "220-a\r\n220-b\r\n", nil},
		{"nothing", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cuts := map[string][]string{"in one piece": {c.in}, "octet by octet": bytewise(c.in)}
			for i := range len(c.in) {
				cuts[fmt.Sprintf("cut at %d", i)] = []string{c.in[:i], c.in[i:]}
			}
			for how, chunks := range cuts {
				got, err := parse(Limits{}, chunks...)
				if err != nil || !slices.Equal(got, c.want) {
					t.Errorf("%s: %+v, %v; want %+v", how, got, err, c.want)
				}
			}
		})
	}
}

func TestParserOfOtherProtocols(t *testing.T) {
	for name, in := range map[string]string{
		"HTTP":                    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
		"SSH":                     "SSH-2.0-OpenSSH_9.6\r\n",
		"POP3":                    "+OK ready\r\n",
		"IMAP":                    "* OK ready\r\n",
		"an alert of TLS":         "\x15\x03\x01\x00\x02\x02\x28",
		"a handshake of TLS":      "\x16\x03\x03\x00\x7a\x02\x00\n\x76\x03\x03",
		"MySQL":                   "J\x00\x00\x00\n5.7.1\x00",
		"two digits":              "22 hi\r\n",
		"four digits":             "2200 hi\r\n",
		"a letter after the code": "220x\r\n",
		"a space before the code": " 220 hi\r\n",
		"digits of another kind":  "٢٢٠ hi\r\n",
		"an empty line":           "\r\n",
		"a minus":                 "-22 hi\r\n",
	} {
		for _, chunks := range [][]string{{in}, bytewise(in)} {
			replies, err := parse(Limits{}, chunks...)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || len(replies) > 0 {
				t.Errorf("%s: %v, %v; want a SyntaxError", name, replies, err)
				continue
			}
			first, _, _ := strings.Cut(in, "\n")
			if first = strings.TrimSuffix(first, "\r"); !strings.HasPrefix(first, strings.TrimSuffix(syntax.Line, "\n")) {
				t.Errorf("%s: the error says %q", name, syntax.Line)
			}
			if CauseOf(err) != Alien {
				t.Errorf("%s: cause %v", name, CauseOf(err))
			}
		}
	}

	_, err := parse(Limits{}, strings.Repeat("\x1b[2J", 1000)+"\n")
	if len(err.Error()) > 2000 || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a long line of escapes: %v", err)
	}
	_, err = parse(Limits{}, "220 fine\r\n<html>\r\n")
	if want := `not an FTP reply: "<html>"`; err == nil || err.Error() != want {
		t.Errorf("after a reply: %v, want %s", err, want)
	}
}

func TestParserLimits(t *testing.T) {
	line := func(n int) string { return "220 " + strings.Repeat("x", n-6) + "\r\n" }
	multi := func(n int) string { return "220-\r\n" + strings.Repeat("12345678\r\n", (n-12)/10) + "220 \r\n" }
	for _, c := range []struct {
		name   string
		limits Limits
		in     string
		want   error
	}{
		{"a line as long as it may be", Limits{Line: 100}, line(100), nil},
		{"a line too long", Limits{Line: 100}, line(101), ErrLineTooLong},
		{"a line without an end", Limits{Line: 100}, strings.Repeat("2", 101), ErrLineTooLong},
		{"a line without an end that is not too long", Limits{Line: 100}, strings.Repeat("2", 100), nil},
		{"two lines as long as they may be", Limits{Line: 100}, line(100) + line(100), nil},
		{"a reply as long as it may be", Limits{Reply: 102}, multi(102), nil},
		{"a reply too long", Limits{Reply: 101}, multi(102), ErrReplyTooLong},
		{"a reply without an end", Limits{Reply: 100}, "220-\r\n" + strings.Repeat("\n", 95), ErrReplyTooLong},
		{"the line exceeds first", Limits{Line: 20, Reply: 40}, "220-\r\n" + strings.Repeat("x", 50), ErrLineTooLong},
		{"the reply exceeds first", Limits{Line: 20, Reply: 20}, "220-\r\n" + strings.Repeat("x", 50), ErrReplyTooLong},
		{"both exceed at once", Limits{Line: 20, Reply: 20}, line(21), ErrLineTooLong},
		{"a line as long as it may be by default", Limits{}, line(64 << 10), nil},
		{"a line too long by default", Limits{}, line(64<<10 + 1), ErrLineTooLong},
		{"a reply as long as it may be by default", Limits{Lines: 1 << 20}, multi(1<<20 - 4), nil},
		{"a reply too long by default", Limits{Lines: 1 << 20}, multi(1<<20 + 6), ErrReplyTooLong},
		{"as many lines as there may be", Limits{Lines: 10}, multi(92), nil},
		{"too many lines", Limits{Lines: 10}, multi(102), ErrTooManyLines},
		{"lines without an end", Limits{Lines: 10}, "220-\r\n" + strings.Repeat("\n", 10), ErrTooManyLines},
		{"as many lines as there may be by default", Limits{}, multi(12 + 10*19998), nil},
		{"too many lines by default", Limits{}, multi(12 + 10*19999), ErrTooManyLines},
		{"many replies of one line", Limits{Lines: 1}, strings.Repeat("220 a\r\n", 3), nil},
	} {
		for how, chunks := range map[string][]string{"in one piece": {c.in}, "octet by octet": bytewise(c.in)} {
			if _, err := parse(c.limits, chunks...); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", c.name, how, err, c.want)
			}
		}
	}
	for _, err := range []error{ErrLineTooLong, ErrReplyTooLong, ErrTooManyLines, ErrGreetingTooLong, ErrTooManyPreliminary, ErrTooManyReplies} {
		if CauseOf(err) != Excess {
			t.Errorf("%v is not of cause Excess", err)
		}
	}
}

// TestParserMemory: however much is fed, no more is held than the limits allow
// and append rounds up to.
func TestParserMemory(t *testing.T) {
	p := Parser{Limits: Limits{Line: 1 << 10, Reply: 8 << 10}}
	chunk := []byte("220-" + strings.Repeat("x", 500) + "\r\n")
	var err error
	for range 1000 {
		if _, _, err = p.Feed(chunk); err != nil {
			break
		}
		if len(p.raw) > 8<<10 || cap(p.raw) > 16<<10 {
			t.Fatalf("holds %d octets in %d", len(p.raw), cap(p.raw))
		}
	}
	if !errors.Is(err, ErrReplyTooLong) {
		t.Fatalf("%v, want %v", err, ErrReplyTooLong)
	}
	p.Reset()
	if cap(p.raw) > 4<<10 {
		t.Errorf("keeps %d octets after Reset", cap(p.raw))
	}
	if n, complete, err := p.Feed([]byte("220 hi\r\n")); n != 8 || !complete || err != nil {
		t.Errorf("after Reset: %d, %v, %v", n, complete, err)
	}
}

func TestParserPending(t *testing.T) {
	var p Parser
	feed := func(s string, wantN int, wantComplete bool) {
		t.Helper()
		if n, complete, err := p.Feed([]byte(s)); n != wantN || complete != wantComplete || err != nil {
			t.Errorf("Feed(%q) = %d, %v, %v", s, n, complete, err)
		}
	}
	want := func(pending string, reply Reply) {
		t.Helper()
		if got := string(p.Pending()); got != pending {
			t.Errorf("Pending() = %q, want %q", got, pending)
		}
		if got := p.Reply(); got != reply {
			t.Errorf("Reply() = %+v, want %+v", got, reply)
		}
	}
	want("", Reply{})
	feed("220-a\r\nb", 8, false)
	want("220-a\r\nb", Reply{})
	feed("\r\n220 c\r\n331 d\r\n", 9, true)
	want("", Reply{Code: 220, Raw: "220-a\r\nb\r\n220 c\r\n"})
	feed("331 d", 5, false)
	want("331 d", Reply{})
	p.Reset()
	want("", Reply{})
}

// TestQuirksOfLines: the parser takes the quirks of package lines for its own.
func TestQuirksOfLines(t *testing.T) {
	for line, reply := range map[lines.Quirk]Quirk{
		lines.BareLF: QuirkBareLF, lines.BareCR: QuirkBareCR, lines.Negotiation: QuirkNegotiation,
		lines.LoneIAC: QuirkLoneIAC, lines.NUL: QuirkNUL,
	} {
		if Quirk(line) != reply {
			t.Errorf("lines quirk %05b is %s", line, Quirk(line))
		}
	}
}

// FuzzParser: how the octets are cut into chunks does not matter, replies are
// what was received without a gap, and the limits hold.
func FuzzParser(f *testing.F) {
	for _, s := range saidByServers(f) {
		f.Add(s, uint16(3), uint16(70))
	}
	for _, s := range []string{
		"220 hi\r\n", "220-a\r\n226 b\n220\r\n331 c\r\n", "\xff\xfb\x01220 a\r\x00\xff\r\n",
		"HTTP/1.1 400 Bad Request\r\n", "\x15\x03\x01\x00\x02\x02(", "220-" + strings.Repeat("x", 300), "220-" + strings.Repeat("\n", 600),
	} {
		f.Add(s, uint16(5), uint16(6))
	}
	f.Fuzz(func(t *testing.T, in string, a, b uint16) {
		limits := Limits{Line: 256, Reply: 512}
		whole, err := parse(limits, in)
		i, j := int(a)%(len(in)+1), int(b)%(len(in)+1)
		i, j = min(i, j), max(i, j)
		for _, chunks := range [][]string{{in[:i], in[i:j], in[j:]}, bytewise(in)} {
			parts, perr := parse(limits, chunks...)
			if !slices.Equal(parts, whole) || kind(perr) != kind(err) {
				t.Fatalf("%q in pieces: %+v, %v; in one: %+v, %v", in, parts, perr, whole, err)
			}
		}
		rest := in
		for _, r := range whole {
			if !strings.HasPrefix(rest, r.Raw) {
				t.Fatalf("%q is not what comes next in %q", r.Raw, rest)
			}
			rest = rest[len(r.Raw):]
			check(t, r)
			if len(r.Raw) > limits.Reply {
				t.Fatalf("a reply of %d octets", len(r.Raw))
			}
		}
		if err == nil && len(rest) > limits.Reply {
			t.Fatalf("%d octets are pending", len(rest))
		}
	})
}

// kind is which error it is; what a SyntaxError quotes depends on what had come.
func kind(err error) string {
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return "syntax"
	}
	return fmt.Sprint(err)
}

// check asserts what holds for every reply of a parser.
func check(t *testing.T, r Reply) {
	t.Helper()
	ls := r.Lines()
	if len(ls) != strings.Count(r.Raw, "\n") || r.Multiline() != (len(ls) > 1) || r.IsZero() {
		t.Fatalf("%q: %d lines, multiline %v, zero %v", r.Raw, len(ls), r.Multiline(), r.IsZero())
	}
	code := fmt.Sprintf("%03d", r.Code)
	last := ls[len(ls)-1]
	if !strings.HasPrefix(ls[0], code) || !strings.HasPrefix(last, code) || r.Code < 0 || r.Code > 999 {
		t.Fatalf("code %d of %q", r.Code, r.Raw)
	}
	if noSpace := last == code; noSpace != (r.Quirks&QuirkNoSpace != 0) {
		t.Fatalf("%q: quirks %v", r.Raw, r.Quirks)
	}
	if strings.Count(r.Text(), "\n") != len(ls)-1 {
		t.Fatalf("%q: text %q", r.Raw, r.Text())
	}
	if s := r.String(); s != Printable(s) {
		t.Fatalf("String() is not printable: %q", s)
	}
}
