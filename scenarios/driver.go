package scenarios

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// conversation is what the driver needs of a [probe.Session].
type conversation interface {
	Enter(ctx context.Context) error
	Do(ctx context.Context, line string) (probe.Reply, error)
	Passive(ctx context.Context) (probe.Offer, error)
	DialData(ctx context.Context, to netip.AddrPort) (*probe.DataConn, error)
	Complete(ctx context.Context) (probe.Reply, error)
	Quit(ctx context.Context) (probe.Reply, error)
	Refusal(phase probe.Phase, r probe.Reply) error
	Close()
	Peer() netip.AddrPort
	Protected() bool
	Timeline() *probe.Timeline
	Transcript() *probe.Transcript
	CountInto(*atomic.Int64)
}

// driver executes plans, one session in one goroutine at a time. It holds what
// the sessions of a run share and never changes.
type driver struct {
	plan *plan
	dial func(context.Context) (conversation, error)
	// address says which address of a 227 is dialled.
	address probe.AddressPolicy
	// occupied tells the files that were there before the run.
	occupied func(path string) bool
	// contents are [plan.contentSums].
	contents map[int64]string
}

// session is one run through the plan.
type session struct {
	*driver
	recorder *recorder
	place    place
	talk     conversation
	offer    probe.Offer
	data     *probe.DataConn
	sums     summing
	counters [maxLoops]int64

	// The operation that is going on.
	name   int
	began  time.Duration
	octets int64
	// owed tells that the server has begun a transfer and owes its final reply.
	owed bool
}

// Patience with the server when a session is given up.
const (
	// farewell is for QUIT.
	farewell = time.Second
	// afterword is for the final reply of a transfer that has failed: it often
	// says why.
	afterword = time.Second
)

// remembered is how many lines of the dialogue a session keeps of what went
// well, so that long sessions stay small.
const remembered = 24

// run executes the plan and says how it went. When soft ends, the session stops
// before its next operation; when hard ends, in the midst of one. An error is
// recorded already.
func (d *driver) run(soft, hard context.Context, r *recorder, at place) kind {
	s := &session{driver: d, recorder: r, place: at}
	r.active.Add(1)
	end, err := s.execute(soft, hard)
	if err != nil {
		s.fail(hard, err)
	}
	if end == sessionInterrupted {
		s.leave(hard)
	}
	s.close()
	r.active.Add(-1)
	r.session(end)
	return end
}

func (s *session) execute(soft, hard context.Context) (kind, error) {
	ops := s.plan.ops
	for pc := 0; pc < len(ops); pc++ {
		o := &ops[pc]
		switch o.code {
		case opBegin:
			if soft.Err() != nil {
				return sessionInterrupted, nil
			}
			s.begin(o.name)
		case opEnd:
			s.recorder.operation(s.name, s.began, s.octets, s.talk.Timeline())
			s.talk.Timeline().Reset()
			s.talk.Transcript().Keep(remembered)
		case opWait:
			if o.wait > stale {
				s.recorder.flush()
			}
			if !pause(soft, o.wait) {
				return sessionInterrupted, nil
			}
		case opLoop:
			if s.counters[o.depth]++; s.counters[o.depth] < o.times {
				pc = o.target - 1
			} else {
				s.counters[o.depth] = 0
			}
		default:
			if err := s.step(hard, o); err != nil {
				if hard.Err() != nil {
					return sessionInterrupted, nil
				}
				return sessionFailed, err
			}
		}
	}
	return sessionCompleted, nil
}

// begin starts the clock of an operation.
func (s *session) begin(name int) {
	s.name, s.began, s.octets = name, s.recorder.now(), 0
}

// step executes one operation on the wire.
func (s *session) step(ctx context.Context, o *op) (err error) {
	switch o.code {
	case opConnect:
		if s.talk, err = s.dial(ctx); err == nil {
			s.talk.CountInto(&s.recorder.moved)
		}
	case opEnter:
		err = s.talk.Enter(ctx)
	case opCommand:
		var r probe.Reply
		if r, err = s.talk.Do(ctx, s.text(o)); err == nil {
			s.owed = r.Preliminary()
			err = s.expect(r, o.class, probe.Opening)
		}
	case opPassive:
		s.offer, err = s.talk.Passive(ctx)
	case opOpenData:
		s.data, err = s.talk.DialData(ctx, s.offer.Dial(s.address, s.talk.Peer()))
	case opSecureData:
		if s.talk.Protected() {
			err = s.data.Handshake(ctx)
		}
		s.data.Begin()
	case opDrain:
		if err = s.data.Receive(ctx, s.sums.begin(o.sum)); err == nil {
			s.recorder.transfer(s.began, s.data.Movement())
		}
	case opFeed:
		if err = s.data.Feed(ctx, o.size); err == nil {
			s.recorder.transfer(s.began, s.data.Movement())
			err = s.data.Finish(ctx)
		}
	case opCloseData:
		s.closeData()
	case opComplete:
		var r probe.Reply
		s.owed = false
		if r, err = s.talk.Complete(ctx); err == nil {
			err = s.expect(r, o.class, probe.Completion)
		}
	case opVerify:
		if s.octets != o.size {
			err = &verifyError{fmt.Sprintf("%d octets", s.octets), strconv.FormatInt(o.size, 10)}
		}
	case opVerifySum:
		got, want := s.sums.digest(o.sum), o.digest
		if want == "" {
			want = s.contents[o.size]
		}
		if got != want {
			err = &verifyError{o.sum.String() + " " + got, want}
		}
	case opClaim:
		path := s.text(o)
		if s.occupied(path) {
			return &occupiedError{path}
		}
		s.recorder.made(path)
	case opQuit:
		var r probe.Reply
		if r, err = s.talk.Quit(ctx); err == nil {
			err = s.expect(r, o.class, probe.Quit)
		}
	}
	return err
}

// text is the text of an operation with its variables replaced.
func (s *session) text(o *op) string {
	if !o.variable {
		return o.text
	}
	p := s.place
	p.iteration = 1
	if o.depth > 0 {
		p.iteration = s.counters[o.depth-1] + 1
	}
	return p.expand(o.text)
}

// expect makes an error of a reply of another class.
func (s *session) expect(r probe.Reply, class int, phase probe.Phase) error {
	if r.Class() == class {
		return nil
	}
	return s.talk.Refusal(phase, r)
}

func (s *session) closeData() {
	if s.data != nil {
		s.octets += s.data.Bytes()
		// Close of a connection that has served its purpose has nothing to report.
		_ = s.data.Close()
		s.data = nil
	}
}

// fail records an error, with what the server has to say about it.
func (s *session) fail(ctx context.Context, err error) {
	s.closeData()
	var t *probe.Transcript
	if s.talk != nil {
		t = s.talk.Transcript()
		if s.owed && probe.CauseOf(err) != probe.Refusal {
			ctx, cancel := context.WithTimeout(ctx, afterword)
			_, _ = s.talk.Complete(ctx)
			cancel()
		}
	}
	s.recorder.failed(s.name, s.began, s.octets, err, t)
}

// leave ends a session that was interrupted, as politely as the time allows.
func (s *session) leave(ctx context.Context) {
	s.closeData()
	if s.talk == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_, _ = s.talk.Quit(ctx)
}

func (s *session) close() {
	s.closeData()
	if s.talk != nil {
		s.talk.Close()
	}
}

// pause waits and tells whether it could wait to the end.
func pause(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
