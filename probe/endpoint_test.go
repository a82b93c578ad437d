package probe

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func v4(port uint16) Endpoint { return Endpoint{netip.MustParseAddr("127.0.0.1"), port} }

func TestParsePASV(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply Reply
		want  Endpoint
	}{
		{"as in RFC 959", said("227 Entering Passive Mode (127,0,0,1,4,1)."), v4(1025)},
		{"no parentheses", said("227 Entering Passive Mode 127,0,0,1,4,1"), v4(1025)},
		{"an equals sign", said("227 Entering Passive Mode =127,0,0,1,4,1"), v4(1025)},
		{"nothing else", said("227 127,0,0,1,4,1"), v4(1025)},
		{"the lowest", said("227 (0,0,0,0,0,0)"), Endpoint{netip.MustParseAddr("0.0.0.0"), 0}},
		{"the highest", said("227 (255,255,255,255,255,255)"), Endpoint{netip.MustParseAddr("255.255.255.255"), 65535}},
		{"leading zeros", said("227 (127,000,000,001,004,001)"), v4(1025)},
		{"digits before h1", said("227 Port 1025 is open (127,0,0,1,4,1)"), v4(1025)},
		{"a shorter list before h1", said("227 At 1,2 (127,0,0,1,4,1)"), v4(1025)},
		{"a longer list before h1", said("227 Since 1,2,3,4,5,6,7 (127,0,0,1,4,1)"), v4(1025)},
		{"commas in the text", said("227 Yes, passive, (127,0,0,1,4,1), go on"), v4(1025)},
		{"in the first line of several", said("227-(127,0,0,1,4,1)", "227 So."), v4(1025)},
		{"in the last line of several", said("227-Entering", "227 (127,0,0,1,4,1)"), v4(1025)},
		{"between the first and the last line", said("227-Entering", " (127,0,0,1,4,1)", "227 Mode"), v4(1025)},
		{"the first of two", said("227 (127,0,0,1,4,1) (127,0,0,1,4,2)"), v4(1025)},
		{"of pasv over IPv6, where a server takes it for 1", said("227 Entering Passive Mode (1,4,1)."), Endpoint{}},
		{"with an IPv6 address", said("227 Entering passive mode (::1,4,1)."), Endpoint{}},
		{"five numbers", said("227 (127,0,0,1,4)"), Endpoint{}},
		{"seven numbers", said("227 (127,0,0,1,4,1,7)"), Endpoint{}},
		{"256", said("227 (127,0,0,256,4,1)"), Endpoint{}},
		{"256 as the port", said("227 (127,0,0,1,4,256)"), Endpoint{}},
		{"more digits than a number of 8 bits has", said("227 (127,0,0,0001,4,1)"), Endpoint{}},
		{"huge digits", said("227 (127,0,0,1,4," + strings.Repeat("9", 400) + ")"), Endpoint{}},
		{"an empty number", said("227 (127,0,,1,4,1)"), Endpoint{}},
		{"an empty number at the end", said("227 (127,0,0,1,4,)"), Endpoint{}},
		{"a trailing comma", said("227 (127,0,0,1,4,1,)"), Endpoint{}},
		{"a leading comma", said("227 (,127,0,0,1,4,1)"), Endpoint{}},
		{"commas alone", said("227 (,,,,,)"), Endpoint{}},
		{"a negative number", said("227 (127,0,0,1,-4,1)"), Endpoint{}},
		{"a negative h1", said("227 (-127,0,0,1,4,1)"), Endpoint{}},
		{"spaces", said("227 (127, 0, 0, 1, 4, 1)"), Endpoint{}},
		{"points", said("227 (127.0.0.1.4.1)"), Endpoint{}},
		{"hexadecimal numbers", said("227 (7f,0,0,1,4,1)"), Endpoint{}},
		{"digits of another kind", said("227 (١٢٧,٠,٠,١,٤,١)"), Endpoint{}},
		{"spread over lines", said("227-(127,0,0,", "227 1,4,1)"), Endpoint{}},
		{"the code is no number of it", said("227 0,0,1,4,1"), Endpoint{}},
		{"no text", said("227 "), Endpoint{}},
		{"no reply", Reply{}, Endpoint{}},
	} {
		got, err := ParsePASV(c.reply)
		if got != c.want || (err == nil) != (c.want != Endpoint{}) {
			t.Errorf("%s: %q is %v, %v; want %v", c.name, c.reply.Raw, got, err, c.want)
		}
	}
}

