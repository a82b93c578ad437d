package spec

import (
	"context"
	"errors"
	"fmt"
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
}

// stop ends a check from within; the judge recovers it.
type stop struct{}

// end records the outcome and leaves the check.
func (t *T) end(o report.Outcome, format string, args ...any) {
	t.outcome, t.reason = o, fmt.Sprintf(format, args...)
	panic(stop{})
}

// Note records what is worth knowing and changes nothing about the verdict.
func (t *T) Note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	for _, n := range t.notes {
		if n == note {
			return
		}
	}
	t.notes = append(t.notes, note)
}

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

// Dial opens a control connection of the check's own and reads its greeting.
// The judge closes it.
func (t *T) Dial(ctx context.Context) *probe.Session {
	s, err := t.judge.dial(ctx)
	if err != nil {
		t.end(report.Broken, "server unreachable: %v", err)
	}
	t.sessions = append(t.sessions, s)
	return s
}

// Login opens a session that is logged in and set up as the target asks for:
// TLS, TYPE I, directory. A server that is full for the moment is given time.
func (t *T) Login(ctx context.Context) *probe.Session {
	for try := 1; ; try++ {
		s, err := t.judge.open(ctx)
		if err == nil {
			t.sessions = append(t.sessions, s)
			return s
		}
		var e *probe.Error
		if !errors.As(err, &e) || e.Cause != probe.Refusal {
			t.end(report.Broken, "server unreachable: %v", err)
		}
		if e.Reply.Class() != 4 || try == 5 {
			t.Skip("missing: login: %v", err)
		}
		t.Sleep(ctx, time.Second)
	}
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

// Blame ends the check when an error is not the server's doing.
func (t *T) Blame(err error) {
	switch probe.CauseOf(err) {
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

// ExpectCode judges a reply by the codes that a requirement names. Another code
// of the same class passes with a note, because RFC 1123 §4.1.2.11 lets a server
// use any code whose first digit is right; another class fails.
func (t *T) ExpectCode(r probe.Reply, codes ...int) {
	for _, c := range codes {
		if r.Code == c {
			return
		}
	}
	for _, c := range codes {
		if r.Class() == c/100 {
			t.Note("unlisted-code: %s where %s is listed", r, join(codes))
			return
		}
	}
	t.Fail("reply code "+join(codes), r.String())
}

func join(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(c)
	}
	return strings.Join(words, " or ")
}
