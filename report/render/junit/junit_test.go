package junit_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"unicode"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
	"github.com/passiveftp/pasv/report/render/junit"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestJUnit(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "report/render/junit")
}

func show(r report.Run) []byte {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(junit.Write(&b, r)).To(Succeed())
	return b.Bytes()
}

// The document as a CI server reads it.
type (
	counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		counts
		Suites []struct {
			Name string `xml:"name,attr"`
			counts
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Class   string  `xml:"classname,attr"`
				Time    float64 `xml:"time,attr"`
				Failure *detail `xml:"failure"`
				Error   *detail `xml:"error"`
				Skipped *detail `xml:"skipped"`
				Output  string  `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	detail struct {
		Message string `xml:"message,attr"`
		Body    string `xml:",chardata"`
	}
)

func read(b []byte) suites {
	GinkgoHelper()
	var s suites
	Expect(xml.Unmarshal(b, &s)).To(Succeed())
	return s
}

// outcomes names how each test case came out, by class and name.
func outcomes(s suites) map[string]string {
	out := map[string]string{}
	for _, su := range s.Suites {
		for _, c := range su.Cases {
			o := "passed"
			switch {
			case c.Failure != nil:
				o = "failure"
			case c.Error != nil:
				o = "error"
			case c.Skipped != nil:
				o = "skipped"
			}
			out[c.Class+"/"+c.Name] = o
		}
	}
	return out
}

var _ = DescribeTable("the document", func(golden string, r report.Run) {
	got := show(r)
	file := filepath.Join("testdata", golden+".xml")
	if *update {
		Expect(os.MkdirAll("testdata", 0o755)).To(Succeed())
		Expect(os.WriteFile(file, got, 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	Expect(string(got)).To(Equal(string(want)))
},
	Entry("of a healthy run", "healthy", sample.Healthy()),
	Entry("of a broken run", "broken", sample.Broken()),
	Entry("of an unreachable target", "unreachable", sample.Unreachable()),
	Entry("of a hostile server", "hostile", sample.Hostile()),
)

var _ = Describe("JUnit", func() {
	DescribeTable("has a result as", func(v report.Verdict, failOn report.FailOn, want string) {
		c := report.Check{FailOn: failOn}
		c.Add(report.Result{ID: "CTL-001", Title: "t", Area: "control", Severity: report.Major, Verdict: v, Reason: "because"})
		Expect(outcomes(read(show(report.Run{Check: &c})))).To(HaveKeyWithValue("pasv.check.control/CTL-001 t", want))
	},
		Entry(nil, report.Pass, report.FailOnFail, "passed"),
		Entry(nil, report.Info, report.FailOnWarn, "passed"),
		Entry(nil, report.Warn, report.FailOn(""), "passed"),
		Entry(nil, report.Warn, report.FailOnWarnCritical, "passed"),
		Entry(nil, report.Warn, report.FailOnWarnMajor, "failure"),
		Entry(nil, report.Warn, report.FailOnWarn, "failure"),
		Entry(nil, report.Fail, report.FailOnFail, "failure"),
		Entry(nil, report.XPass, report.FailOnFail, "failure"),
		Entry(nil, report.XFail, report.FailOnFail, "skipped"),
		Entry(nil, report.Skip, report.FailOnFail, "skipped"),
		Entry(nil, report.Inconclusive, report.FailOnFail, "skipped"),
		Entry(nil, report.Error, report.FailOnFail, "error"),
	)

	DescribeTable("has a load as", func(l report.Load, sessions, threshold string) {
		l.Scenario, l.Thresholds = "s", append(l.Thresholds, report.Threshold{Want: "a < b", Value: "c"})[:1]
		got := outcomes(read(show(report.Run{Load: &l})))
		Expect(got).To(HaveKeyWithValue("pasv.load.s/sessions complete", sessions))
		Expect(got).To(HaveKeyWithValue("pasv.load.s/a < b", threshold))
	},
		Entry("a broken threshold", report.Load{Sessions: report.Sessions{Failed: 1}}, "passed", "failure"),
		Entry("a threshold that held", report.Load{Thresholds: []report.Threshold{{Want: "a < b", Met: true}}}, "passed", "passed"),
		Entry("a generator at its limit", report.Load{Sessions: report.Sessions{Failed: 1}, LimitedBy: report.LimitGenerator}, "passed", "skipped"),
	)

	It("has failed sessions as a failure when no threshold judges them", func() {
		Expect(outcomes(read(show(report.Run{Load: &report.Load{Scenario: "s", Sessions: report.Sessions{Failed: 1}}})))).
			To(HaveKeyWithValue("pasv.load.s/sessions complete", "failure"))
	})

	DescribeTable("has a finding as", func(code report.Code, w report.Weight, want string) {
		r := report.Run{Diagnose: &report.Diagnosis{Findings: []report.Finding{{Code: code, Severity: w}}}}
		Expect(outcomes(read(show(r)))).To(HaveKeyWithValue("pasv.diagnose/"+string(code), want))
	},
		Entry(nil, report.Healthy, report.Note, "passed"),
		Entry(nil, report.EPSVUnsupported, report.Note, "passed"),
		Entry(nil, report.EPSVUnsupported, report.Limited, "failure"),
		Entry(nil, report.RangeFiltered, report.Blocking, "failure"),
		Entry(nil, report.ControlUnreachable, report.Blocking, "error"),
	)

	DescribeTable("has the run as", func(r report.Run, want string) {
		Expect(outcomes(read(show(r)))).To(HaveKeyWithValue("pasv.run/the run is completed", want))
	},
		Entry("completed", report.Run{}, "passed"),
		Entry("completed with a verdict", report.Run{Exit: report.ExitVerdict}, "passed"),
		Entry("not started", report.Run{Exit: report.ExitTarget, Error: "no such host"}, "error"),
		Entry("the generator's limit", report.Run{Exit: report.ExitIncomplete}, "error"),
		Entry("interrupted", report.Run{Exit: report.ExitVerdict, Partial: true}, "error"),
	)

	It("is red when the exit code is, and only then", func() {
		for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable()} {
			s := read(show(r))
			Expect(s.Failures+s.Errors > 0).To(Equal(r.Exit != report.ExitOK))
		}
	})

	It("counts right", func() {
		s := read(show(sample.Broken()))
		var sum counts
		for _, su := range s.Suites {
			var own counts
			for _, c := range su.Cases {
				own.Tests++
				switch {
				case c.Failure != nil:
					own.Failures++
				case c.Error != nil:
					own.Errors++
				case c.Skipped != nil:
					own.Skipped++
				}
				Expect(c.Class).To(Equal("pasv." + su.Name))
			}
			Expect(su.counts).To(Equal(own), su.Name)
			sum.Tests += own.Tests
			sum.Failures += own.Failures
			sum.Errors += own.Errors
			sum.Skipped += own.Skipped
		}
		Expect(s.counts).To(Equal(sum))
		Expect(sum.Tests).To(BeNumerically(">", 40))
	})

	It("shows what a failure rests on, times in seconds", func() {
		for _, su := range read(show(sample.Broken())).Suites {
			for _, c := range su.Cases {
				if c.Name == "PASV-007 227 names the host that sent it" {
					Expect(c.Time).To(Equal(5.012))
					Expect(c.Failure.Message).To(HavePrefix("fail: the 227 names 10.0.0.5"))
					Expect(c.Failure.Body).To(And(
						ContainSubstring("expected: the address of the control connection: 192.0.2.10\n"),
						ContainSubstring("seen: 227 Entering Passive Mode (10,0,0,5,195,91).\n"),
						ContainSubstring("rule: RFC 1123 §4.1.2.6 \"the host number"),
						ContainSubstring("> PASV\n"),
					))
					return
				}
			}
		}
		Fail("PASV-007 is missing")
	})

	It("is well-formed and harmless whatever a server sends", func() {
		for _, r := range []report.Run{sample.Hostile(), sample.Garbage()} {
			b := show(r)
			s := read(b)
			Expect(s.Tests).To(BeNumerically(">", 40))
			for _, r := range string(b) {
				if r != '\n' && !unicode.IsPrint(r) {
					Fail(fmt.Sprintf("%U in the document", r))
				}
			}
			// The text is all there, as text: markup of the server made no elements.
			Expect(s.Suites[1].Cases[0].Name).To(HaveSuffix(report.XML(sample.Attack)))
			var elements []string
			for d := xml.NewDecoder(bytes.NewReader(b)); ; {
				token, err := d.Token()
				if err != nil {
					break
				}
				if e, ok := token.(xml.StartElement); ok {
					elements = append(elements, e.Name.Local)
				}
			}
			Expect(elements).NotTo(ContainElement("script"))
		}
	})

	It("passes on that it could not be written", func() {
		Expect(junit.Write(full{}, sample.Healthy())).To(MatchError("disk full"))
	})
})

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }
