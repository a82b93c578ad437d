package control

import (
	"context"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// happening is what came of listening to a control connection.
type happening struct {
	kind  happens
	reply probe.Reply // whole, if one came
	text  string      // what came, or how the connection ended
}

type happens int

const (
	// silent: nothing came.
	silent happens = iota
	// spoke: a reply came, or something that is none.
	spoke
	// speaking: the beginning of a reply came.
	speaking
	// ended: the server closed the connection or reset it.
	ended
)

// listen waits for d for something to happen on the control connection.
func listen(ctx context.Context, t *spec.T, s *probe.Session, d time.Duration) happening {
	listening, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		r, err := s.Receive(listening)
		if err == nil {
			return happening{spoke, r, r.String()}
		}
		t.Blame(err)
		switch probe.CauseOf(err) {
		case probe.Closed, probe.Reset:
			return happening{ended, r, err.Error()}
		case probe.Stalled:
			if ctx.Err() != nil {
				t.Inconclusive("%v", ctx.Err())
			}
			if listening.Err() == nil {
				continue // the patience for one reply is shorter than d
			}
			if came := cut(s); came != "" {
				return happening{speaking, r, probe.Printable(came)}
			}
			return happening{kind: silent}
		}
		return happening{spoke, r, err.Error()}
	}
}

// cut is what has come of a reply that has not come to its end.
func cut(s *probe.Session) string {
	events := s.Transcript().Events()
	if len(events) == 0 || events[len(events)-1].Kind != probe.ReplyCut {
		return ""
	}
	return events[len(events)-1].Rest
}

// once expects that nothing follows the reply to a command: for a second, since
// what comes much later answers something else. An impatient server may say 421.
func once(ctx context.Context, t *spec.T, s *probe.Session, what string) {
	if e := listen(ctx, t, s, time.Second); e.kind == speaking || e.kind == spoke && e.reply.Code != 421 {
		t.Fail("one reply to "+what, "another one: "+e.text)
	}
}
