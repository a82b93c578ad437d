package catalog_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

// pageBreak is the foot of a page, the form feed and the head of the next one.
var pageBreak = regexp.MustCompile(`(?m)^[^\n]*\[Page \d+\][^\n]*\n[\s\f]*\n(RFC ?\d+[^\n]*\n)([^\n]*\n)?`)

// text is an RFC without its page breaks, on one line.
func text(t *testing.T, number string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/rfc" + number + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(pageBreak.ReplaceAllString(string(b), "\n"))
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// Every quote must stand in its RFC, word by word, and its section must exist.
func TestQuotesAreVerbatim(t *testing.T) {
	texts := map[string]string{}
	for _, r := range catalog.All() {
		for _, c := range r.Cites {
			number, ok := strings.CutPrefix(c.Document, "RFC ")
			if !ok {
				t.Errorf("%s cites %q, which is no RFC", r.ID, c.Document)
				continue
			}
			if texts[number] == "" {
				texts[number] = text(t, number)
			}
			if c.Quote == "" || !strings.Contains(texts[number], squeeze(c.Quote)) {
				t.Errorf("%s: not in %s: %q", r.ID, c.Document, c.Quote)
			}
			heading := regexp.MustCompile(regexp.QuoteMeta(c.Section) + `\.? `)
			if !heading.MatchString(texts[number]) {
				t.Errorf("%s: no section %s in %s", r.ID, c.Section, c.Document)
			}
		}
	}
}

// A quote that is changed by one word must be found out.
func TestQuoteTestFindsChanges(t *testing.T) {
	c := catalog.All()[0].Cites[0]
	words := strings.Fields(c.Quote)
	words[len(words)/2] += "x"
	if strings.Contains(text(t, strings.TrimPrefix(c.Document, "RFC ")), strings.Join(words, " ")) {
		t.Errorf("a changed quote is still found: %q", words)
	}
}

func TestRequirementsAreComplete(t *testing.T) {
	id := regexp.MustCompile(`^[A-Z]+-\d{3}$`)
	levels := map[report.Level]bool{report.Must: true, report.MustNot: true, report.Should: true, report.ShouldNot: true, report.May: true, report.Practice: true}
	severities := map[report.Severity]bool{report.Critical: true, report.Major: true, report.Minor: true}
	seen := map[string]bool{}
	last := ""
	for _, area := range catalog.Areas() {
		last = ""
		for _, r := range area.Requirements {
			switch {
			case !id.MatchString(r.ID), r.Area() != area.Prefix:
				t.Errorf("%s: not an ID of %s", r.ID, area.Prefix)
			case seen[r.ID]:
				t.Errorf("%s stands twice", r.ID)
			case r.ID <= last:
				t.Errorf("%s is out of order", r.ID)
			case !levels[r.Level], !severities[r.Severity]:
				t.Errorf("%s: level %q, severity %q", r.ID, r.Level, r.Severity)
			case r.Title == "", r.Check == nil, r.Field == "":
				t.Errorf("%s is not complete", r.ID)
			case len(r.Cites) == 0 && r.Level != report.Practice:
				t.Errorf("%s rests on nothing", r.ID)
			}
			seen[r.ID] = true
			last = r.ID
		}
	}
}

func TestSelect(t *testing.T) {
	for filter, want := range map[string]int{
		"":                           len(catalog.All()),
		"PASV-001":                   1,
		"pasv-001":                   1,
		"/PASV-00[1-5]/ && practice": 3,
		"/PASV-01[0-2]/ && !must":    1,
		"critical && PASV-00":        0,
		"/PASV-00[1-5]/":             5,
		"PASV-001 || PASV-012":       2,
		"critical && (PASV-001, x)":  1,
	} {
		got, err := catalog.Select(filter)
		if len(got) != want || (err == nil) != (want > 0) {
			t.Errorf("%q selects %d, %v; want %d", filter, len(got), err, want)
		}
	}
	if _, err := catalog.Select("(("); err == nil || strings.ContainsAny(err.Error(), "{\n") {
		t.Errorf("a malformed filter gives %v", err)
	}
}

func TestByID(t *testing.T) {
	if r, ok := catalog.ByID("pasv-007"); !ok || r.ID != "PASV-007" {
		t.Errorf("pasv-007 is %v", r)
	}
	if _, ok := catalog.ByID("PASV-999"); ok {
		t.Error("PASV-999 exists")
	}
}

func ExampleSelect() {
	requirements, _ := catalog.Select("/PASV-00/ && must && major || PASV-007")
	for _, r := range requirements {
		fmt.Println(r.ID, r.Title)
	}
	// Output: PASV-007 The announced address is the address of the server host the client is connected to
}
