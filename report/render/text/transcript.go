package text

import (
	"fmt"
	"unicode/utf8"

	"github.com/passiveftp/pasv/report"
)

// Limits of a transcript unless Verbose: the end of a session is where it went
// wrong, and a line of a megabyte helps nobody.
const (
	lastLines = 20
	lineRunes = 400
)

// transcript shows what went over a control connection, marked as by curl -v:
// > sent, < received, * done besides.
func (p *printer) transcript(left int, title string, lines []report.Line) {
	if n := len(lines); n > lastLines && !p.Verbose {
		lines = lines[n-lastLines:]
		title += fmt.Sprintf(", the last %d of %d lines (-v shows all)", lastLines, n)
	}
	p.labelled(left, "session", faint, title)
	for _, l := range lines {
		text := l.Text
		if n, long := columns(text, lineRunes); long && !p.Verbose {
			text = fmt.Sprintf("%s ... (%d more)", text[:n], utf8.RuneCountInString(text[n:]))
		}
		mark, c := "*", faint
		switch l.Dir {
		case "send":
			mark, c = ">", cyan
		case "recv":
			mark, c = "<", plain
		}
		p.hang(left, 12, c, fmt.Sprintf("%8.3f  %s", l.At, mark), text)
	}
}
