package probe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Fact is one fact of an entry of MLST or MLSD (RFC 3659 §7.4).
type Fact struct {
	// Name is as received; case does not matter.
	Name  string
	Value string
}

// Entry is what MLST or MLSD say about one file or directory (RFC 3659 §7.2).
type Entry struct {
	Facts []Fact
	// Name is the pathname, spaces and all.
	Name string
}

// maxFacts bounds the facts of an entry. The RFC has nine, servers send about a dozen.
const maxFacts = 256

// ParseEntry reads one entry: facts that each end with a semicolon, or none,
// exactly one space, and the pathname (RFC 3659 §7.2). That is a line of MLSD
// without its line end, and a line of MLST without the space it begins with.
// The error says what is wrong with its form.
func ParseEntry(line string) (Entry, error) {
	facts, name, found := strings.Cut(line, " ")
	if !found {
		return Entry{}, errors.New("no space between the facts and the name")
	}
	if name == "" {
		return Entry{}, errors.New("no name")
	}
	if strings.ContainsAny(name, "\r\n\x00") {
		return Entry{}, errors.New("a line end or NUL in the name")
	}
	e := Entry{Name: name}
	for facts != "" {
		var fact string
		if fact, facts, found = strings.Cut(facts, ";"); !found {
			return Entry{}, errors.New("no semicolon behind the last fact")
		}
		key, value, found := strings.Cut(fact, "=")
		switch {
		case !found:
			return Entry{}, fmt.Errorf("no = in the fact %q", shorten(fact))
		case key == "" || !isLetter(key[0]) || strings.ContainsFunc(fact, unprintableASCII):
			return Entry{}, fmt.Errorf("the fact %q is not one of letters and other printable characters", shorten(fact))
		case len(e.Facts) == maxFacts:
			return Entry{}, fmt.Errorf("more than %d facts", maxFacts)
		}
		e.Facts = append(e.Facts, Fact{key, value})
	}
	return e, nil
}

func unprintableASCII(c rune) bool { return c < ' ' || c > '~' }

// ParseMLST reads the answer to MLST: 250 with the entry in the second of three
// or more lines, behind one space (RFC 3659 §7.2).
func ParseMLST(r Reply) (Entry, error) {
	ls := r.Lines()
	if r.Code != 250 || len(ls) < 3 {
		return Entry{}, errors.New("no 250 of three lines")
	}
	line, ok := strings.CutPrefix(ls[1], " ")
	if !ok {
		return Entry{}, errors.New("no space before the entry")
	}
	return ParseEntry(line)
}

// Fact is the value of the first fact of that name, in any case.
func (e Entry) Fact(name string) (value string, ok bool) {
	for _, f := range e.Facts {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// Type is the type fact in lower case: file, dir, cdir, pdir or
// os.name=kind (RFC 3659 §7.5.1). It is empty where there is none.
func (e Entry) Type() string {
	value, _ := e.Fact("type")
	return strings.ToLower(value)
}

// Size is the size fact in octets (RFC 3659 §7.5.7).
func (e Entry) Size() (int64, error) {
	value, ok := e.Fact("size")
	if !ok {
		return 0, errors.New("no size fact")
	}
	return parseSize(value)
}

// Modified is the modify fact (RFC 3659 §7.5.3).
func (e Entry) Modified() (time.Time, error) {
	value, ok := e.Fact("modify")
	if !ok {
		return time.Time{}, errors.New("no modify fact")
	}
	return ParseTime(value)
}

// String is the entry as a line of MLSD, without its line end. It is the
// server's text: escape it before it is shown.
func (e Entry) String() string {
	var b strings.Builder
	for _, f := range e.Facts {
		b.WriteString(f.Name + "=" + f.Value + ";")
	}
	return b.String() + " " + e.Name
}

// parseSize reads a number of octets: decimal digits and nothing else.
func parseSize(s string) (int64, error) {
	if s == "" || strings.Trim(s, digits) != "" {
		return 0, fmt.Errorf("%q is not a decimal number", shorten(s))
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q does not fit in 63 bits", shorten(s))
	}
	return n, nil
}
