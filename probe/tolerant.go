package probe

import "strings"

// Tolerance is what had to be forgiven to read a 227 or 229: zero where
// every client can read it. [ParsePASV] and [ParseEPSV] tell what the RFCs allow,
// [ReadPASV] and [ReadEPSV] what one client or another in the field gets along with.
type Tolerance uint16

const (
	// ForgaveParentheses: there are none around the numbers. RFC 1123
	// §4.1.2.6 allows that in a 227.
	ForgaveParentheses Tolerance = 1 << iota
	// ForgaveDigits: a digit stands before h1, where RFC 1123 §4.1.2.6 has clients begin to read.
	ForgaveDigits
	// ForgaveSpaces: spaces within the parentheses.
	ForgaveSpaces
	// ForgaveComma: a comma before the first number or behind the last.
	ForgaveComma
	// ForgaveLonger: more than six numbers; the first six count.
	ForgaveLonger
	// ForgaveZeros: a number with more digits than it may have.
	ForgaveZeros
	// ForgaveMinus: a minus sign before the first number.
	ForgaveMinus
	// ForgaveDelimiter: a 229 with another delimiter than |, as RFC 2428 §2 allows.
	ForgaveDelimiter
	// ForgaveMixed: a 229 with different delimiters.
	ForgaveMixed
	// ForgaveMissing: a 229 that lacks delimiters.
	ForgaveMissing
	// ForgaveAddress: a 229 that names a protocol or an address. They are not used.
	ForgaveAddress
	// ForgavePASV: the text of a 227 where that of a 229 is due.
	ForgavePASV
	// Unforgivable: nothing that any client could read. The endpoint is the zero one.
	Unforgivable
)

var toleranceNames = []string{"no parentheses", "digits before the first number", "spaces", "a comma too many",
	"more than six numbers", "too many digits", "a minus sign", "another delimiter", "different delimiters",
	"a delimiter missing", "a protocol or an address", "the text of a 227", "unreadable"}

// String lists what was forgiven, separated by commas.
func (t Tolerance) String() string { return bitNames(uint16(t), toleranceNames) }

// ReadPASV reads a 227 as forgivingly as the clients in the field do. Where
// [ParsePASV] finds an endpoint, it is the same.
func ReadPASV(r Reply) (Endpoint, Tolerance) {
	text := r.Text()
	for start, run := range numberLists(text) {
		if e, err := hostPort(run); err == nil {
			return e, around(text, start, start+len(run))
		}
	}
	for at := 0; at < len(text); {
		if !isDigit(text[at]) {
			at++
			continue
		}
		l := readList(text[at:])
		if l.count >= 6 && !l.tooLarge {
			start, forgave := at, l.forgave
			for start > 0 && strings.IndexByte(", -", text[start-1]) >= 0 {
				start--
				switch text[start] {
				case ',':
					forgave |= ForgaveComma
				case '-':
					forgave |= ForgaveMinus
				}
			}
			if l.count > 6 {
				forgave |= ForgaveLonger
			}
			return endpointOf(l.first), forgave | around(text, start, at+l.length)
		}
		at += l.length
	}
	return Endpoint{}, Unforgivable
}

// around says what is to be forgiven outside of the numbers from start to end.
func around(text string, start, end int) (forgave Tolerance) {
	if start == 0 || text[start-1] != '(' || end == len(text) || text[end] != ')' {
		forgave |= ForgaveParentheses
	}
	if strings.ContainsAny(text[:start], digits) {
		forgave |= ForgaveDigits
	}
	return forgave
}

// numberList is numbers with commas between them and, perhaps, spaces.
type numberList struct {
	first    [6]byte
	count    int
	tooLarge bool // one of the first six
	length   int  // in octets, with what is forgiven behind the last number
	forgave  Tolerance
}

// readList reads the list that s begins with.
func readList(s string) (l numberList) {
	at := 0
	for at < len(s) && isDigit(s[at]) {
		from, value := at, 0
		for ; at < len(s) && isDigit(s[at]); at++ {
			value = min(value*10+int(s[at]-'0'), 256)
		}
		if l.count < len(l.first) {
			l.first[l.count] = byte(value)
			l.tooLarge = l.tooLarge || value > 255
			if at-from > 3 {
				l.forgave |= ForgaveZeros
			}
		}
		l.count++
		l.length = at

		behind := skipSpaces(s, at)
		if behind == len(s) || s[behind] != ',' {
			if behind > at && behind < len(s) && s[behind] == ')' {
				l.length = behind
				l.forgave |= ForgaveSpaces
			}
			return l
		}
		next := skipSpaces(s, behind+1)
		if next == len(s) || !isDigit(s[next]) {
			l.length = behind + 1
			l.forgave |= ForgaveComma
			return l
		}
		if next > at+1 {
			l.forgave |= ForgaveSpaces
		}
		at = next
	}
	return l
}

