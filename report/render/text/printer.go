package text

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/passiveftp/pasv/report"
)

// printer lays out lines within a width. Everything it is given is escaped.
type printer struct {
	Options
	out bytes.Buffer
}

// color is an ANSI "select graphic rendition" parameter.
type color string

const (
	plain  color = ""
	bold   color = "1"
	faint  color = "2"
	red    color = "31"
	green  color = "32"
	yellow color = "33"
	cyan   color = "36"
)

// The indentation of what belongs to an entry, and the width of its labels.
const (
	indent = 7
	label  = 13
)

func (p *printer) blank() { p.out.WriteByte('\n') }

// section starts a part of the report with its name and a summary of it.
func (p *printer) section(name, summary string) {
	p.blank()
	p.hang(0, len(name)+2, bold, name, summary)
}

// hang writes a coloured mark at column left, and a text that begins and
// continues depth columns behind it, or begins two columns behind a mark that is
// longer than that. Without a mark the text begins at left and takes the colour.
func (p *printer) hang(left, depth int, c color, mark, text string) {
	mark = clip(report.Printable(mark))
	hanging := left + depth
	first := strings.Repeat(" ", left) + p.paint(c, mark)
	used := left
	if mark != "" {
		pad := depth - utf8.RuneCountInString(mark)
		if pad < 1 {
			pad = 2
		}
		first += strings.Repeat(" ", pad)
		used += utf8.RuneCountInString(mark) + pad
		c = plain
	}
	for i, line := range wrap(report.Printable(text), p.Width-used, p.Width-hanging) {
		if i > 0 {
			first = strings.Repeat(" ", hanging)
		}
		p.line(first + p.paint(c, line))
	}
}

// labelled writes "label  text"; each line of a text of several is its own paragraph.
func (p *printer) labelled(left int, name string, c color, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if name == "" {
			p.hang(left+label, 0, plain, "", line)
			continue
		}
		p.hang(left, label, c, name, line)
		name = ""
	}
}

// line writes what is laid out already.
func (p *printer) line(s string) {
	p.out.WriteString(strings.TrimRight(s, " "))
	p.blank()
}

func (p *printer) paint(c color, s string) string {
	if !p.Color || c == plain || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// wrap breaks s into lines of at most first, then rest columns, at spaces where
// there are some. Runs of spaces within a line stay as they are, since in what
// a server sent they may matter.
func wrap(s string, first, rest int) []string {
	var lines []string
	width := max(first, 8)
	for {
		cut, ok := columns(s, width)
		if !ok {
			return append(lines, s)
		}
		if space := strings.LastIndexByte(s[:cut+1], ' '); space > 0 {
			lines = append(lines, s[:space])
			s = s[space+1:]
		} else {
			lines = append(lines, s[:cut])
			s = s[cut:]
		}
		width = max(rest, 8)
	}
}

// clip cuts what should be a word, as the name of a phase, before it takes the
// whole width.
func clip(word string) string {
	const most = 24
	if _, long := columns(word, most); !long {
		return word
	}
	n, _ := columns(word, most-3)
	return word[:n] + "..."
}

// columns is the index in s of the column n, if s is longer than that.
func columns(s string, n int) (index int, ok bool) {
	for i := range s {
		if n == 0 {
			return i, true
		}
		n--
	}
	return len(s), false
}
