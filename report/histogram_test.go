package report_test

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("A histogram", func() {
	record := func(durations ...time.Duration) *report.Histogram {
		var h report.Histogram
		for _, d := range durations {
			h.Record(d)
		}
		return &h
	}

	// written is a distribution as the report file has it.
	written := func(d report.Distribution) (back report.Distribution) {
		b, err := json.Marshal(d)
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Unmarshal(b, &back)).To(Succeed())
		return back
	}

	It("is empty as zero value", func() {
		var h report.Histogram
		Expect(h.Count()).To(BeZero())
		Expect(h.Quantile(0.5)).To(BeZero())
		Expect(h.Distribution()).To(Equal(report.Distribution{}))
	})

	It("keeps three figures from a microsecond to an hour", func() {
		for _, d := range []time.Duration{10 * time.Microsecond, time.Millisecond, 123 * time.Millisecond, time.Second, 59 * time.Minute, time.Hour} {
			got := record(d).Distribution()
			for _, s := range []report.Seconds{got.Min, got.Mean, got.P50, got.P90, got.P99, got.P999, got.Max} {
				Expect(s.Duration()).To(BeNumerically("~", d, max(d/1000, time.Microsecond)))
			}
		}
	})

	It("counts what lies outside at the edges", func() {
		h := record(-time.Second, 0, 2*time.Hour)
		Expect(h.Count()).To(Equal(int64(3)))
		d := h.Distribution()
		Expect(d.Min).To(BeZero())
		Expect(d.Max.Duration()).To(BeNumerically("~", time.Hour, 4*time.Second))
	})

	It("has its quantiles in order", func() {
		var h report.Histogram
		for i := range 1000 {
			h.Record(time.Duration(i+1) * time.Millisecond)
		}
		d := h.Distribution()
		Expect(d.Count).To(Equal(int64(1000)))
		Expect(d.P50.Duration()).To(BeNumerically("~", 500*time.Millisecond, time.Millisecond))
		Expect(d.P90.Duration()).To(BeNumerically("~", 900*time.Millisecond, time.Millisecond))
		Expect(d.P99.Duration()).To(BeNumerically("~", 990*time.Millisecond, time.Millisecond))
		Expect(d.P999.Duration()).To(BeNumerically("~", 999*time.Millisecond, time.Millisecond))
		Expect(h.Quantile(0.9)).To(Equal(d.P90.Duration()))
		Expect(d.Mean.Duration()).To(BeNumerically("~", 500500*time.Microsecond, time.Millisecond))
	})

	It("comes back from the report as it was", func() {
		h := record(0, time.Microsecond, 3*time.Millisecond, 3*time.Millisecond, time.Second, 3*time.Hour)
		for _, d := range []report.Distribution{h.Distribution(), written(h.Distribution())} {
			back, err := d.Histogram()
			Expect(err).NotTo(HaveOccurred())
			Expect(written(back.Distribution())).To(Equal(written(h.Distribution())))
		}

		empty, err := report.Distribution{}.Histogram()
		Expect(err).NotTo(HaveOccurred())
		Expect(empty.Count()).To(BeZero())
	})

	It("merges exactly: the parts add up to the whole", func() {
		random := rand.New(rand.NewPCG(1, 2))
		var whole, sum report.Histogram
		for range 7 {
			var part report.Histogram
			for range random.IntN(500) {
				d := time.Duration(random.Int64N(int64(time.Hour) >> random.IntN(40)))
				whole.Record(d)
				part.Record(d)
			}
			// Through the file, as several generators would.
			back, err := written(part.Distribution()).Histogram()
			Expect(err).NotTo(HaveOccurred())
			sum.Merge(back)
		}
		sum.Merge(&report.Histogram{})
		Expect(whole.Count()).To(BeNumerically(">", 500))
		Expect(written(sum.Distribution())).To(Equal(written(whole.Distribution())))
	})

	DescribeTable("is rejected when it is", func(spoil func(*report.Distribution), want string) {
		d := written(record(time.Millisecond, time.Second).Distribution())
		spoil(&d)
		_, err := d.Histogram()
		Expect(err).To(MatchError(And(HavePrefix("histogram: "), ContainSubstring(want))))
	},
		Entry("missing", func(d *report.Distribution) { d.HDR = "" }, "too short"),
		Entry("not base64", func(d *report.Distribution) { d.HDR = "%" + d.HDR }, "base64"),
		Entry("cut", func(d *report.Distribution) { d.HDR = d.HDR[:len(d.HDR)/8*4] }, ""),
		Entry("noise", func(d *report.Distribution) {
			d.HDR = base64.StdEncoding.EncodeToString([]byte("what is this noise"))
		}, "encoding not supported"),
		Entry("of another span", func(d *report.Distribution) {
			other := hdr.New(1, 1000, 2)
			Expect(other.RecordValues(5, 2)).To(Succeed())
			b, err := other.Encode(hdr.V2CompressedEncodingCookieBase)
			Expect(err).NotTo(HaveOccurred())
			d.HDR = string(b)
		}, "spans 1 to 1000 ns with 2 digits"),
		Entry("of another count", func(d *report.Distribution) { d.Count++ }, "holds 2 values, but count is 3"),
	)
})
