package report_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
)

// observed is one thing that happened in a load.
type observed struct {
	operation, phase string
	at               int // second
	took             time.Duration
	octets           int64
	failed           *report.Failure
	late, refused    bool
	limit            string
}

// observations makes up n of them in a run of so many seconds.
func observations(random *rand.Rand, n, seconds int) []observed {
	failures := []report.Failure{
		{Phase: "data.connect", Cause: "refused", Example: "data.connect 192.0.2.1:50011: connection refused"},
		{Phase: "opening", Cause: "reply", Code: 550, Example: "opening: 550 No."},
		{Phase: "opening", Cause: "reply", Code: 425, Example: "opening: 425 No."},
	}
	all := make([]observed, n)
	for i := range all {
		o := observed{
			operation: []string{"login", "retr", "quit"}[random.IntN(3)], phase: []string{"login", "transfer", "data.connect"}[random.IntN(3)],
			at: random.IntN(seconds), took: time.Duration(random.ExpFloat64() * float64(20*time.Millisecond)),
			octets: random.Int64N(1 << 20), late: random.IntN(9) == 0, refused: random.IntN(17) == 0,
			limit: []string{"server", "network", report.LimitUndecided}[random.IntN(3)],
		}
		if random.IntN(11) == 0 {
			o.failed = &failures[random.IntN(len(failures))]
		}
		all[i] = o
	}
	return all
}

// measure is the report of what was observed.
func measure(all []observed, seconds, atOnce int) report.Run {
	l := &report.Load{
		Scenario: "mixed", Model: "open", Started: time.Date(2026, 3, 1, 9, 30, 5, 0, time.UTC), Elapsed: report.Seconds(seconds),
		Sessions: report.Sessions{AtOnce: atOnce}, Thresholds: []report.Threshold{{Want: "p99(retr) < 1s", Value: "to be judged"}},
		Operations: map[string]report.Operation{}, Phases: map[string]report.Distribution{},
	}
	latencies, phases, slip := map[string]*report.Histogram{}, map[string]*report.Histogram{}, report.Histogram{}
	for i := range seconds {
		l.Series = append(l.Series, report.Interval{At: report.Seconds(i)})
	}
	for _, o := range all {
		row, second := l.Operations[o.operation], &l.Series[o.at]
		if latencies[o.operation] == nil {
			latencies[o.operation] = &report.Histogram{}
		}
		row.Bytes += o.octets
		l.Bytes += o.octets
		second.Bytes += o.octets
		if l.Starts == nil {
			l.Starts = &report.Starts{}
		}
		slip.Record(o.took / 10)
		if o.late {
			l.Starts.Late++
		}
		switch {
		case o.failed != nil:
			row.Failures++
			second.Failures++
			l.Sessions.Failed++
			at := slices.IndexFunc(l.Failures, func(f report.Failure) bool {
				return f.Phase == o.failed.Phase && f.Cause == o.failed.Cause && f.Code == o.failed.Code
			})
			if at < 0 {
				at = len(l.Failures)
				l.Failures = append(l.Failures, *o.failed)
			}
			l.Failures[at].Count++
		case o.refused:
			row.Refused++
			second.Operations++
		default:
			latencies[o.operation].Record(o.took)
			second.Operations++
			l.Sessions.Completed++
		}
		l.Operations[o.operation] = row
		if phases[o.phase] == nil {
			phases[o.phase] = &report.Histogram{}
		}
		phases[o.phase].Record(o.took)
		if l.Limits == nil {
			l.Limits = map[string]report.Limit{}
		}
		limit := l.Limits[o.limit]
		limit.Transfers++
		limit.Bytes += o.octets
		limit.Elapsed += 0.25 // a sum of them is exact in any order
		l.Limits[o.limit] = limit
	}
	for name, row := range l.Operations {
		row.Latency = latencies[name].Distribution()
		row.Rate = float64(row.Latency.Count) / float64(seconds)
		l.Operations[name] = row
	}
	for name, h := range phases {
		l.Phases[name] = h.Distribution()
	}
	if l.Starts != nil {
		l.Starts.Slip = slip.Distribution()
	}
	l.Throughput = float64(l.Bytes) / float64(seconds)
	report.SortFailures(l.Failures)
	l.DecideLimit()
	l.Observe()
	judged, err := judgeCount(l.Thresholds[0].Want, l)
	Expect(err).NotTo(HaveOccurred())
	l.Thresholds = []report.Threshold{judged}
	r := report.Run{Schema: report.Schema, Tool: sample.Healthy().Tool, Target: sample.Healthy().Target, Started: l.Started.Add(-time.Second), Elapsed: report.Seconds(seconds + 2), Load: l}
	r.Exit = r.Weigh(report.FailOnFail)
	return r
}

