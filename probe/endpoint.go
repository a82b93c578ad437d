package probe

import (
	"errors"
	"fmt"
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
// a longer list. It does not look at the code.
func ParsePASV(r Reply) (Endpoint, error) {
	err := errNoHostPort
	for _, run := range strings.FieldsFunc(r.Text(), func(c rune) bool { return c != ',' && (c < '0' || c > '9') }) {
		fields := strings.Split(run, ",")
		if len(fields) == 1 {
			continue // a number in the text
		}
		e, why := hostPort(fields)
		if why == nil {
			return e, nil
		}
		if len(fields) > 3 {
			err = why
		}
	}
	return Endpoint{}, err
}

func hostPort(fields []string) (Endpoint, error) {
	if len(fields) != 6 {
		return Endpoint{}, fmt.Errorf("%d numbers instead of six", len(fields))
	}
	var n [6]byte
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 8)
		if err != nil || len(f) > 3 {
			return Endpoint{}, fmt.Errorf("%q is not a number from 0 to 255", shorten(f))
		}
		n[i] = byte(v)
	}
	return Endpoint{
		Addr: netip.AddrFrom4([4]byte(n[:4])),
		Port: uint16(n[4])<<8 | uint16(n[5]),
	}, nil
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
	inner, _, found := strings.Cut(s, ")")
	if !found || len(inner) < 5 {
		return Endpoint{}, false
	}
	d := inner[0]
	if d < '!' || d > '~' || inner[1] != d || inner[2] != d || inner[len(inner)-1] != d {
		return Endpoint{}, false
	}
	port := inner[3 : len(inner)-1]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || len(port) > 5 {
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
