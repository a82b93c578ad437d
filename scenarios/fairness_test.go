package scenarios

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

func TestFairnessComparesWhatWasDoneInTheMeasuredTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 100 * time.Millisecond, octets: 1000}, grace: time.Second}
		// Places begin 0, 0.5, 1 and 1.5 s after the begin, so that the last is too late.
		l, err := s.run(t, t.Context(), "load: {sessions: 4, ramp: 2s, for: 2010ms}\nwarm-up: 1s\nsession: [login]\n")
		g.Expect(err).NotTo(HaveOccurred())
		f := l.Fairness
		g.Expect(f.Unjudged).To(BeEmpty())
		g.Expect(f.Sessions).To(Equal(3))
		g.Expect(f.Operations.Min).To(BeNumerically("~", 20, 1))
		g.Expect(f.Operations.Max).To(BeNumerically("~", 20, 1))
		g.Expect(f.Bytes.Min).To(Equal(1000 * f.Operations.Min))
		g.Expect(f.Operations.Jain).To(BeNumerically("~", 1, 0.01))
	})
}

func TestFairnessSaysWhenItDoesNotApply(t *testing.T) {
	for document, why := range map[string]string{
		"load: {model: open, stages: [{rate: 10/s, for: 1s}]}\nsession: [login]\n":                       "open model",
		"load: {sessions: 2, count: 9}\nsession: [login]\n":                                              "count",
		"load: {sessions: 2, for: 1s}\nmix: [{session: [login]}, {weight: 2, session: [login, hold]}]\n": "mix",
		"load: {sessions: 1, for: 1s}\nsession: [login]\n":                                               "no two sessions",
		"load: {sessions: 2, for: 1s}\nwarm-up: 1s\nsession: [login, hold]\n":                            "nothing that could be compared",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &stage{puppet: puppet{login: 10 * time.Millisecond}, grace: time.Second}
			l, err := s.run(t, t.Context(), document)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			NewWithT(t).Expect(l.Fairness.Unjudged).To(ContainSubstring(why))
		})
	}
}

var _ = Describe("the passive ports", func() {
	It("are counted, with the shortest time until one came again", func() {
		var p ports
		Expect(p.result()).To(BeNil())
		for _, o := range []struct {
			port uint16
			at   time.Duration
		}{{5000, 0}, {5001, 2}, {65535, 3}, {5000, 10}, {1, 11}, {5000, 14}, {5001, 100}, {5000, 12}} {
			p.offered(o.port, o.at*time.Second)
		}
		Expect(p.result()).To(Equal(&report.PassivePorts{Offered: 8, Distinct: 4, Lowest: 1, Highest: 65535, Reused: 4, Soonest: 2}))
		Expect(p.has(5001)).To(BeTrue())
		Expect(p.has(5002)).To(BeFalse())
	})

	It("cost no memory of their own each", func() {
		p := ports{}
		p.offered(1, 1)
		Expect(testing.AllocsPerRun(100, func() { p.offered(40_000, time.Second) })).To(BeZero())
	})
})

var _ = Describe("the sockets", func() {
	It("are recorded without an allocation", func() {
		out := make(chan *batch, 1)
		r := recorder{epoch: time.Now(), out: out}
		r.batch()
		info := &probe.TCPInfo{RTT: time.Millisecond}
		Expect(testing.AllocsPerRun(10, func() {
			r.socket(0, info)
			r.offered(0, 21)
			r.verified(0, 1, true)
		})).To(BeZero())
	})
})

var _ = Describe("the room of a server", func() {
	It("is the most that were logged in, where others were turned away", func() {
		c := newCollector(&plan{})
		for i := range 5 {
			r := &recorder{}
			r.entered.Store(int32(i % 2))
			c.recorders = append(c.recorders, r)
		}
		var r room
		c.epoch = time.Now().Add(-time.Minute)
		r.look(c)
		c.recorders[1].entered.Store(0)
		c.epoch = c.epoch.Add(-time.Minute)
		r.look(c)
		Expect(r.sessions()).To(BeZero())
		r.failed(&failure{group: group{phase: "command", code: 421}})
		r.failed(&failure{group: group{phase: "login", code: 530}})
		Expect(r.sessions()).To(BeZero())
		r.failed(&failure{group: group{phase: "login", code: 421}})
		Expect(r.sessions()).To(Equal(2))
	})
})
