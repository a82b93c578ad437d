package spec

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"
	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// T is what a check has in its hands: sessions, expectations, and ways to say
// what it saw. It is used by the goroutine of the check alone.
type T struct {
	judge    *Judge
	sessions []*probe.Session
	notes    []string
	outcome  report.Outcome
	reason   string
	expected string
	seen     string
	elapsed  time.Duration
	stalls   []string // the errors of a server that said nothing for too long
	silence  bool     // that is what the check has ended for
	// dismissed tells that the last word of the server in a session was 421.
	dismissed bool

	requirement *Requirement
	room        string       // the directory of this check, once it is made
	watched     []probe.Line // of the session that a watching requirement accuses
}

// stop ends a check from within; the judge recovers it.
type stop struct{}

// end records the outcome and leaves the check.
func (t *T) end(o report.Outcome, format string, args ...any) {
	t.outcome, t.reason = o, fmt.Sprintf(format, args...)
	t.silence = slices.ContainsFunc(t.stalls, func(stall string) bool { return strings.Contains(t.reason, stall) })
	panic(stop{})
}

// Note records what is worth knowing and changes nothing about the verdict.
func (t *T) Note(format string, args ...any) {
	t.notes = noted(t.notes, format, args)
}

// noted adds a note to others, unless it is there already.
func noted(notes []string, format string, args []any) []string {
	note := fmt.Sprintf(format, args...)
	if slices.Contains(notes, note) || len(notes) == maxNotes {
		return notes
	}
	return append(notes, note)
}

// maxNotes bounds what a server can have noted about itself.
const maxNotes = 50

// Warn ends the check with a warning, whatever the level of the requirement.
func (t *T) Warn(expected, seen string) {
	t.expected, t.seen = expected, seen
	t.end(report.Warned, "expected %s; saw %s", expected, seen)
}

// Tolerate says that what was seen meets the requirement only when judged
// leniently. The check goes on.
func (t *T) Tolerate(expected, seen string) {
	t.outcome, t.expected, t.seen = report.Tolerated, expected, seen
	t.reason = fmt.Sprintf("expected %s; saw %s", expected, seen)
	t.Note("tolerated: %s", seen)
}

// Fail ends the check: the requirement is not met.
func (t *T) Fail(expected, seen string) {
	t.expected, t.seen = expected, seen
	t.end(report.NotMet, "expected %s; saw %s", expected, seen)
}

// Skip ends the check: it cannot be judged here.
func (t *T) Skip(format string, args ...any) { t.end(report.Skipped, format, args...) }

// Inconclusive ends the check: the facts decide neither way.
func (t *T) Inconclusive(format string, args ...any) { t.end(report.Undecided, format, args...) }

// Record ends the check of a behaviour that is written down and not judged.
func (t *T) Record(format string, args ...any) { t.end(report.Recorded, format, args...) }

// Raw opens a control connection of the check's own and reads nothing, not even
// the greeting; with [probe.Implicit] security it runs under TLS. The judge
// closes it.
func (t *T) Raw(ctx context.Context) *probe.Session {
	s, err := t.judge.connect(ctx)
	if err != nil {
		t.end(report.Broken, "server unreachable: %v", err)
	}
	return t.Keep(s)
}

// Dial opens a control connection, reads its greeting, and secures it as the
// target asks for, so that a password can be sent. It does not log in. The judge
// closes it.
func (t *T) Dial(ctx context.Context) *probe.Session {
	s := t.DialClear(ctx)
	if t.judge.Target.Security == probe.Explicit {
		if _, err := s.StartTLS(ctx); err != nil {
			t.Blame(err)
			t.Skip("missing: tls (%v)", err)
		}
	}
	return s
}

// DialClear is [T.Dial] without TLS, unless the target has it from the first
// octet. No password may be sent on it when the target asks for TLS: see
// [T.MayLogIn].
func (t *T) DialClear(ctx context.Context) *probe.Session {
	return t.patiently(ctx, t.judge.dial, "a session")
}

// MayLogIn skips the check when a password would go over s in the clear although
// the target asks for TLS.
func (t *T) MayLogIn(s *probe.Session) {
	if t.judge.Target.Security != probe.Plain && s.TLS() == nil {
		t.Skip("no password is sent in the clear to a target that asks for TLS")
	}
}

// With is a judge's [probe.Dialer] and [probe.Target], changed for one check:
// another source address, other TLS versions.
func (t *T) With(change func(*probe.Dialer, *probe.Target)) (*probe.Dialer, probe.Target) {
	d, target := *t.judge.Dialer, t.judge.Target
	change(&d, &target)
	return &d, target
}

// Keep has the judge close a session that the check opened by itself.
func (t *T) Keep(s *probe.Session) *probe.Session {
	t.sessions = append(t.sessions, s)
	return s
}

// patiently is [Judge.patiently] for a check: what it needs to know is missing
// when the server refuses.
func (t *T) patiently(ctx context.Context, connect func(context.Context) (*probe.Session, error), what string) *probe.Session {
	s, err := t.judge.patiently(ctx, connect)
	if err != nil {
		if probe.CauseOf(err) == probe.Refusal {
			t.Skip("missing: %s (%v)", what, err)
		}
		t.end(report.Broken, "server unreachable: %v", err)
	}
	return t.Keep(s)
}

// May tells whether the run allows what is [Slow] or [Intrusive], for checks that
// can do more where it does.
func (t *T) May(need Needs) bool {
	return t.judge.lacks(context.Background(), need&(Slow|Intrusive)) == nil
}