// judgeCount stands for the judge of package scenarios: its value depends on
// everything that was recorded.
func judgeCount(want string, l *report.Load) (report.Threshold, error) {
	if want == "?" {
		return report.Threshold{}, errors.New("not a condition")
	}
	return report.Threshold{Want: want, Value: fmt.Sprintf("%d of %v", l.Operations["retr"].Latency.Count, l.Operations["retr"].Latency.P99), Met: true}, nil
}

func merge(runs ...report.Run) (report.Run, error) {
	var names []string
	for i := range runs {
		names = append(names, string(rune('a'+i))+".json")
	}
	return report.Merge(names, runs, judgeCount)
}

func written(r report.Run) string {
	GinkgoHelper()
	b, err := report.Marshal(r)
	Expect(err).NotTo(HaveOccurred())
	return string(b)
}

// alone is a load run that says of itself what its figures say.
func alone(r report.Run) report.Run {
	r.Check, r.Diagnose = nil, nil
	l := r.Load
	l.Capacity = nil
	l.Started = r.Started
	for name, o := range l.Operations {
		o.Rate = float64(o.Latency.Count) / float64(l.Elapsed)
		l.Operations[name] = o
	}
	for i := range l.Targets {
		l.Targets[i].Throughput = float64(l.Targets[i].Bytes) / float64(l.Elapsed)
	}
	l.Throughput = float64(l.Bytes) / float64(l.Elapsed)
	report.SortFailures(l.Failures)
	l.DecideLimit()
	l.Observe()
	for i, t := range l.Thresholds {
		judged, err := judgeCount(t.Want, l)
		Expect(err).NotTo(HaveOccurred())
		l.Thresholds[i] = judged
	}
	r.Exit = r.Weigh(report.FailOnFail)
	return r
}

