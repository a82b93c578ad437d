package scenarios

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// puppet is a session without sockets. Its login and its quit take a while.
type puppet struct {
	conversation
	login, quit time.Duration
	// stopped and goes are when the server stops answering logins, and when it goes
	// on.
	stopped, goes time.Time
	err           error
	octets        int64
	timeline      probe.Timeline
	transcript    probe.Transcript
	moved         *atomic.Int64
	closed        *atomic.Int64
}

var errRefused = &probe.Error{Phase: probe.Login, Cause: probe.Refusal, Reply: probe.Reply{Code: 530, Raw: "530 No.\r\n"}}

func (p *puppet) Enter(ctx context.Context) error {
	d := p.login
	if now := time.Now(); !now.Before(p.stopped) && now.Before(p.goes) {
		d += p.goes.Sub(now)
	}
	if !pause(ctx, d) {
		return &probe.Error{Phase: probe.Login, Cause: probe.Canceled, Err: ctx.Err()}
	}
	p.moved.Add(p.octets)
	return p.err
}

func (p *puppet) Quit(ctx context.Context) (probe.Reply, error) {
	pause(ctx, p.quit)
	return probe.Reply{Code: 221, Raw: "221 Bye.\r\n"}, ctx.Err()
}

func (p *puppet) Do(context.Context, string) (probe.Reply, error) {
	return probe.Reply{Code: 200, Raw: "200 OK.\r\n"}, nil
}

func (p *puppet) Close()                        { p.closed.Add(1) }
func (p *puppet) Peer() netip.AddrPort          { return netip.AddrPort{} }
func (p *puppet) Timeline() *probe.Timeline     { return &p.timeline }
func (p *puppet) Transcript() *probe.Transcript { return &p.transcript }
func (p *puppet) CountInto(n *atomic.Int64)     { p.moved = n }

// stage runs a scenario with puppets.
type stage struct {
	puppet         puppet
	grace          time.Duration
	progress       func(Snapshot)
	unable         error // to connect
	dialled, ended atomic.Int64

	mu     sync.Mutex
	begins []time.Duration // of sessions, since the run began
}

func (s *stage) run(t *testing.T, ctx context.Context, document string) (report.Load, error) {
	t.Helper()
	scenario, err := Parse("s.yaml", []byte("name: x\n"+document))
	if err != nil {
		t.Fatal(err)
	}
	p, err := scenario.compile("own")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	d := &driver{plan: p, dial: func(context.Context, int64) (conversation, error) {
		s.mu.Lock()
		s.begins = append(s.begins, time.Since(began))
		s.mu.Unlock()
		if s.unable != nil {
			return nil, s.unable
		}
		s.dialled.Add(1)
		made := s.puppet
		made.closed = &s.ended
		return &made, nil
	}}
	r := newRun(scenario, d, s.progress, s.grace)
	if r.open != nil {
		// The system's sleep knows nothing of the time in the bubble.
		r.open.alarm = func() alarm { return coarse }
	}
	err = r.execute(ctx)
	return r.collector.load(scenario), err
}

func TestClosedModelStartsTheNextSessionWhenOneEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 20 * time.Millisecond, quit: 30 * time.Millisecond, octets: 1000}, grace: time.Second}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 4, for: 9960ms}\nsession: [login, think: 50ms, quit]\n")

		g.Expect(err).NotTo(HaveOccurred())
		// A session takes 100 ms, so each of four places has 99 of them and one
		// that is thinking at the end, which then takes 30 ms to quit.
		g.Expect(time.Since(began)).To(Equal(9990 * time.Millisecond))
		g.Expect(l.Elapsed).To(Equal(report.Seconds(9.96)))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 4, Completed: 396, Interrupted: 4}))
		g.Expect(l.Operations["login"].Latency.Count).To(Equal(int64(400)))
		g.Expect(l.Operations["login"].Latency.Mean).To(BeNumerically("~", 0.020, 1e-4))
		g.Expect(l.Operations["login"].Rate).To(BeNumerically("~", 400/9.96, 1e-9))
		g.Expect(l.Operations["quit"].Latency.Count).To(Equal(int64(396)))
		g.Expect(l.Operations["quit"].Latency.Max).To(BeNumerically("~", 0.030, 1e-4))
		g.Expect(l.Bytes).To(Equal(int64(400_000)))
		g.Expect(l.Throughput).To(BeNumerically("~", 400_000/9.96, 1e-6))
		g.Expect(s.ended.Load()).To(Equal(s.dialled.Load()), "every session is closed")
	})
}

func TestSeriesHasOneIntervalPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 60 * time.Millisecond, octets: 1000}, grace: time.Second}
		l, err := s.run(t, t.Context(), "load: {sessions: 1, for: 3500ms}\nsession: [login, think: 30ms]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(l.Series).To(HaveLen(4))
		var octets, operations int64
		for i, at := range l.Series {
			g.Expect(at.At).To(Equal(report.Seconds(i)))
			g.Expect(at.Active).To(Equal(1))
			octets, operations = octets+at.Bytes, operations+at.Operations
		}
		// A session takes 90 ms.
		for i, want := range []int64{11, 11, 11, 6} {
			g.Expect(l.Series[i].Bytes).To(Equal(want * 1000))
			g.Expect(l.Series[i].Operations).To(Equal(want))
		}
		g.Expect(octets).To(Equal(l.Bytes))
		g.Expect(operations).To(Equal(int64(39)))
	})
}

func TestWarmUpIsNotMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 90 * time.Millisecond, octets: 1000}, grace: time.Second}
		var warming []bool
		s.progress = func(s Snapshot) { warming = append(warming, s.Warming) }
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 2, for: 2200ms}\nwarm-up: 3s\nsession: [login, think: 10ms]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(began)).To(BeNumerically("~", 5200*time.Millisecond, 100*time.Millisecond))
		g.Expect(l.Elapsed).To(Equal(report.Seconds(2.2)))
		g.Expect(l.Operations["login"].Latency.Count).To(BeNumerically("~", 44, 2))
		g.Expect(l.Bytes).To(BeNumerically("~", 44_000, 2000))
		g.Expect(l.Series).To(HaveLen(3))
		g.Expect(warming).To(HaveLen(6 + 5))
		g.Expect(warming[:6]).To(HaveEach(true))
		g.Expect(warming[6:]).To(HaveEach(false))
	})
}

func TestCountRunsExactlySoManySessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 10 * time.Millisecond}}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 3, count: 10}\nsession:\n  - login\n  - repeat: {times: 4, steps: [think: 5ms, repeat: {times: 2, steps: [think: 1ms]}]}\n  - quit\n")

		g.Expect(err).NotTo(HaveOccurred())
		// 10 + 4 × (5 + 2 × 1) = 38 ms each, four after another in one place.
		g.Expect(time.Since(began)).To(Equal(4 * 38 * time.Millisecond))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 3, Completed: 10}))
		g.Expect(s.dialled.Load()).To(Equal(int64(10)))
	})
}

func TestTheOperationThatIsGoingOnMayFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: 1500 * time.Millisecond}, grace: 2 * time.Second}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 2, for: 1s}\nsession: [login, quit]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(began)).To(Equal(1500 * time.Millisecond))
		g.Expect(l.Elapsed).To(Equal(report.Seconds(1)))
		g.Expect(l.Operations["login"].Latency.Count).To(Equal(int64(2)), "long operations must not fall out at the end")
		g.Expect(l.Series).To(HaveLen(1))
		g.Expect(l.Series[0].Operations).To(BeZero(), "what ends after the measured time is in none of its seconds")
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Interrupted: 2}))
	})
}

func TestAfterTheGraceSessionsAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: time.Hour, quit: time.Hour}, grace: 2 * time.Second}
		began := time.Now()
		l, err := s.run(t, t.Context(), "load: {sessions: 2, for: 1s}\nsession: [login, quit]\n")

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(began)).To(Equal(1*time.Second + 2*time.Second + farewell))
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Interrupted: 2}))
		g.Expect(l.Failures).To(BeEmpty())
		g.Expect(s.ended.Load()).To(Equal(int64(2)))
	})
}

func TestAnInterruptEndsSessionsAtOnce(t *testing.T) {
	for name, session := range map[string]string{"on the wire": "[login]", "thinking": "[think: 1h, login]"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &stage{puppet: puppet{login: time.Hour}, grace: time.Hour}
				ctx, cancel := context.WithTimeoutCause(t.Context(), 700*time.Millisecond, nil)
				defer cancel()
				began := time.Now()
				l, err := s.run(t, ctx, "load: {sessions: 5, for: 10s}\nsession: "+session+"\n")

				g.Expect(err).To(MatchError(context.DeadlineExceeded))
				g.Expect(time.Since(began)).To(Equal(700 * time.Millisecond))
				g.Expect(l.Elapsed).To(Equal(report.Seconds(0.7)))
				g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 5, Interrupted: 5}))
				g.Expect(l.Failures).To(BeEmpty())
			})
		})
	}
}

func TestAnInterruptOfTheWarmUpMeasuresNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{login: time.Millisecond, octets: 5}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		l, err := s.run(t, ctx, "load: {sessions: 1, for: 10s}\nwarm-up: 5s\nsession: [login]\nwant: [p99(login) < 1h, throughput > 1B/s, rate(failures) == 0]\n")

		g.Expect(errors.Is(err, context.Canceled)).To(BeTrue())
		g.Expect(l.Elapsed).To(BeZero())
		g.Expect(l.Bytes).To(BeZero())
		g.Expect(l.Operations["login"].Latency.Count).To(BeZero())
		g.Expect(l.Broken()).To(Equal(3), "what was not measured is not met")
	})
}

func TestFailingSessionsBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &stage{puppet: puppet{err: errRefused}}
		l, err := s.run(t, t.Context(), "load: {sessions: 1, for: 10s}\nsession: [login, quit]\n")

		g.Expect(err).NotTo(HaveOccurred())
		// At 0, 10, 30, 70, 150, 310, 630, 1270, 2270, ... 9270 ms.
		g.Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 1, Failed: 16}))
		g.Expect(l.Unreached).To(BeTrue())
		g.Expect(l.Failures).To(HaveLen(1))
		f := l.Failures[0]
		g.Expect([]any{f.Phase, f.Cause, f.Code, f.Count}).To(Equal([]any{"login", "reply", 530, int64(16)}))
		g.Expect(f.Example).To(Equal("login: 530 No."))
		var failures int64
		for _, at := range l.Series {
			failures += at.Failures
		}
		g.Expect(failures).To(Equal(int64(16)))
	})
}
