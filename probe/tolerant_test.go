package probe

import (
	"net/netip"
	"strings"
	"testing"
)

func TestReadPASV(t *testing.T) {
	here := v4(1025)
	for _, c := range []struct {
		name, text string
		want       Endpoint
		forgave    Tolerance
	}{
		{"as it should be", "Entering Passive Mode (127,0,0,1,4,1).", here, 0},
		{"no parentheses", "Entering Passive Mode 127,0,0,1,4,1", here, ForgaveParentheses},
		{"nothing else", "127,0,0,1,4,1", here, ForgaveParentheses},
		{"an equals sign", "=127,0,0,1,4,1", here, ForgaveParentheses},
		{"not closed", "(127,0,0,1,4,1", here, ForgaveParentheses},
		{"digits before h1", "Port 1025 (127,0,0,1,4,1)", here, ForgaveDigits},
		{"spaces behind the commas", "(127, 0, 0, 1, 4, 1)", here, ForgaveSpaces},
		{"spaces before the commas", "(127 ,0 ,0 ,1 ,4 ,1)", here, ForgaveSpaces},
		{"a space before the parenthesis", "(127,0, 0,1,4,1 )", here, ForgaveSpaces},
		{"spaces and no parentheses", "Mode 127, 0, 0, 1, 4, 1", here, ForgaveSpaces | ForgaveParentheses},
		{"a trailing comma", "(127,0,0,1,4,1,)", here, ForgaveComma},
		{"a leading comma", "(,127,0,0,1,4,1)", here, ForgaveComma},
		{"a comma of the sentence", "I listen at 127,0,0,1,4,1, please", here, ForgaveComma | ForgaveParentheses},
		{"seven numbers", "(127,0,0,1,4,1,7)", here, ForgaveLonger},
		{"zeros", "(0127,0,0,1,04,0001)", here, ForgaveZeros},
		{"a minus", "(-127,0,0,1,4,1)", here, ForgaveMinus},
		{"several things", "Port 7 is at 127, 0,0,1,4,1,", here, ForgaveDigits | ForgaveSpaces | ForgaveComma | ForgaveParentheses},
		{"the right list behind a short one", "(1,2,3) (127, 0,0,1,4,1)", here, ForgaveSpaces | ForgaveDigits},
		{"the right list behind one that is too large", "(256,1,1,1,1,1) (127, 0,0,1,4,1)", here, ForgaveSpaces | ForgaveDigits},
		{"five numbers", "(127,0,0,1,4)", Endpoint{}, Unforgivable},
		{"256", "(127,0,0,256,4,1)", Endpoint{}, Unforgivable},
		{"the end of a list", "(256,127,0,0,1,4,1)", Endpoint{}, Unforgivable},
		{"an empty number", "(127,0,,1,4,1)", Endpoint{}, Unforgivable},
		{"points", "(127.0.0.1.4.1)", Endpoint{}, Unforgivable},
		{"huge digits", "(127,0,0,1,4," + strings.Repeat("9", 400) + ")", Endpoint{}, Unforgivable},
		{"nothing", "", Endpoint{}, Unforgivable},
	} {
		if got, forgave := ReadPASV(said("227 " + c.text)); got != c.want || forgave != c.forgave {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, forgave, c.want, c.forgave)
		}
	}
}

func TestReadEPSV(t *testing.T) {
	here := Endpoint{Port: 6446}
	for _, c := range []struct {
		name, text string
		want       Endpoint
		forgave    Tolerance
	}{
		{"as it should be", "Entering Extended Passive Mode (|||6446|).", here, 0},
		{"another delimiter", "(!!!6446!)", here, ForgaveDelimiter},
		{"a digit as delimiter", "(11164461)", here, ForgaveDelimiter},
		{"no parentheses", "Entering Extended Passive Mode |||6446|", here, ForgaveParentheses},
		{"not closed", "(|||6446|", here, ForgaveParentheses},
		{"spaces", "(||| 6446 |)", here, ForgaveSpaces},
		{"spaces for empty fields", "(| | |6446|)", here, ForgaveSpaces},
		{"the last delimiter missing", "(|||6446)", here, ForgaveMissing},
		{"the first delimiter missing", "(||6446|)", here, ForgaveMissing},
		{"two delimiters missing", "(|6446|)", here, ForgaveMissing},
		{"mixed delimiters", "(|||6446!)", here, ForgaveMixed},
		{"mixed delimiters before", "(|!|6446|)", here, ForgaveMixed},
		{"protocol and address", "(|1|127.0.0.1|6446|)", here, ForgaveAddress},
		{"an IPv6 address", "(|2|2001:db8::1|6446|)", here, ForgaveAddress},
		{"zeros", "(|||0006446|)", here, ForgaveZeros},
		{"the text of a 227", "Entering Passive Mode (127,0,0,1,25,46)", Endpoint{netip.MustParseAddr("127.0.0.1"), 6446}, ForgavePASV},
		{"several things", "Mode !!! 6446", here, ForgaveDelimiter | ForgaveParentheses | ForgaveSpaces | ForgaveMissing},
		{"65536", "(|||65536|)", Endpoint{}, ForgavePASV | Unforgivable},
		{"huge digits", "(|||" + strings.Repeat("9", 400) + "|)", Endpoint{}, ForgavePASV | Unforgivable},
		{"no port", "(||||)", Endpoint{}, ForgavePASV | Unforgivable},
		{"four delimiters", "(||||6446|)", Endpoint{}, ForgavePASV | Unforgivable},
		{"a port alone", "(6446)", Endpoint{}, ForgavePASV | Unforgivable},
		{"nothing", "", Endpoint{}, ForgavePASV | Unforgivable},
	} {
		if got, forgave := ReadEPSV(said("229 " + c.text)); got != c.want || forgave != c.forgave {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, forgave, c.want, c.forgave)
		}
	}
}

func TestReadOfRealServers(t *testing.T) {
	for _, r := range replies(t, 227) {
		if _, forgave := ReadPASV(r); forgave != 0 {
			t.Errorf("%q: %v", r.Raw, forgave)
		}
	}
	for _, r := range replies(t, 229) {
		if _, forgave := ReadEPSV(r); forgave != 0 {
			t.Errorf("%q: %v", r.Raw, forgave)
		}
	}
}

// TestReadOfLongText would not end in time if anything were quadratic.
func TestReadOfLongText(t *testing.T) {
	const n = 1 << 22
	for _, pattern := range []string{"(", "(|||", "1,", ",", "-", "1", "1 , ", " ", "|", "|| |", "(||| ", "(|||12345678901234567", "1,2,3,4,5 "} {
		r := said("227-", strings.Repeat(pattern, n/len(pattern)), "227 ")
		_, forgave := ReadPASV(r)
		if long := pattern == "1," || pattern == "1 , "; long != (forgave&ForgaveLonger != 0) {
			t.Errorf("PASV of many %q: %v", pattern, forgave)
		}
		if e, forgave := ReadEPSV(r); forgave&Unforgivable != 0 && e != (Endpoint{}) {
			t.Errorf("EPSV of many %q: %v", pattern, e)
		}
	}
}

func TestToleranceString(t *testing.T) {
	for forgave, want := range map[Tolerance]string{
		0:                                  "",
		Unforgivable:                       "unreadable",
		ForgaveParentheses | ForgaveSpaces: "no parentheses, spaces",
		ForgavePASV:                        "the text of a 227",
	} {
		if got := forgave.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n := len(toleranceNames); Unforgivable != 1<<(n-1) {
		t.Errorf("%d names", n)
	}
}
