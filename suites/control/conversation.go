package control

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// conversation is what a curious client might say. It changes nothing on the
// server. The requirements that watch every session have it watched, so that
// each of them can be judged alone.
var conversation = []string{
	"SYST", "FEAT", "HELP", "HELP NOOP", "HELP SITE", "STAT", "PWD", "CWD .",
	"TYPE A", "TYPE I", "MODE S", "STRU F", "NOOP", "ALLO 1", "PWD", "REST 0",
	"SIZE " + nothing, "MDTM " + nothing, "MLST", "RNFR " + nothing, nonsense,
	"LIST", "NLST", "QUIT",
}

const (
	// nothing is a file that is not there.
	nothing = "pasv-no-such-file"
	// nonsense is a verb that no server knows.
	nonsense = "XYZZ"
)

// lost is a reply that did not come, or not to its end.
type lost struct {
	where string // "in answer to PWD"
	err   error
	// opening is a 1yz reply that came before.
	opening probe.Reply
	// rest is what had come of the reply.
	rest string
	// certain tells that no more will come: the connection has ended, or there
	// was silence. Otherwise the server may just be slow.
	certain bool
}

// mostLost is how many replies a conversation goes on without.
const mostLost = 3

// converse holds the conversation, in a new session when a reply was lost. Where
// nobody can log in there is little to watch, and the check is skipped.
func converse(ctx context.Context, t *spec.T) []lost {
	var all []lost
	for lines := conversation; len(lines) > 0 && len(all) < mostLost; {
		said, l := talk(ctx, t, t.Raw(ctx), lines)
		lines = lines[said:]
		if l != nil {
			all = append(all, *l)
		}
	}
	return all
}

// talk logs in and says as many of the lines as it can.
func talk(ctx context.Context, t *spec.T, s *probe.Session, lines []string) (said int, l *lost) {
	began := time.Now()
	lose := func(where string, err error) *lost {
		t.Blame(err)
		return &lost{where: where, err: err, rest: cut(s), certain: certain(t, err, time.Since(began))}
	}
	greeting, err := s.Receive(ctx)
	for err == nil && greeting.Code == 120 {
		greeting, err = s.Receive(ctx)
	}
	if err != nil {
		return len(lines), lose("in the greeting", err)
	}
	if greeting.Code != 220 {
		t.Skip("missing: login (the greeting is %s)", greeting)
	}
	switch err := s.Enter(ctx); {
	case probe.CauseOf(err) == probe.Refusal:
		t.Skip("missing: login (%v)", err)
	case err != nil:
		return len(lines), lose("in answer to the login", err)
	}
	for i, line := range lines {
		began = time.Now()
		var r probe.Reply
		var err error
		if line == "LIST" || line == "NLST" {
			err = takes(ctx, t, s, line)
		} else if r, err = s.Do(ctx, line); err == nil && r.Preliminary() {
			_, err = s.Complete(ctx)
		}
		if err != nil {
			l := lose("in answer to "+line, err)
			l.opening = r
			return i + 1, l
		}
	}
	return len(lines), nil
}

// takes runs a command that brings data, and does without where no data
// connection is to be had: that has requirements of its own.
func takes(ctx context.Context, t *spec.T, s *probe.Session, line string) error {
	c, err := passive(ctx, t, s)
	if c == nil {
		return err
	}
	return t.TakeOn(ctx, s, c, line).Err
}

// passive opens a data connection; nil when the server offers none, or none that
// can be connected to. The error is that of a lost reply.
func passive(ctx context.Context, t *spec.T, s *probe.Session) (*probe.DataConn, error) {
	o, err := s.Passive(ctx)
	switch probe.CauseOf(err) {
	case probe.Refusal, probe.Unreadable:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
		return nil, nil
	}
	return c, nil
}

// certain tells a reply that will not come from one that drips.
func certain(t *spec.T, err error, took time.Duration) bool {
	switch probe.CauseOf(err) {
	case probe.Closed, probe.Reset, probe.Alien:
		return true
	case probe.Stalled:
		d, _ := t.With(func(*probe.Dialer, *probe.Target) {})
		patience := d.Timeout
		if patience == 0 {
			patience = probe.DefaultTimeout
		}
		return took < 2*patience
	}
	return false
}

// answer is a reply and where it was given.
type answer struct {
	where string // "in the greeting", "in answer to PWD"
	reply probe.Reply
}

// replies are all replies of a session, unasked ones too. Which command a reply
// answers need not be sure.
func replies(w *spec.Watched) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		for _, x := range w.Exchanges {
			for _, r := range x.Replies {
				if !yield(answer{where(x), r}) {
					return
				}
			}
		}
		for _, r := range w.Unasked {
			if !yield(answer{"unasked", r}) {
				return
			}
		}
	}
}

// where names the exchange that a reply belongs to.
func where(x spec.Exchange) string {
	switch verb := x.Verb(); {
	case verb == "":
		return "in the greeting"
	case len(verb) > 8 || strings.ContainsFunc(verb, func(r rune) bool { return r < 'A' || r > 'Z' }):
		return "in answer to a command"
	default:
		return "in answer to " + verb
	}
}
