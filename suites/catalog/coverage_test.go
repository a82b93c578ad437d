package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

var update = flag.Bool("update", false, "write coverage.md anew")

// remarks are on rows of the catalogue that are judged in another way than they
// were written, or by another requirement.
var remarks = map[string]string{}

// row is one row of the catalogue as it was planned: testdata/rows.txt.
type row struct {
	id       string
	level    report.Level
	severity report.Severity
}

func rows(t *testing.T) (all []row) {
	t.Helper()
	b, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		all = append(all, row{cells[0], report.Level(cells[1]), report.Severity(cells[2])})
	}
	return all
}

// No row of the catalogue is ever lost: each is a requirement of the same level
// and severity, or a remark says why not.
func TestCoverage(t *testing.T) {
	planned := map[string]row{}
	for _, r := range rows(t) {
		planned[r.id] = r
		have, ok := catalog.ByID(r.id)
		switch {
		case !ok && remarks[r.id] == "":
			t.Errorf("%s is lost", r.id)
		case ok && (have.Level != r.level || have.Severity != r.severity) && remarks[r.id] == "":
			t.Errorf("%s is %s %s, not %s %s, and no remark says why", r.id, have.Level, have.Severity, r.level, r.severity)
		}
	}
	if len(planned) != 273 {
		t.Errorf("the catalogue has %d rows", len(planned))
	}
	for id := range remarks {
		if _, ok := planned[id]; !ok {
			t.Errorf("the remark on %s is on no row", id)
		}
	}

	want := coverage(planned)
	if *update {
		if err := os.WriteFile("coverage.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("coverage.md is out of date; -update renews it")
	}
}

// coverage is the table: every row of the catalogue and every requirement.
func coverage(planned map[string]row) string {
	twins := map[string][]string{}
	for _, f := range ftptest.Faults() {
		for _, id := range f.Catches {
			twins[id] = append(twins[id], f.Name)
		}
	}
	var b strings.Builder
	b.WriteString("# What the catalogue covers\n\nWritten by `go test ./suites/catalog -update`. A twin is a fault of the reference server that the requirement must catch.\n")
	for _, area := range catalog.Areas() {
		fmt.Fprintf(&b, "\n## %s — %s\n\n| ID | level | severity | needs | twins | remark |\n|---|---|---|---|---|---|\n", area.Prefix, area.Title)
		for _, r := range area.Requirements {
			remark := remarks[r.ID]
			if _, ok := planned[r.ID]; !ok {
				remark = "beyond the catalogue"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.Level, r.Severity,
				strings.Join(append(r.Needs.Names(), r.Features...), ", "), strings.Join(twins[r.ID], ", "), remark)
		}
	}
	var lost []string
	for id, remark := range remarks {
		if _, ok := catalog.ByID(id); !ok {
			lost = append(lost, fmt.Sprintf("| %s | %s |\n", id, remark))
		}
	}
	if len(lost) > 0 {
		b.WriteString("\n## Rows that are no requirement of their own\n\n| ID | why |\n|---|---|\n" + strings.Join(lost, ""))
	}
	return b.String()
}
