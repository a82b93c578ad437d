package baseline_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/baseline"
)

func known(id string) bool { return strings.HasPrefix(id, "PASV-0") }

const accepted = `baseline:
  - id: PASV-003
    verdict: warn
    reason: the appliance in front strips the parentheses
    link: https://tickets.example/1
    expires: 2026-11-30
  - id: PASV-007
    reason: NAT
`

var (
	before = time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC)
	after  = time.Date(2026, 12, 1, 0, 1, 0, 0, time.UTC)
)

func TestApply(t *testing.T) {
	b, err := baseline.Parse("b.yaml", []byte(accepted), known)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id         string
		seen, want report.Verdict
		at         time.Time
		note       string
	}{
		{"PASV-003", report.Warn, report.XFail, before, "https://tickets.example/1"},
		{"PASV-003", report.Fail, report.Fail, before, "accepts a warning only"},
		{"PASV-003", report.Warn, report.Warn, after, "expired on 2026-11-30"},
		{"PASV-003", report.Pass, report.XPass, before, "parentheses"},
		{"PASV-003", report.Skip, report.Skip, before, ""},
		{"PASV-007", report.Fail, report.XFail, after, "NAT"},
		{"PASV-007", report.Warn, report.XFail, after, "NAT"},
		{"PASV-007", report.Info, report.XPass, after, "NAT"},
		{"PASV-007", report.Inconclusive, report.Inconclusive, after, ""},
		{"PASV-001", report.Fail, report.Fail, after, ""},
	} {
		got := b.Apply(report.Result{ID: c.id, Verdict: c.seen}, c.at)
		if got.Verdict != c.want || !strings.Contains(strings.Join(got.Notes, "\n"), c.note) || c.note == "" && len(got.Notes) > 0 {
			t.Errorf("%s %s becomes %s, want %s; notes %q", c.id, c.seen, got.Verdict, c.want, got.Notes)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for content, want := range map[string]string{
		"baseline:\n  - id: NOPE-001\n    reason: x\n":                              `b.yaml:2:9: "NOPE-001" is no requirement`,
		"baseline:\n  - {id: PASV-001, reason: x}\n  - {id: PASV-001, reason: y}\n": "b.yaml:3:10: PASV-001 stands twice",
		"baseline:\n  - id: PASV-001\n":                                             "b.yaml:2:9: PASV-001 has no reason",
		"baseline:\n  - {id: PASV-001, reason: x, verdict: skip}\n":                 "b.yaml:2:10: PASV-001: the verdict",
		"baseline:\n  - {id: PASV-001, reason: x, expires: tomorrow}\n":             "b.yaml:2:10: PASV-001: \"tomorrow\" is no day",
		"baseline:\n  - {id: PASV-001, reason: x, because: y}\n":                    "b.yaml:2:",
		"baseline: 7\n": "b.yaml:1:",
		"baseline:\n  - {id: \"PASV-\\u001b[31m\", reason: x}\n": `b.yaml:2:10: `,
		"baseline:\n\t- x\n": "b.yaml:",
	} {
		_, err := baseline.Parse("b.yaml", []byte(content), known)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q gives %v, want %s", content, err, want)
		}
	}
	if b, err := baseline.Parse("b.yaml", nil, known); err != nil || len(b.Entries) > 0 {
		t.Errorf("an empty file gives %v, %v", b, err)
	}
}

func TestRecordKeepsWhatWasSaid(t *testing.T) {
	g := NewWithT(t)
	old, err := baseline.Parse("b.yaml", []byte(accepted), known)
	g.Expect(err).NotTo(HaveOccurred())
	b := baseline.Record([]report.Result{
		{ID: "PASV-001", Verdict: report.Pass},
		{ID: "PASV-002", Verdict: report.Fail, Reason: "expected a; saw \"b\": c"},
		{ID: "PASV-003", Verdict: report.XFail},
		{ID: "PASV-007", Verdict: report.XPass},
	}, old)
	content, err := b.Bytes()
	g.Expect(err).NotTo(HaveOccurred())
	again, err := baseline.Parse("b.yaml", content, known)
	g.Expect(err).NotTo(HaveOccurred(), string(content))
	g.Expect(again.Entries).To(HaveLen(2))
	g.Expect(again.Entries[0]).To(Equal(baseline.Entry{ID: "PASV-002", Verdict: report.Fail, Reason: "not looked into yet: expected a; saw \"b\": c"}))
	g.Expect(again.Entries[1]).To(Equal(old.Entries[0]))
}