var _ = Describe("Reports that are added up", func() {
	It("give the same report when there is one", func() {
		// The samples fill every field of a report: one that is forgotten is missing here.
		for _, r := range []report.Run{alone(sample.Healthy()), alone(sample.Broken()), alone(sample.Unreachable())} {
			before := written(r)
			sum, err := merge(r)
			Expect(err).NotTo(HaveOccurred())
			Expect(written(sum)).To(Equal(before))
			Expect(written(r)).To(Equal(before), "what is added up stays as it was")
		}
	})

	It("give what one generator would have measured, however its samples are divided", func() {
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 5))
			seconds, parts := 1+random.IntN(8), 1+random.IntN(6)
			all := observations(random, 1+random.IntN(3000), seconds)
			divided := make([][]observed, parts)
			for _, o := range all {
				i := random.IntN(parts)
				divided[i] = append(divided[i], o)
			}
			var runs []report.Run
			for _, part := range divided {
				runs = append(runs, measure(part, seconds, 10))
			}
			sum, err := merge(runs...)
			Expect(err).NotTo(HaveOccurred())
			Expect(written(sum)).To(Equal(written(measure(all, seconds, 10*parts))), "seed %d", seed)
		}
	})

	It("give the same bytes in any order", func() {
		random := rand.New(rand.NewPCG(1, 5))
		var runs []report.Run
		for i := range 4 {
			r := measure(observations(random, 300, 4), 4, 10)
			r.Started = r.Started.Add(time.Duration(i%3) * 800 * time.Millisecond)
			r.Load.Started = r.Load.Started.Add(time.Duration(i%3) * 800 * time.Millisecond)
			r.Load.Limits["server"] = report.Limit{Elapsed: report.Seconds(0.1 * float64(i))}
			r.Load.Generator = report.Generator{CPU: report.Seconds(0.1 * float64(i)), Cores: 1 + i, Share: 0.1 * float64(i), OpenFiles: uint64(1024 * (4 - i)), Warnings: []string{strconv.Itoa(i)}}
			r.Target.URL = "ftp://" + strconv.Itoa(i%2) + "/"
			for f := range r.Load.Failures {
				r.Load.Failures[f].Example += strconv.Itoa(i)
			}
			runs = append(runs, r)
		}
		once, err := merge(runs...)
		Expect(err).NotTo(HaveOccurred())
		permutations(runs, func(runs []report.Run) {
			sum, err := merge(runs...)
			Expect(err).NotTo(HaveOccurred())
			Expect(written(sum)).To(Equal(written(once)))
		})
		Expect(once.Target.URL).To(Or(Equal("ftp://0/, ftp://1/"), Equal("ftp://1/, ftp://0/")))
		Expect(once.Load.Generator.Cores).To(Equal(10))
		Expect(once.Load.Generator.OpenFiles).To(Equal(uint64(1024)))
	})

	It("are aligned by the time at which they began to measure", func() {
		a, b := measure(nil, 3, 1), measure(nil, 4, 1)
		for i := range a.Load.Series {
			a.Load.Series[i].Operations = 1
		}
		for i := range b.Load.Series {
			b.Load.Series[i].Operations = 10
		}
		b.Load.Started = b.Load.Started.Add(1700 * time.Millisecond)
		b.Started = b.Load.Started // it took longer to prepare, which is of no account
		sum, err := merge(b, a)
		Expect(err).NotTo(HaveOccurred())
		var operations []int64
		for i, at := range sum.Load.Series {
			Expect(at.At).To(Equal(report.Seconds(i)))
			operations = append(operations, at.Operations)
		}
		Expect(operations).To(Equal([]int64{1, 1, 11, 10, 10, 10}))
		Expect(sum.Load.Started).To(Equal(a.Load.Started))
		Expect(sum.Load.Elapsed).To(BeNumerically("~", 5.7, 1e-9))
		Expect(sum.Load.Generator.Warnings).To(ConsistOf(ContainSubstring("measured together for 1.3 s; rates and throughput are over 5.7 s")))
	})

	It("are incomplete when one of them is, and not unreached when one got through", func() {
		random := rand.New(rand.NewPCG(2, 5))
		whole := measure(observations(random, 100, 2), 2, 1)
		whole.Exit, whole.Load.Sessions.Failed = report.ExitOK, 0
		refused := measure(nil, 2, 1)
		refused.Load.Elapsed, refused.Load.Started, refused.Load.Series = 0, time.Time{}, nil
		refused.Load.Unreached, refused.Error = true, "login: 530 No."
		sum, err := merge(refused, whole)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.Load.Unreached).To(BeFalse())
		Expect([]any{sum.Partial, sum.Exit, sum.Error}).To(Equal([]any{true, report.ExitIncomplete, "login: 530 No."}))
		Expect(sum.Load.Elapsed).To(Equal(report.Seconds(2)))
		both, err := merge(refused, refused)
		Expect(err).NotTo(HaveOccurred())
		Expect([]any{both.Partial, both.Exit, both.Load.Unreached}).To(Equal([]any{false, report.ExitTarget, true}))
	})

	DescribeTable("are refused", func(spoil func(a, b *report.Run), want string) {
		a, b := measure(nil, 2, 1), measure(observations(rand.New(rand.NewPCG(3, 5)), 100, 2), 2, 1)
		spoil(&a, &b)
		_, err := merge(a, b)
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("of different scenarios", func(_, b *report.Run) { b.Load.Scenario = "churn" }, `a.json and b.json: different scenarios, "mixed" and "churn"`),
		Entry("of different models", func(_, b *report.Run) { b.Load.Model = "closed" }, `different models, "open" and "closed"`),
		Entry("of different conditions", func(_, b *report.Run) { b.Load.Thresholds = nil }, `different conditions, ["p99(retr) < 1s"] and []`),
		Entry("of conditions that cannot be read", func(a, b *report.Run) { a.Load.Thresholds[0].Want, b.Load.Thresholds[0].Want = "?", "?" }, "a.json: not a condition"),
		Entry("without a load", func(_, b *report.Run) { b.Load = nil }, "b.json: not a report of a load"),
		Entry("with a check", func(a, _ *report.Run) { a.Check = &report.Check{} }, "a.json: it holds a check"),
		Entry("of a search for capacity", func(a, _ *report.Run) { a.Load.Capacity = &report.Capacity{} }, "a.json: it is a search for capacity"),
		Entry("of different times", func(_, b *report.Run) { b.Load.Started = b.Load.Started.Add(3500 * time.Millisecond) }, "one generator began 1.5s after the others had ended"),
		Entry("of times far apart that a damaged file says were the same", func(a, b *report.Run) {
			a.Load.Elapsed, b.Load.Started = 1e12, b.Load.Started.AddDate(200, 0, 0)
		}, "not at the same time"),
		Entry("with a damaged histogram", func(_, b *report.Run) {
			o := b.Load.Operations["retr"]
			o.Latency.HDR = "AAAA"
			b.Load.Operations["retr"] = o
		}, `operation "retr": histogram: `),
	)

	It("are refused when there are none", func() {
		_, err := merge()
		Expect(err).To(MatchError("report: nothing to add up"))
	})
})

// permutations calls f with every order of runs.
func permutations(runs []report.Run, f func([]report.Run)) {
	var permute func(n int)
	permute = func(n int) {
		if n == len(runs) {
			f(slices.Clone(runs))
			return
		}
		for i := n; i < len(runs); i++ {
			runs[n], runs[i] = runs[i], runs[n]
			permute(n + 1)
			runs[n], runs[i] = runs[i], runs[n]
		}
	}
	permute(0)
}
