package html

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/report"
)

//go:embed comparison.html
var comparison string

//go:embed style.css
var style string

var page = template.Must(template.New("comparison").Funcs(template.FuncMap{
	"plain": report.XML,
	"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // our own file
	"cites": cites,
	"mark":  mark,
	"area":  area,
	"count": func(c report.Compared, v report.Verdict) int { return c.Summary[v] },
	"shown": func() []report.Verdict {
		return []report.Verdict{report.Pass, report.Info, report.Warn, report.Fail, report.Skip, report.Inconclusive, report.Error}
	},
}).Parse(comparison))

// Comparison writes a page with the verdicts of several runs side by side. Title
// heads it. The error is that of w.
func Comparison(w io.Writer, title string, c report.Comparison) error {
	return page.Execute(w, struct {
		Title string
		report.Comparison
	}{title, c})
}

// mark is a verdict as it stands in its cell: not by its colour alone.
func mark(v report.Verdict) string {
	if v == "" {
		return "–"
	}
	return string(v)
}

// cites names the places that a requirement rests on.
func cites(all []report.Cite) string {
	var sources []string
	for _, c := range all {
		if !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
	}
	return strings.Join(sources, ", ")
}

// area is the prefix of the row's ID where the row is the first of its area.
func area(rows []report.ComparedRequirement, i int) string {
	prefix := func(i int) string { p, _, _ := strings.Cut(rows[i].ID, "-"); return p }
	if i > 0 && prefix(i-1) == prefix(i) {
		return ""
	}
	return fmt.Sprintf("area-%s", prefix(i))
}
