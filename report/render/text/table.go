package text

import (
	"strings"
	"unicode/utf8"

	"github.com/passiveftp/pasv/report"
)

// table writes rows under a head. Columns are as wide as their content, or what
// clip leaves of it. The first left columns are aligned to the left, the others,
// which hold numbers, to the right. With broken, the last column is text that is
// broken into lines.
func (p *printer) table(indent, left int, broken bool, head []string, rows [][]string) {
	rows = append([][]string{head}, rows...)
	widths := make([]int, len(head))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = report.Printable(cell)
			if !broken || i < len(row)-1 {
				row[i] = clip(row[i])
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if broken && i == len(row)-1 {
				break
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < left {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
			b.WriteString("  ")
		}
		c := plain
		if n == 0 {
			c = faint
		}
		begin := strings.Repeat(" ", indent)
		if !broken {
			p.line(begin + p.paint(c, strings.TrimRight(b.String(), " ")))
			continue
		}
		hanging := indent + utf8.RuneCountInString(b.String())
		free := max(p.Width-hanging, 24)
		for i, line := range wrap(row[len(row)-1], free, free) {
			if i == 0 {
				p.line(begin + p.paint(c, b.String()+line))
			} else {
				p.line(strings.Repeat(" ", hanging) + line)
			}
		}
	}
}
