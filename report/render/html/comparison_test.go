package html_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
	"github.com/passiveftp/pasv/report/render/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, runs ...report.Run) string {
	t.Helper()
	names := make([]string, len(runs))
	for i := range runs {
		names[i] = "server " + string(rune('A'+i))
	}
	var b bytes.Buffer
	if err := html.Comparison(&b, "FTP servers", report.Compare(names, runs)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparison(t *testing.T) {
	got := render(t, sample.Healthy(), sample.Broken())
	if *update {
		if err := os.WriteFile("testdata/comparison.html", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/comparison.html")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("the page is not that of testdata/comparison.html; -update renews it")
	}
}

// What a server says is text, whatever it looks like.
func TestHostileServer(t *testing.T) {
	g := NewWithT(t)
	evil := "<script>alert(1)</script>\x1b[31m\x00\u202e' onmouseover='x"
	run := report.Run{Check: &report.Check{}, Target: report.Target{Server: evil}}
	run.Check.Add(report.Result{ID: "PASV-001", Verdict: report.Fail, Title: evil, Reason: evil, Notes: []string{evil}})
	got := render(t, run)
	g.Expect(got).NotTo(Or(ContainSubstring("<script"), ContainSubstring("\x1b"), ContainSubstring("\x00"), ContainSubstring("\u202e"), ContainSubstring("onmouseover='")))
	g.Expect(strings.Count(got, "&lt;script&gt;")).To(BeNumerically(">=", 4))
}

// The page needs nothing but itself.
func TestOffline(t *testing.T) {
	g := NewWithT(t)
	got := render(t, sample.Broken())
	g.Expect(got).NotTo(MatchRegexp(`(?i)<script|<link|<img|src=|@import|url\(|https?://[^ ]*\.(css|js|woff)`))
}

func TestARunWithoutACheckIsAnEmptyColumn(t *testing.T) {
	g := NewWithT(t)
	c := report.Compare([]string{"a", "b"}, []report.Run{{}, sample.Broken()})
	g.Expect(c.Columns).To(HaveLen(2))
	g.Expect(c.Rows).NotTo(BeEmpty())
	for _, row := range c.Rows {
		g.Expect(row.Results[0].Verdict).To(BeEmpty())
		g.Expect(row.Results[1].Verdict).NotTo(BeEmpty())
	}
}
