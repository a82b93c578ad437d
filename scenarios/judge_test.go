package scenarios

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
)

// A result is judged as the run has judged it, by the report alone.
func TestJudgeAgreesWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 20 * time.Millisecond, quit: 7 * time.Millisecond, octets: 1234}, grace: time.Second}
		l, err := s.run(t, t.Context(), `load: {model: open, stages: [{rate: 0/s, to: 90/s, for: 3s}], at-most: 1}
session: [login, quit]
want:
  - p99.9(login) < 21ms
  - min(login) > 25ms
  - mean(quit) < 8ms
  - max(start) < 1ms
  - rate(login) > 10/s
  - rate(failures) == 0
  - rate(sessions) < 1/s
  - count(sessions) > 10
  - count(late) == 0
  - count(dropped) > 0
  - throughput > 1kB/s
  - throughput(login) > 1kB/s
  - p99(data.connect) < 1s
`)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Thresholds).To(HaveLen(13))
		g.Expect(l.Broken()).To(BeNumerically("~", 6, 3), "some hold, some do not")
		b, err := report.Marshal(report.Run{Schema: report.Schema, Load: &l})
		g.Expect(err).NotTo(HaveOccurred())
		read, err := report.Unmarshal(b)
		g.Expect(err).NotTo(HaveOccurred())
		for _, want := range l.Thresholds {
			got, err := Judge(want.Want, read.Load)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(want))
		}
	})
}

func TestJudgeRefuses(t *testing.T) {
	g := NewWithT(t)
	_, err := Judge("fast please", &report.Load{})
	g.Expect(err).To(MatchError(ContainSubstring("is not a condition")))
	damaged := report.Distribution{Count: 1, HDR: "AAAA"}
	for _, l := range []report.Load{
		{Operations: map[string]report.Operation{"retr": {Latency: damaged}}},
		{Phases: map[string]report.Distribution{"retr": damaged}},
		{Starts: &report.Starts{Slip: damaged}},
	} {
		_, err := Judge("p99(retr) < 1s", &l)
		g.Expect(err).To(MatchError(ContainSubstring("histogram: ")))
	}
}
