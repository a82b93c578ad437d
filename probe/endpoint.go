package probe

import (
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strconv"
	"strings"
)

// Endpoint is where the server says that it listens for the data connection.
type Endpoint struct {
	// Addr is the address of a 227; it is not valid for a 229, which has none.
	Addr netip.Addr
	Port uint16
}

// String is addr:port, or :port where there is no address.
func (e Endpoint) String() string {
	if !e.Addr.IsValid() {
		return ":" + strconv.Itoa(int(e.Port))
	}
	return netip.AddrPortFrom(e.Addr, e.Port).String()
}

// Errors of [ParsePASV] and [ParseEPSV].
var (
	errNoHostPort = errors.New("no six numbers h1,h2,h3,h4,p1,p2 in the text")
	errNoExtended = errors.New("no (|||port|) in the text")
)

// ParsePASV reads the host and port of a 227 reply: six decimal numbers from 0
// to 255, separated by commas, anywhere in the text (RFC 959 §4.1.2; RFC 1123
// §4.1.2.6 forbids to rely on the parentheses). The numbers may not be part of
// a longer list, and none is negative. It does not look at the code.
func ParsePASV(r Reply) (Endpoint, error) {
	err := errNoHostPort
	for _, run := range numberLists(r.Text()) {
		e, why := hostPort(run)
		if why == nil {
			return e, nil
		}
		if strings.Count(run, ",") > 2 {
			err = why
		}
	}
	return Endpoint{}, err
}

// numberLists yields the parts of a text that consist of digits and commas, with
// at least one of each, and of the minus sign before them, and where they begin.
func numberLists(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; at < len(text); {
			start := at
			for at < len(text) && (isDigit(text[at]) || text[at] == ',') {
				at++
			}
			if start > 0 && text[start-1] == '-' {
				start--
			}
			run := text[start:at]
			if strings.Contains(run, ",") && strings.ContainsAny(run, digits) && !yield(start, run) {
				return
			}
			at++
		}
	}
}

const digits = "0123456789"

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func hostPort(list string) (Endpoint, error) {
	if n := strings.Count(list, ",") + 1; n != 6 {
		return Endpoint{}, fmt.Errorf("%d numbers instead of six", n)
	}
	var n [6]byte
	for i, f := range strings.Split(list, ",") {
		v, err := strconv.ParseUint(f, 10, 8)
		if err != nil || len(f) > 3 {
			return Endpoint{}, fmt.Errorf("%q is not a number from 0 to 255", shorten(f))
		}
		n[i] = byte(v)
	}
	return endpointOf(n), nil
}

// endpointOf makes an endpoint of h1,h2,h3,h4,p1,p2.
func endpointOf(n [6]byte) Endpoint {
	return Endpoint{
		Addr: netip.AddrFrom4([4]byte(n[:4])),
		Port: uint16(n[4])<<8 | uint16(n[5]),
	}
}

// ParseEPSV reads the port of a 229 reply: (<d><d><d>port<d>), where d is one
// printable character that stands in all four places (RFC 2428 §3). It does not
// look at the code.
func ParseEPSV(r Reply) (Endpoint, error) {
	text := r.Text()
	for {
		_, rest, found := strings.Cut(text, "(")
		if !found {
			return Endpoint{}, errNoExtended
		}
		if e, ok := extended(rest); ok {
			return e, nil
		}
		text = rest
	}
}

// extended reads what follows the opening parenthesis.
func extended(s string) (Endpoint, bool) {
	if len(s) < len("|||1|)") {
		return Endpoint{}, false
	}
	d := s[0]
	if d < '!' || d > '~' || s[1] != d || s[2] != d {
		return Endpoint{}, false
	}
	end := 3
	for end < len(s) && end < 3+6 && isDigit(s[end]) {
		end++
	}
	if isDigit(d) && end > 3 {
		end-- // the last digit is the delimiter
	}
	if !strings.HasPrefix(s[end:], string(d)+")") {
		return Endpoint{}, false
	}
	return portOf(s[3:end])
}

// portOf reads a port of one to five digits.
func portOf(s string) (Endpoint, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || len(s) > 5 {
		return Endpoint{}, false
	}
	return Endpoint{Port: uint16(n)}, true
}

func shorten(s string) string {
	if len(s) > 16 {
		return s[:16] + "…"
	}
	return s
}
