package report

import "fmt"

// Verdict is how a requirement fared, after its level was taken into account.
type Verdict string

// The verdicts: met; worth a warning; not met; recorded, since there is nothing
// to meet; not judged, because a precondition is missing; the facts decide
// neither way; the tool or the network failed. The last two come with a
// baseline: a failure that was expected, and one that was expected but is gone.
const (
	Pass         Verdict = "pass"
	Warn         Verdict = "warn"
	Fail         Verdict = "fail"
	Info         Verdict = "info"
	Skip         Verdict = "skip"
	Inconclusive Verdict = "inconclusive"
	Error        Verdict = "error"
	XFail        Verdict = "xfail"
	XPass        Verdict = "xpass"
)

// Verdicts lists all verdicts in the order in which they are shown.
var Verdicts = []Verdict{Pass, Info, Warn, Fail, Skip, Inconclusive, Error, XFail, XPass}

// Level is how binding a requirement is.
type Level string

// The levels. Practice marks what no RFC demands but working clients need.
const (
	Must      Level = "MUST"
	MustNot   Level = "MUST NOT"
	Should    Level = "SHOULD"
	ShouldNot Level = "SHOULD NOT"
	May       Level = "MAY"
	Practice  Level = "PRACTICE"
)

// Severity says how much a passive-mode user suffers when the requirement is
// not met. It is independent of the level.
type Severity string

// The severities: transfers fail or data are wrong; common clients break in
// some situations; rarely noticed.
const (
	Critical Severity = "critical"
	Major    Severity = "major"
	Minor    Severity = "minor"
)

// Outcome is what a check saw, before the level was taken into account.
type Outcome int

// The outcomes. A requirement can be met with notes; notes do not change the
// outcome.
const (
	// Met: the requirement is met.
	Met Outcome = iota
	// Tolerated: met when judged leniently, not met when judged strictly.
	Tolerated
	// NotMet: the server did something else than the requirement asks.
	NotMet
	// Warned: worth a warning whatever the level.
	Warned
	// Recorded: there is nothing to meet; the behaviour is written down.
	Recorded
	// Skipped: a precondition is missing, so nothing was judged.
	Skipped
	// Undecided: the facts decide neither way.
	Undecided
	// Broken: the tool or the network failed, not the server.
	Broken
)

// Weigh turns the level of a requirement and the outcome of its check into a
// verdict. A level SHOULD that is not met warns, and fails in strict mode;
// PRACTICE never fails, because no text forbids what was seen.
func Weigh(level Level, outcome Outcome, strict bool) Verdict {
	switch outcome {
	case Met:
		if level == May {
			return Info
		}
		return Pass
	case Tolerated:
		if !strict {
			return Weigh(level, Met, strict)
		}
		return Weigh(level, NotMet, strict)
	case NotMet:
		switch level {
		case Must, MustNot, May:
			return Fail
		case Should, ShouldNot:
			if strict {
				return Fail
			}
			return Warn
		default:
			return Warn
		}
	case Warned:
		return Warn
	case Recorded:
		return Info
	case Skipped:
		return Skip
	case Undecided:
		return Inconclusive
	default:
		return Error
	}
}

// FailOn says which verdicts against the server turn the exit code.
type FailOn string

// The values of --fail-on.
const (
	FailOnFail         FailOn = "fail"
	FailOnWarn         FailOn = "warn"
	FailOnWarnCritical FailOn = "warn:critical"
	FailOnWarnMajor    FailOn = "warn:major"
)

// ParseFailOn reads a value of --fail-on.
func ParseFailOn(s string) (FailOn, error) {
	switch f := FailOn(s); f {
	case FailOnFail, FailOnWarn, FailOnWarnCritical, FailOnWarnMajor:
		return f, nil
	}
	return "", fmt.Errorf("%q is none of fail, warn, warn:critical, warn:major", s)
}

// Counts says whether a result with this verdict and severity turns the exit
// code. The zero value is [FailOnFail].
func (f FailOn) Counts(v Verdict, s Severity) bool {
	switch v {
	case Fail, XPass:
		return true
	case Warn:
		switch f {
		case FailOnWarn:
			return true
		case FailOnWarnMajor:
			return s == Critical || s == Major
		case FailOnWarnCritical:
			return s == Critical
		}
	}
	return false
}