func skipSpaces(s string, at int) int {
	for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
		at++
	}
	return at
}

// ReadEPSV reads a 229 as forgivingly as the clients in the field do. Where
// [ParseEPSV] finds an endpoint, it is the same. Only with [ForgavePASV] the
// endpoint has an address.
func ReadEPSV(r Reply) (Endpoint, Tolerance) {
	text := r.Text()
	for at := range len(text) {
		if text[at] != '(' {
			continue
		}
		if e, ok := extended(text[at+1:]); ok {
			if text[at+1] != '|' {
				return e, ForgaveDelimiter
			}
			return e, 0
		}
	}
	for _, read := range []func(string, int) (Endpoint, Tolerance){readFields, readDelimited} {
		for at := range len(text) {
			if !delimits(text[at]) {
				continue
			}
			if e, forgave := read(text, at); forgave != Unforgivable {
				return e, forgave
			}
		}
	}
	e, forgave := ReadPASV(r)
	return e, forgave | ForgavePASV
}

// delimits tells a character that can only be meant as a delimiter.
func delimits(c byte) bool {
	return c > ' ' && c <= '~' && strings.IndexByte("().,-", c) < 0 && !isDigit(c) && !isLetter(c)
}

func isLetter(c byte) bool { return 'a' <= c|' ' && c|' ' <= 'z' }

// readFields reads protocol, address and port with one delimiter around and
// between them, as in (|1|192.0.2.1|6446|); it may be missing at the end.
func readFields(text string, at int) (Endpoint, Tolerance) {
	const longestAddress = 64
	d, end := text[at], at+1
	if at > 0 && text[at-1] == d {
		return Endpoint{}, Unforgivable
	}
	var forgave Tolerance
	for _, field := range []struct {
		allowed string
		longest int
	}{{digits, 3}, {digits + "abcdefABCDEF.:", longestAddress}} {
		from := end
		for end < len(text) && text[end] != d {
			switch {
			case text[end] == ' ':
				forgave |= ForgaveSpaces
			case strings.IndexByte(field.allowed, text[end]) >= 0:
				forgave |= ForgaveAddress
			default:
				return Endpoint{}, Unforgivable
			}
			if end++; end-from > field.longest {
				return Endpoint{}, Unforgivable
			}
		}
		if end == len(text) {
			return Endpoint{}, Unforgivable
		}
		end++
	}
	return readPort(text, at, end, d, forgave)
}

// readDelimited reads what is left of the form where delimiters were lost or
// changed: one to three of them behind a parenthesis, and the port.
func readDelimited(text string, at int) (Endpoint, Tolerance) {
	if at == 0 || text[at-1] != '(' {
		return Endpoint{}, Unforgivable
	}
	var forgave Tolerance
	end := at
	for ; end < len(text) && delimits(text[end]); end++ {
		if end-at == 3 {
			return Endpoint{}, Unforgivable
		}
		if text[end] != text[at] {
			forgave |= ForgaveMixed
		}
	}
	if end-at < 3 {
		forgave |= ForgaveMissing
	}
	return readPort(text, at, end, text[at], forgave)
}

// readPort reads the port at from, and the delimiter d behind it, in a form that
// begins at start.
func readPort(text string, start, from int, d byte, forgave Tolerance) (Endpoint, Tolerance) {
	const longestPort = 16
	at := skipSpaces(text, from)
	end := at
	for end < len(text) && end-at < longestPort && isDigit(text[end]) {
		end++
	}
	port := strings.TrimLeft(text[at:end], "0")
	if port == "" && end > at {
		port = "0"
	}
	e, ok := portOf(port)
	if !ok || end < len(text) && isDigit(text[end]) {
		return Endpoint{}, Unforgivable
	}
	if end-at > 5 {
		forgave |= ForgaveZeros
	}
	behind := skipSpaces(text, end)
	if at > from || behind > end && behind < len(text) && (delimits(text[behind]) || text[behind] == ')') {
		forgave |= ForgaveSpaces
	}
	switch {
	case behind == len(text) || !delimits(text[behind]):
		forgave |= ForgaveMissing
	case text[behind] != d:
		forgave |= ForgaveMixed
		behind++
	default:
		behind++
	}
	if d != '|' {
		forgave |= ForgaveDelimiter
	}
	if start == 0 || text[start-1] != '(' || behind == len(text) || text[behind] != ')' {
		forgave |= ForgaveParentheses
	}
	return e, forgave
}
