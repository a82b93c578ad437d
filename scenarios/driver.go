package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
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
	// dial opens the control connection of a session, by its number.
	dial func(ctx context.Context, session int64) (conversation, error)
	// address says which address of a 227 is dialled.
	address probe.AddressPolicy
	// target is where a session goes, by its number, as an index below targets; nil
	// when there is one target.
	target  func(session int64) int
	targets int
	// occupied tells the files that were at a target before the run.
	occupied func(target int, path string) bool
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

	// rate bounds the data connections, in octets per second; zero: it does not.
	rate int64
	// due is when the first operation was to begin, if that is not negative.
	// Until it has ended, the session is scheduled.
	due       time.Duration
	scheduled bool

	// The operation that is going on.
	name   int
	began  time.Duration
	octets int64
	// owed tells that the server has begun a transfer and owes its final reply.
	owed bool
	// refused tells that the operation was refused as it had to be.
	refused bool
	// compared and content tell that what was received has been found right, and
	// that its content has.
	compared, content bool
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
// before its next operation, unless it holds; when hard ends, in the midst of
// one. An error is recorded already. What the first operation takes is counted
// from when it was due, if that is not negative.
func (d *driver) run(soft, hard context.Context, r *recorder, at place, due time.Duration) kind {
	s := &session{driver: d, recorder: r, place: at, due: due, scheduled: due >= 0}
	if d.target != nil {
		r.target = uint16(d.target(at.session))
	}
	r.active.Add(1)
	if due >= 0 {
		r.started(due)
	}
	end, err := s.execute(soft, hard)
	switch {
	case err == nil:
	case s.unable(err):
		end = sessionDropped
	default:
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
	// over tells that the load is over, and the session is to come to its end.
	over := false
	for pc := 0; pc < len(ops); pc++ {
		o := &ops[pc]
		switch o.code {
		case opBegin:
			if soft.Err() != nil {
				return sessionInterrupted, nil
			}
			s.begin(o.name)
		case opEnd:
			s.end(o.name)
		case opWait:
			if o.wait > stale {
				s.recorder.flush()
			}
			if !pause(soft, o.wait) {
				return sessionInterrupted, nil
			}
		case opHold:
			s.recorder.flush()
			if !over && s.hold(soft, o.wait) {
				break
			}
			if hard.Err() != nil {
				return sessionInterrupted, nil
			}
			over, soft, pc = true, hard, o.target-1
		case opPace:
			s.rate = o.size
		case opLoop:
			if s.counters[o.depth]++; s.counters[o.depth] < o.times && !over {
				pc = o.target - 1
			} else {
				s.counters[o.depth] = 0
			}
		case opChoose:
			pc = drawn(o.choices, rand.Int64N(o.choices[len(o.choices)-1].upTo)) - 1
		case opJump:
			pc = o.target - 1
		default:
			early, err := s.step(hard, o)
			if err != nil {
				if hard.Err() != nil {
					return sessionInterrupted, nil
				}
				return sessionFailed, err
			}
			if early {
				s.closeData()
				pc = o.target - 1
			}
		}
	}
	return sessionCompleted, nil
}

// drawn is the place that a number below the sum of all weights stands for.
func drawn(choices []choice, n int64) int {
	for _, c := range choices {
		if n < c.upTo {
			return c.target
		}
	}
	return choices[len(choices)-1].target
}

// begin starts the clock of an operation.
func (s *session) begin(name int) {
	s.name, s.began, s.octets, s.refused = name, s.recorder.now(), 0, false
	s.compared, s.content = false, false
	if s.due >= 0 {
		s.began, s.due = s.due, -1
	}
}

// end records an operation that came out as it had to.
func (s *session) end(name int) {
	if s.refused {
		s.recorder.refused(name, s.began)
	} else {
		s.recorder.operation(name, s.began, s.octets, s.talk.Timeline())
		if s.compared {
			s.recorder.verified(s.began, s.octets, s.content)
		}
	}
	s.scheduled = false
	s.talk.Timeline().Reset()
	s.talk.Transcript().Keep(remembered)
}

// hold waits, for ever if the time is zero, and tells whether it could wait to
// the end.
func (s *session) hold(soft context.Context, d time.Duration) bool {
	if d == 0 {
		<-soft.Done()
		return false
	}
	return pause(soft, d)
}

// step executes one operation on the wire. Early tells that a reply has ended
// what belongs to it.
func (s *session) step(ctx context.Context, o *op) (early bool, err error) {
	var r probe.Reply
	switch o.code {
	case opConnect:
		if s.talk, err = s.dial(ctx, s.place.session); err == nil {
			s.talk.CountInto(&s.recorder.moved[s.recorder.target])
			s.recorder.peer = s.talk.Peer()
		}
	case opEnter:
		if err = s.talk.Enter(ctx); err == nil {
			s.recorder.entered.Store(1)
			s.recorder.reached = true
		}
	case opDrop:
		s.recorder.entered.Store(0)
		s.talk.Close()
	case opCommand:
		if r, err = s.talk.Do(ctx, s.text(o)); err != nil {
			return false, err
		}
		if o.class != 1 && r.Preliminary() {
			if r, err = s.talk.Complete(ctx); err != nil {
				return false, err
			}
		}
		s.owed = r.Preliminary()
		phase := probe.Command
		if o.class == 1 {
			phase = probe.Opening
		}
		return s.accept(o, r, phase)
	case opPassive:
		if s.offer, err = s.talk.Passive(ctx); err == nil {
			s.recorder.offered(s.began, s.offer.Advertised.Port)
		}
		if err == nil || probe.CauseOf(err) == probe.Refusal {
			return s.accept(o, s.offer.Reply, probe.Passive)
		}
	case opOpenData:
		s.data, err = s.talk.DialData(ctx, s.offer.Dial(s.address, s.talk.Peer()))
	case opSecureData:
		if s.talk.Protected() {
			err = s.data.Handshake(ctx)
		}
		s.data.Begin()
	case opDrain, opReceive, opFeed:
		err = s.move(ctx, o)
	case opCloseData:
		s.closeData()
	case opComplete:
		s.owed = false
		if r, err = s.talk.Complete(ctx); err == nil {
			return s.accept(o, r, probe.Completion)
		}
	case opAbort:
		return false, s.abort(ctx, o)
	case opVerify:
		if s.octets != o.size {
			err = &verifyError{fmt.Sprintf("%d octets", s.octets), strconv.FormatInt(o.size, 10)}
		}
		s.compared = true
	case opVerifySum:
		got, want := s.sums.digest(o.sum), o.digest
		if want == "" {
			want = s.contents[o.size]
		}
		if got != want {
			err = &verifyError{o.sum.String() + " " + got, want}
		}
		s.compared, s.content = true, true
	case opClaim:
		path := s.text(o)
		if s.occupied(int(s.recorder.target), path) {
			return false, &occupiedError{path}
		}
		s.recorder.made(path)
	case opQuit:
		s.recorder.entered.Store(0)
		if r, err = s.talk.Quit(ctx); err == nil {
			return s.accept(o, r, probe.Quit)
		}
	}
	return false, err
}

// move moves the payload of a transfer.
func (s *session) move(ctx context.Context, o *op) (err error) {
	start := time.Now()
	switch {
	case o.code == opReceive:
		return drain(ctx, s.data, s.rate, o.size, nil)
	case o.code == opDrain && s.rate > 0:
		err = drain(ctx, s.data, s.rate, 0, s.sums.begin(o.sum))
	case o.code == opDrain:
		err = s.data.Receive(ctx, s.sums.begin(o.sum))
	case s.rate > 0:
		err = s.data.Send(ctx, &slowReader{throttle{rate: s.rate}, ctx, probe.Content(o.size)})
	default:
		err = s.data.Feed(ctx, o.size)
	}
	if err != nil {
		return err
	}
	m := s.data.Movement()
	if s.rate > 0 {
		s.recorder.transfer(s.began, limitPace, s.data.Bytes(), time.Since(start))
	} else {
		s.recorder.transfer(s.began, m.Limit(), m.Bytes, m.Elapsed)
	}
	if m.Known {
		s.recorder.socket(s.began, &m.Info)
	}
	if o.code == opFeed {
		err = s.data.Finish(ctx)
	}
	return err
}

// abort ends a transfer with ABOR. A server that answers both with one reply has
// ended it, whatever the reply is.
func (s *session) abort(ctx context.Context, o *op) error {
	s.owed = false
	i, err := s.data.Abort(ctx)
	s.closeData()
	if err != nil {
		return err
	}
	if i.Answer.IsZero() && o.class != noClass {
		return nil
	}
	if i.Answer.IsZero() {
		i.Answer = i.Final
	}
	_, err = s.accept(o, i.Answer, probe.Completion)
	return err
}

// text is the text of an operation with its variables replaced.
func (s *session) text(o *op) string {
	if !o.variable {
		return o.text
	}
	p := s.place
	if o.set > 0 {
		p.file = 1 + rand.Int64N(o.set)
	}
	p.iteration = 1
	if o.depth > 0 {
		p.iteration = s.counters[o.depth-1] + 1
	}
	return p.expand(o.text)
}

// accept makes an error of a reply that is not expected. Early tells that it is
// expected, and that the operation is over.
func (s *session) accept(o *op, r probe.Reply, phase probe.Phase) (early bool, err error) {
	switch {
	case r.Class() == o.class || o.class == anyReply:
		return false, nil
	case slices.Contains(o.codes, r.Code):
		s.refused = r.Negative()
		return o.target > 0, nil
	}
	return false, s.talk.Refusal(phase, r)
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

// unable tells that the session could not begin when it was due, because of this
// machine, and records why.
func (s *session) unable(err error) bool {
	if s.talk != nil || !s.scheduled || probe.CauseOf(err) != probe.Local {
		return false
	}
	s.recorder.dropped(s.began, reasonOf(err))
	return true
}

// leave ends a session that was interrupted, as politely as the time allows.
func (s *session) leave(ctx context.Context) {
	s.closeData()
	if s.talk == nil {
		return
	}
	s.recorder.entered.Store(0)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_, _ = s.talk.Quit(ctx)
}

func (s *session) close() {
	s.closeData()
	s.recorder.entered.Store(0)
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
