package probe

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ListItem is a line of LIST as far as it can be made out. RFC 959 §4.1.3
// leaves the form to the server; this is what most of them send.
type ListItem struct {
	// Kind is the first letter of a Unix mode: - for a file, d for a directory, l
	// for a symbolic link, b, c, p or s for what is special.
	Kind byte
	// Mode is the Unix mode with its kind, for example "drwxr-xr-x"; empty in a DOS listing.
	Mode string
	// Size is in octets, -1 where the line has none.
	Size int64
	// Modified is in the server's time zone, which the line does not tell; it
	// is given as UTC, to the minute or, where the line has a year only, to the day.
	Modified time.Time
	// Name is the name, spaces and all.
	Name string
	// Link is what a symbolic link points to; it may be empty.
	Link string
}

// errNoItem stands for all lines that are not understood.
var errNoItem = errors.New("not a line of a Unix or DOS listing")

// ParseListItem reads a line of LIST without its line end, in the form of
// ls -l, with or without a group, or in that of DOS. A line that has a time and
// no year is of the twelve months before now. Headers such as "total 12" are
// errors like all other lines that tell of no file.
func ParseListItem(line string, now time.Time) (ListItem, error) {
	if strings.ContainsAny(line, "\r\n\x00") {
		return ListItem{}, errNoItem
	}
	var item ListItem
	var ok bool
	if line != "" && isDigit(line[0]) {
		item, ok = parseDOS(line)
	} else {
		item, ok = parseUnix(line, now.UTC())
	}
	if !ok || item.Name == "" {
		return ListItem{}, errNoItem
	}
	return item, nil
}

// field is a word of a line and where it ends.
type field struct {
	text string
	end  int
}

// fields cuts up to n words off a line.
func fields(line string, n int) []field {
	var out []field
	for at := 0; len(out) < n; {
		at = skipSpaces(line, at)
		if at == len(line) {
			break
		}
		length := strings.IndexAny(line[at:], " \t")
		if length < 0 {
			length = len(line) - at
		}
		out = append(out, field{line[at : at+length], at + length})
		at += length
	}
	return out
}

// nameAfter is what stands behind one space.
func nameAfter(line string, end int) string {
	if end >= len(line) || line[end] != ' ' {
		return ""
	}
	return line[end+1:]
}

// parseUnix reads "-rw-r--r-- 1 owner group 4096 Nov 22 08:57 name". Before the
// date, servers leave out or add words; the date is looked for.
func parseUnix(line string, now time.Time) (item ListItem, ok bool) {
	const mostWords = 12
	words := fields(line, mostWords)
	if len(words) == 0 || !isMode(words[0].text) {
		return item, false
	}
	item.Mode, item.Kind, item.Size = words[0].text, words[0].text[0], -1
	for i := 2; i < len(words); i++ {
		when, used := listTime(words[i:], now)
		// A number stands before the date: the size, or the minor number of a device.
		n, err := parseSize(words[i-1].text)
		if used == 0 || err != nil {
			continue
		}
		if item.Kind != 'b' && item.Kind != 'c' {
			item.Size = n
		}
		item.Modified = when
		item.Name = nameAfter(line, words[i+used-1].end)
		if item.Kind == 'l' {
			item.Name, item.Link, _ = strings.Cut(item.Name, " -> ")
		}
		return item, true
	}
	return item, false
}

// isMode tells ten characters like drwxr-xr-x, and perhaps one more for
// access lists and labels.
func isMode(s string) bool {
	if len(s) != 10 && (len(s) != 11 || strings.IndexByte("+.@", s[10]) < 0) {
		return false
	}
	return strings.IndexByte("-dlbcps", s[0]) >= 0 && strings.Trim(s[1:10], "-rwxsStTlL") == ""
}

// listTime reads the date that words begin with and how many words it has:
// "Nov 22 08:57", "Nov 22 2026", "22 Nov 2026", "2026-11-22 08:57".
func listTime(words []field, now time.Time) (when time.Time, used int) {
	if len(words) >= 2 {
		if t, err := time.Parse("2006-01-02 15:04", words[0].text+" "+words[1].text); err == nil {
			return t, 2
		}
	}
	if len(words) < 3 {
		return time.Time{}, 0
	}
	month, day, rest := words[0].text, words[1].text, words[2].text
	if len(month) > 0 && isDigit(month[0]) {
		month, day = day, month
	}
	if t, err := time.Parse("Jan 2 2006", month+" "+day+" "+rest); err == nil {
		return t, 3
	}
	// The year is the latest that does not lie ahead by more than time zones
	// can make of it. February 29 can be up to eight years back.
	for year := now.Year() + 1; year >= now.Year()-8; year-- {
		t, err := time.Parse("Jan 2 15:04 2006", month+" "+day+" "+rest+" "+strconv.Itoa(year))
		if err == nil && !t.After(now.Add(24*time.Hour)) {
			return t, 3
		}
	}
	return time.Time{}, 0
}

// parseDOS reads "11-22-26  08:57AM       <DIR>          name" and
// "11-22-2026  08:57AM                 4096 name".
func parseDOS(line string) (item ListItem, ok bool) {
	words := fields(line, 3)
	if len(words) < 3 {
		return item, false
	}
	date := words[0].text + " " + words[1].text
	for _, form := range []string{"01-02-06 03:04PM", "01-02-2006 03:04PM", "01-02-06 15:04", "01-02-2006 15:04"} {
		t, err := time.Parse(form, date)
		if err != nil {
			continue
		}
		item.Modified = t
		if words[2].text == "<DIR>" {
			item.Kind, item.Size = 'd', -1
			item.Name = strings.TrimLeft(nameAfter(line, words[2].end), " ")
			return item, true
		}
		item.Kind = '-'
		item.Name = nameAfter(line, words[2].end)
		item.Size, err = parseSize(words[2].text)
		return item, err == nil
	}
	return item, false
}
