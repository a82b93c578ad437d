package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
)

var _ = Describe("report.json", func() {
	It("comes back as it was written", func() {
		for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable()} {
			b, err := report.Marshal(r)
			Expect(err).NotTo(HaveOccurred())
			back, err := report.Unmarshal(b)
			Expect(err).NotTo(HaveOccurred())
			again, err := report.Marshal(back)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(again)).To(Equal(string(b)))
			Expect(back.Started).To(BeTemporally("==", r.Started))
			Expect(back.Conclusion()).To(Equal(r.Conclusion()))
		}
		b, err := report.Marshal(sample.Broken())
		Expect(err).NotTo(HaveOccurred())
		Expect(report.Unmarshal(b)).To(Equal(sample.Broken()))
	})

	It("has empty lists, never null", func() {
		b, err := report.Marshal(report.Run{Check: &report.Check{Results: make([]report.Result, 1)}, Load: &report.Load{},
			Diagnose: &report.Diagnosis{Findings: make([]report.Finding, 1)}})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(b)).NotTo(ContainSubstring("null"))
		Expect(string(b)).To(And(HaveSuffix("}\n"), ContainSubstring(`"cites": []`), ContainSubstring(`"phases": {}`)))
	})

	It("keeps hostile text, visibly", func() {
		b, err := report.Marshal(report.Run{Schema: report.Schema, Error: sample.Attack + "\U000e0041"})
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.ReplaceAll(string(b), "\n", "")).To(Equal(report.Printable(strings.ReplaceAll(string(b), "\n", ""))))
		back, err := report.Unmarshal(b)
		Expect(err).NotTo(HaveOccurred())
		// Only what is not UTF-8 cannot be kept by JSON.
		Expect(back.Error).To(Equal(strings.ToValidUTF8(strings.ReplaceAll(sample.Attack, "\xff\xfe", "\ufffd\ufffd"), "") + "\U000e0041"))
	})

	It("is not written with a number that JSON does not have", func() {
		b, err := report.Marshal(report.Run{Load: &report.Load{Throughput: math.NaN()}})
		Expect(err).To(MatchError(ContainSubstring("NaN")))
		Expect(b).To(BeEmpty())
	})

	DescribeTable("is not read when it is", func(file, want string) {
		_, err := report.Unmarshal([]byte(file))
		Expect(err).To(MatchError(want))
	},
		Entry("of a later version", `{"schema": "pasv/report/v2", "tool": 5}`, `report: the file is of version "pasv/report/v2", this pasv reads "pasv/report/v1"`),
		Entry("of a hostile version", `{"schema": "\u001b[2J"}`, `report: the file is of version "\x1b[2J", this pasv reads "pasv/report/v1"`),
		Entry("something else", `{"name": "x"}`, `report: not a report of pasv: "schema" is missing`),
		Entry("empty", ``, `report: line 1, column 1: unexpected end of JSON input`),
		Entry("not JSON", "{\n  \"schema\": pasv\n}", `report: line 2, column 13: invalid character 'p' looking for beginning of value`),
		Entry("followed by something", "{}\n{}", `report: line 2, column 1: invalid character '{' after top-level value`),
	)

	It("names the place of a wrong type", func() {
		_, err := report.Unmarshal([]byte("{\n\"schema\": \"pasv/report/v1\",\n\"elapsed\": \"3s\"}"))
		Expect(err).To(MatchError(And(HavePrefix("report: line 3, column "), ContainSubstring("elapsed"))))
	})

	It("may have fields of a later pasv", func() {
		r, err := report.Unmarshal([]byte(`{"schema": "pasv/report/v1", "weather": "fine", "exit": 1}`))
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Exit).To(Equal(report.ExitVerdict))
	})
})

// A file from anywhere is read or rejected, and its histograms too; what was
// read can be written again.
func FuzzUnmarshal(f *testing.F) {
	var h report.Histogram
	h.Record(time.Millisecond)
	// Small seeds: the fuzzer spends its time on shrinking large ones.
	for _, r := range []report.Run{
		{Schema: report.Schema, Started: sample.Healthy().Started, Check: checked(pass, fail)},
		{Schema: report.Schema, Load: &report.Load{Phases: map[string]report.Distribution{"login": h.Distribution()}}},
		{Schema: report.Schema, Diagnose: diagnosed(report.Finding{Code: report.AddressZero}), Error: sample.Attack},
	} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := report.Unmarshal(b)
		if err != nil {
			return
		}
		if r.Load != nil {
			for _, d := range r.Load.Phases {
				if h, err := d.Histogram(); err == nil && h.Count() != d.Count {
					t.Errorf("count %d, want %d", h.Count(), d.Count)
				}
			}
		}
		once, err := report.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := report.Unmarshal(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := report.Marshal(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("not stable: %v\n%s\n%s", err, once, twice)
		}
	})
}
