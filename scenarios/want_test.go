package scenarios

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("A condition", func() {
	histogram := func(n int, d time.Duration) *report.Histogram {
		var h report.Histogram
		for i := range n {
			h.Record(d * time.Duration(i+1))
		}
		return &h
	}
	full := measured{
		operations: map[string]*report.Histogram{"login": histogram(10_000, time.Microsecond), "retr": histogram(50, time.Millisecond), "stor": {}},
		phases:     map[string]*report.Histogram{"login": histogram(7, time.Second), "data.connect": histogram(3, time.Millisecond)},
		octets:     map[string]int64{"retr": 50 << 20},
		slip:       histogram(4, time.Millisecond),
		done:       99, failed: 1, sessions: 20, late: 3, dropped: 2, bytes: 200 << 20, elapsed: 10 * time.Second,
	}

	DescribeTable("is judged", func(want, value string, met bool) {
		w, err := ParseWant(want)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.judge(&full)).To(Equal(report.Threshold{Want: want, Value: value, Met: met}))
	},
		Entry(nil, "p50(login) < 6ms", "5.001 ms", true),
		Entry(nil, "p99(login) < 9.8ms", "9.904 ms", false),
		Entry(nil, "p99.99(login) >= 9.99ms", "10 ms", true),
		Entry(nil, "min(data.connect) <= 1ms", "0.9999 ms", true),
		Entry(nil, "max(data.connect) > 2.9ms", "3 ms", true),
		Entry(nil, "mean(data.connect) < 1.9ms", "2 ms", false),
		Entry(nil, "max(start) < 5ms", "4.002 ms", true),
		Entry(nil, "p99(stor) < 1h", "nothing to measure", false),
		Entry(nil, "rate(retr) >= 5/s", "5/s (50 in 10 s)", true),
		Entry(nil, "rate(retr) > 301/m", "5/s (50 in 10 s)", false),
		Entry(nil, "rate(sessions) > 1.9/s", "2/s (20 in 10 s)", true),
		Entry(nil, "rate(stor) == 0/s", "0/s (0 in 10 s)", true),
		Entry(nil, "rate(failures) <= 1%", "1% (1 of 100 operations)", true),
		Entry(nil, "rate(failures) < 1%", "1% (1 of 100 operations)", false),
		Entry(nil, "count(retr) == 50", "50", true),
		Entry(nil, "count(data.connect) > 3", "3", false),
		Entry(nil, "count(failures) == 0", "1", false),
		Entry(nil, "count(late) < 4", "3", true),
		Entry(nil, "count(dropped) == 2", "2", true),
		Entry(nil, "throughput > 20MiB/s", "20 MiB/s", false),
		Entry(nil, "throughput(retr) >= 5MiB/s", "5 MiB/s", true),
		Entry(nil, "throughput(stor) > 0/s", "0 MiB/s", false),
	)

	DescribeTable("is not met where nothing was measured", func(want string) {
		w, err := ParseWant(want)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.judge(&measured{})).To(Equal(report.Threshold{Want: want, Value: "nothing to measure"}))
	}, Entry(nil, "p50(login) < 1h"), Entry(nil, "rate(failures) == 0"), Entry(nil, "count(failures) == 0"), Entry(nil, "throughput >= 0/s"), Entry(nil, "rate(login) < 5/s"))
})
