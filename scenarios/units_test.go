package scenarios

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("units", func() {
	DescribeTable("sizes", func(text string, want int64, printed string) {
		s, err := ParseSize(text)
		Expect(err).NotTo(HaveOccurred())
		Expect(s).To(Equal(Size(want)))
		Expect(s.String()).To(Equal(printed))
	},
		Entry(nil, "0", int64(0), "0"),
		Entry(nil, "4096", int64(4096), "4KiB"),
		Entry(nil, "4KiB", int64(4096), "4KiB"),
		Entry(nil, "1.5 MiB", int64(1572864), "1536KiB"),
		Entry(nil, "1GB", int64(1_000_000_000), "1000000000"),
		Entry(nil, "7B", int64(7), "7"),
		Entry(nil, "3kB", int64(3000), "3000"),
		Entry(nil, "2TiB", int64(2<<40), "2TiB"),
	)
	DescribeTable("no sizes", func(text string) {
		_, err := ParseSize(text)
		Expect(err).To(HaveOccurred())
	}, Entry(nil, ""), Entry(nil, "KiB"), Entry(nil, "-1"), Entry(nil, "1kb"), Entry(nil, "1e3"), Entry(nil, "0.5"), Entry(nil, "1KiBB"), Entry(nil, "NaN"), Entry(nil, "Inf"),
		Entry(nil, "1.2.3MB"), Entry(nil, "9999999TiB"), Entry(nil, "999999999999999999999999"))

	DescribeTable("shares", func(text string, want float64) {
		p, err := ParsePercent(text)
		Expect(err).NotTo(HaveOccurred())
		Expect(float64(p)).To(BeNumerically("~", want, 1e-12))
	}, Entry(nil, "0.1%", 0.001), Entry(nil, "0", 0.0), Entry(nil, "0.25", 0.25), Entry(nil, "100%", 1.0), Entry(nil, "3 %", 0.03))
	DescribeTable("no shares", func(text string) {
		_, err := ParsePercent(text)
		Expect(err).To(HaveOccurred())
	}, Entry(nil, ""), Entry(nil, "%"), Entry(nil, "101%"), Entry(nil, "-1%"), Entry(nil, "2"), Entry(nil, "1e-3"))

	It("reads durations", func() {
		d, err := ParseDuration("1m30s")
		Expect(err).NotTo(HaveOccurred())
		Expect(d).To(Equal(Duration(90 * time.Second)))
		for _, bad := range []string{"", "10", "-1s", "25h", "1 s", "1d"} {
			_, err := ParseDuration(bad)
			Expect(err).To(HaveOccurred(), bad)
		}
	})

	It("replaces variables", func() {
		p := place{session: 7, worker: 2, iteration: 11}
		Expect(p.expand("a/{session}-{worker}-{iteration}-{session}.bin")).To(Equal("a/7-2-11-7.bin"))
		Expect(p.expand("plain {x}")).To(Equal("plain {x}"))
	})
})