func TestParsePASVErrors(t *testing.T) {
	for text, want := range map[string]string{
		"Entering Passive Mode":                    "no six numbers h1,h2,h3,h4,p1,p2 in the text",
		"(127,0,0,1,4)":                            "5 numbers instead of six",
		"(127,0,0,1,4,256)":                        `"256" is not a number from 0 to 255`,
		"(-127,0,0,1,4,1)":                         `"-127" is not a number from 0 to 255`,
		"(127,0,0,1,4,1" + strings.Repeat("9", 99): `"1999999999999999…" is not a number from 0 to 255`,
	} {
		if _, err := ParsePASV(said("227 " + text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseEPSV(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply Reply
		want  int // -1: not to be read
	}{
		{"as in RFC 2428", said("229 Entering Extended Passive Mode (|||6446|)"), 6446},
		{"a full stop", said("229 Entering Extended Passive Mode (|||6446|)."), 6446},
		{"another delimiter", said("229 (!!!6446!)"), 6446},
		{"the first character that may delimit", said("229 (!!!1!)"), 1},
		{"the last character that may delimit", said("229 (~~~65535~)"), 65535},
		{"a digit delimits", said("229 (33364463)"), 6446},
		{"a digit delimits five others", said("229 (111654351)"), 65435},
		{"an opening parenthesis delimits", said("229 ((((6446()"), 6446},
		{"a closing parenthesis delimits", said("229 ()))6446))"), 6446},
		{"leading zeros", said("229 (|||00021|)"), 21},
		{"0", said("229 (|||0|)"), 0},
		{"parentheses in the text", said("229 Mode (extended) on () (|||6446|)"), 6446},
		{"the first of two", said("229 (|||6446|) (|||6447|)"), 6446},
		{"in a line between the first and the last", said("229-Mode", " (|||6446|)", "229 on"), 6446},
		{"no parentheses", said("229 Entering Extended Passive Mode |||6446|"), -1},
		{"not closed", said("229 (|||6446|"), -1},
		{"the delimiter missing at the end", said("229 (|||6446)"), -1},
		{"the delimiter missing at the beginning", said("229 (||6446|)"), -1},
		{"mixed delimiters", said("229 (|||6446!)"), -1},
		{"mixed delimiters before", said("229 (|!|6446|)"), -1},
		{"a space delimits", said("229 (   6446 )"), -1},
		{"a character beyond ASCII delimits", said("229 (§§§6446§)"), -1},
		{"a control character delimits", said("229 (\x01\x01\x016446\x01)"), -1},
		{"protocol and address", said("229 (|1|127.0.0.1|6446|)"), -1},
		{"65536", said("229 (|||65536|)"), -1},
		{"six digits", said("229 (|||000021|)"), -1},
		{"huge digits", said("229 (|||" + strings.Repeat("9", 400) + "|)"), -1},
		{"negative", said("229 (|||-21|)"), -1},
		{"a sign", said("229 (|||+21|)"), -1},
		{"spaces", said("229 (||| 6446 |)"), -1},
		{"no port", said("229 (||||)"), -1},
		{"letters", said("229 (|||http|)"), -1},
		{"a digit delimits nothing", said("229 (111) ..."), -1},
		{"a 227", said("229 (127,0,0,1,4,1)"), -1},
		{"nothing between the parentheses", said("229 ()"), -1},
		{"no reply", Reply{}, -1},
	} {
		got, err := ParseEPSV(c.reply)
		if c.want < 0 && (err == nil || got != Endpoint{}) || c.want >= 0 && (err != nil || got != Endpoint{Port: uint16(c.want)}) {
			t.Errorf("%s: %q is %v, %v; want %d", c.name, c.reply.Raw, got, err, c.want)
		}
	}
}

// Everything a server sent as a 227 or 229 in earnest is read.
func TestParseOfRealServers(t *testing.T) {
	for _, r := range replies(t, 227) {
		if e, err := ParsePASV(r); err != nil || e.Addr != netip.MustParseAddr("127.0.0.1") || e.Port < 1024 {
			t.Errorf("%q: %v, %v", r.Raw, e, err)
		}
	}
	for _, r := range replies(t, 229) {
		if e, err := ParseEPSV(r); err != nil || e.Addr.IsValid() || e.Port < 1024 {
			t.Errorf("%q: %v, %v", r.Raw, e, err)
		}
	}
}

// TestParseOfLongText would not end in time if anything were quadratic.
func TestParseOfLongText(t *testing.T) {
	const n = 1 << 22
	for _, pattern := range []string{"(", "(|||", "1,", ",", "-", "1", "(|||12345|", "1,2,3,4,5,6,7 "} {
		r := said("227-", strings.Repeat(pattern, n/len(pattern)), "227 ")
		if e, err := ParsePASV(r); err == nil {
			t.Errorf("PASV of many %q: %v", pattern, e)
		}
		if e, err := ParseEPSV(r); err == nil {
			t.Errorf("EPSV of many %q: %v", pattern, e)
		}
	}
}

func TestEndpointString(t *testing.T) {
	for want, e := range map[string]Endpoint{
		"127.0.0.1:1025": v4(1025),
		":1025":          {Port: 1025},
		"[::1]:21":       {netip.MustParseAddr("::1"), 21},
		":0":             {},
	} {
		if got := e.String(); got != want {
			t.Errorf("%+v: %s, want %s", e, got, want)
		}
	}
}

var sixNumbers = regexp.MustCompile(`(?:^|[^0-9,])([0-9]{1,3}(?:,[0-9]{1,3}){5})(?:[^0-9,]|$)`)

var separator = regexp.MustCompile(`[^0-9,]`)

// FuzzPASV: what is read stands in the text as six numbers, and what is
// written after any text that has none of its own is read.
func FuzzPASV(f *testing.F) {
	for _, r := range replies(f, 227) {
		f.Add(r.Text(), uint32(0x7f000001), uint16(1025))
	}
	for _, s := range []string{"1,2,3,4,5", "(-1,2,3,4,5,6)", "256,0,0,0,0,0", ",,,,,", "1, 2, 3", "1,2,3,4,5,6,7"} {
		f.Add(s, uint32(0), uint16(0))
	}
	f.Fuzz(func(t *testing.T, text string, addr uint32, port uint16) {
		reply := Reply{Code: 227, Raw: "227 " + text + "\r\n"}
		got, err := ParsePASV(reply)
		found := false
		for line := range strings.SplitSeq(reply.Text(), "\n") {
			// Doubled, what ends one list can begin the next one, too.
			for _, m := range sixNumbers.FindAllStringSubmatch(separator.ReplaceAllString(line, "$0$0"), -1) {
				found = found || sameNumbers(m[1], got)
			}
		}
		if err == nil && !found {
			t.Fatalf("%q: %v is not in the text", text, got)
		}
		if err != nil && (got != Endpoint{} || err.Error() != Printable(err.Error())) {
			t.Fatalf("%q: %v, %v", text, got, err)
		}
		if e, forgave := ReadPASV(reply); err == nil && e != got || forgave&Unforgivable != 0 && (e != Endpoint{}) {
			t.Fatalf("%q: strictly %v, tolerantly %v, %v", text, got, e, forgave)
		}
		want := Endpoint{netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}), port}
		h := want.Addr.As4()
		written := fmt.Sprintf("(%d,%d,%d,%d,%d,%d)", h[0], h[1], h[2], h[3], port>>8, port&255)
		if again, werr := ParsePASV(said("227 " + strings.Map(letters, text) + " " + written)); again != want || werr != nil {
			t.Fatalf("%s is read as %v, %v", written, again, werr)
		}
		if err == nil {
			if appended, aerr := ParsePASV(Reply{Code: 227, Raw: "227 " + text + " " + written}); aerr != nil || appended != got && !strings.Contains(text, "\n") {
				t.Fatalf("%q: text behind it makes %v, %v of %v", text, appended, aerr, got)
			}
		}
	})
}

// letters leaves only what can be part of no number.
func letters(c rune) rune {
	if c < ' ' || c == ',' || c == '-' || '0' <= c && c <= '9' {
		return 'x'
	}
	return c
}

func sameNumbers(list string, e Endpoint) bool {
	var n [6]byte
	for i, f := range strings.Split(list, ",") {
		v, err := strconv.Atoi(f)
		if err != nil || v > 255 {
			return false
		}
		n[i] = byte(v)
	}
	return endpointOf(n) == e
}

// extendedForms is (<d><d><d>port<d>) for every delimiter.
var extendedForms = func() (forms []*regexp.Regexp) {
	for c := '!'; c <= '~'; c++ {
		d := regexp.QuoteMeta(string(c))
		forms = append(forms, regexp.MustCompile(`\(`+d+d+d+`([0-9]{1,5})`+d+`\)`))
	}
	return forms
}()

// FuzzEPSV: what is read stands in the text between four equal delimiters, and
// what is written behind any text without parentheses is read.
func FuzzEPSV(f *testing.F) {
	for _, r := range replies(f, 229) {
		f.Add(r.Text(), byte('|'), uint16(6446))
	}
	for _, s := range []string{"(||||)", "(|||65536|)", "(((((((", "(1112341)", "(|1|127.0.0.1|21|)", "(|||1!)"} {
		f.Add(s, byte('0'), uint16(0))
	}
	f.Fuzz(func(t *testing.T, text string, d byte, port uint16) {
		reply := Reply{Code: 229, Raw: "229 " + text + "\r\n"}
		got, err := ParseEPSV(reply)
		if err != nil && got != (Endpoint{}) || got.Addr.IsValid() {
			t.Fatalf("%q: %v, %v", text, got, err)
		}
		e, forgave := ReadEPSV(reply)
		if err == nil && e != got || forgave&Unforgivable != 0 && e != (Endpoint{}) || e.Addr.IsValid() != (forgave&ForgavePASV != 0 && forgave&Unforgivable == 0) {
			t.Fatalf("%q: strictly %v, tolerantly %v, %v", text, got, e, forgave)
		}
		if err == nil {
			var found bool
			for _, form := range extendedForms {
				for _, m := range form.FindAllStringSubmatch(reply.Text(), -1) {
					n, _ := strconv.Atoi(m[1])
					found = found || n == int(got.Port)
				}
			}
			if !found {
				t.Fatalf("%q: %v is not in the text", text, got)
			}
		}
		d = '!' + d%('~'-'!'+1)
		written := fmt.Sprintf("(%c%c%c%d%c)", d, d, d, port, d)
		before := strings.NewReplacer("(", "<", "\n", " ", "\r", " ", "\xff", " ").Replace(text)
		if again, err := ParseEPSV(said("229 " + before + written)); again != (Endpoint{Port: port}) || err != nil {
			t.Fatalf("%s is read as %v, %v", written, again, err)
		}
	})
}