// Target is the server and the account.
func (t *T) Target() probe.Target { return t.judge.Target }

// Declared is what the operator has said about the server.
func (t *T) Declared() Declared { return t.judge.Declared }

// Source2 is a second address to connect from.
func (t *T) Source2() netip.Addr { return t.judge.source2() }

// Features is the answer to FEAT; empty when there is none.
func (t *T) Features(ctx context.Context) probe.Features {
	f, _ := t.judge.features(ctx)
	return f
}

// Has tells whether a feature is listed, or works all the same.
func (t *T) Has(ctx context.Context, feature string) bool { return t.judge.feature(ctx, feature) }

// Login opens a session that is logged in and set up as the target asks for:
// TLS, TYPE I, directory. A server that is full for the moment is given time.
func (t *T) Login(ctx context.Context) *probe.Session {
	return t.patiently(ctx, t.judge.open, "login")
}

// Wait is [T.Sleep] for the long waits of slow requirements, which their own
// tests shorten.
func (t *T) Wait(ctx context.Context, d time.Duration) { t.Sleep(ctx, t.Shortened(d)) }

// Shortened is d as [Judge.Shorten] leaves it.
func (t *T) Shortened(d time.Duration) time.Duration {
	if t.judge.Shorten > 1 {
		return d / time.Duration(t.judge.Shorten)
	}
	return d
}

// Sleep waits while the server is expected to do, or not to do, something.
func (t *T) Sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
		t.Inconclusive("%v", ctx.Err())
	}
}

// Expect begins an expectation on a reply, an endpoint, an error or any other
// value, to be ended with To or NotTo and a Gomega matcher.
func (t *T) Expect(actual any) Assertion { return Assertion{t, actual} }

// Assertion is an expectation on a value.
type Assertion struct {
	t      *T
	actual any
}

// Expectation is implemented by matchers that can say in a few words what they
// expect ("reply code 227"), and by those that can what they saw.
type Expectation interface{ Expectation() string }

// To expects that the matcher matches. The optional explanation says in what
// situation; it begins the reason of a failure.
func (a Assertion) To(m types.GomegaMatcher, explain ...any) { a.match(m, true, explain) }

// NotTo expects that the matcher does not match.
func (a Assertion) NotTo(m types.GomegaMatcher, explain ...any) { a.match(m, false, explain) }

func (a Assertion) match(m types.GomegaMatcher, want bool, explain []any) {
	ok, err := m.Match(a.actual)
	if err == nil && ok == want {
		return
	}
	if e, isErr := a.actual.(error); isErr {
		a.t.Blame(e)
	}
	expected, seen := a.describe(m, want), show(a.actual)
	if err != nil {
		a.t.end(report.Broken, "the check itself is wrong: %v", err)
	}
	if len(explain) > 0 {
		format, _ := explain[0].(string)
		expected = fmt.Sprintf(format, explain[1:]...) + ": " + expected
	}
	a.t.Fail(expected, seen)
}

// Do sends a command and returns the reply to it. That there is none, or that
// the session ends instead, is a failure of the requirement.
func (t *T) Do(ctx context.Context, s *probe.Session, line string) probe.Reply {
	r, err := s.Do(ctx, line)
	if err != nil && tired(s) {
		t.Skip("the server puts up with a few refusals in a session only: %s", s.Last())
	}
	t.expectNo(err, "a reply to "+probe.Printable(line))
	return r
}

// tired tells that a server has ended the session with 421 after it had refused
// several commands in it, which is not about the last of them (RFC 959 §4.2.2: 421
// "may be a reply to any command").
func tired(s *probe.Session) bool {
	if s.Last().Code != 421 {
		return false
	}
	refusals := 0
	for _, l := range s.Transcript().Lines() {
		if l.Dir == probe.Received && strings.HasPrefix(l.Text, "5") {
			refusals++
		}
	}
	return refusals >= 2
}

// Receive is the next reply to the last command; its lack fails like that of [T.Do].
func (t *T) Receive(ctx context.Context, s *probe.Session, what string) probe.Reply {
	r, err := s.Receive(ctx)
	t.expectNo(err, what)
	return r
}

// Blame ends the check when an error is not the server's doing. A check that ends
// without an answer, or fails, in the words of an error of silence, which it was
// shown, is tried again.
func (t *T) Blame(err error) {
	switch probe.CauseOf(err) {
	case probe.Stalled:
		t.stalls = append(t.stalls, err.Error())
	case probe.Canceled:
		t.Inconclusive("interrupted")
	case probe.Local:
		t.end(report.Broken, "this machine is the limit: %v", err)
	}
}

func (a Assertion) describe(m types.GomegaMatcher, want bool) string {
	if e, ok := m.(Expectation); ok && want {
		return e.Expectation()
	}
	if _, isErr := a.actual.(error); isErr && !want {
		return "no error"
	}
	message := m.FailureMessage(a.actual)
	if !want {
		message = m.NegatedFailureMessage(a.actual)
	}
	// Gomega's message names the value first and the expectation after it.
	for _, line := range strings.Split(message, "\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "to ") || strings.HasPrefix(line, "not to ") {
			return strings.TrimPrefix(line, "to ")
		}
	}
	return strings.Join(strings.Fields(message), " ")
}

// show is a value in one printable line.
func show(v any) string {
	switch v := v.(type) {
	case fmt.Stringer:
		return v.String()
	case error:
		return v.Error()
	case string:
		return probe.Printable(v)
	}
	return strings.Join(strings.Fields(format.Object(v, 0)), " ")
}
