package report

// Exit is the exit code of a run.
type Exit int

// The exit codes.
const (
	// ExitOK: everything asked was judged, and nothing unexpected was found.
	ExitOK Exit = 0
	// ExitVerdict: a verdict against the server, a broken threshold, or a fault found.
	ExitVerdict Exit = 1
	// ExitUsage: wrong usage, or a file that cannot be read or is invalid.
	ExitUsage Exit = 2
	// ExitTarget: the target could not be reached or logged in to, so nothing could be judged.
	ExitTarget Exit = 3
	// ExitIncomplete: the run was interrupted, or the generator was the limit.
	ExitIncomplete Exit = 4
)

// Meaning says in words what the exit code stands for.
func (e Exit) Meaning() string {
	switch e {
	case ExitOK:
		return "everything asked was judged, and nothing unexpected was found"
	case ExitVerdict:
		return "a verdict against the server"
	case ExitUsage:
		return "wrong usage, or a file that cannot be read or is invalid"
	case ExitTarget:
		return "the target could not be reached or logged in to, so nothing could be judged"
	case ExitIncomplete:
		return "the run was not completed, or the generator was the limit"
	}
	return "unknown"
}

// Weigh computes the exit code from what the jobs of the run found. An
// interrupted run says so first: what it found so far stands in the report, but
// nobody should take the code for that of a whole run. An unreachable target
// goes before verdicts, since it leaves none to give.
//
// What a load run measured is a verdict only if it describes the server: not
// when the generator was the limit; see [Load.DecideGenerator]. A load that this
// machine could not even begin is incomplete for the same reason: the command was
// right, and on a larger machine it would have run.
func (r *Run) Weigh(failOn FailOn) Exit {
	nothing := r.Check == nil && r.Load == nil && r.Diagnose == nil
	found, incomplete, unreached := false, false, nothing && r.Error != ""
	if c := r.Check; c != nil {
		unreached = unreached || c.Unreached
		for _, res := range c.Results {
			found = found || failOn.Counts(res.Verdict, res.Severity)
			incomplete = incomplete || res.Verdict == Error
		}
	}
	if l := r.Load; l != nil {
		unreached = unreached || l.Unreached && !l.GeneratorLimited()
		if l.GeneratorLimited() {
			incomplete = true
		} else {
			found = found || l.Broken() > 0 || l.Sessions.Failed > 0 && len(l.Thresholds) == 0
		}
	}
	if d := r.Diagnose; d != nil {
		for _, f := range d.Findings {
			unreached = unreached || f.Code.Unreached()
			found = found || f.Counts()
		}
	}
	switch {
	case r.Partial:
		return ExitIncomplete
	case unreached:
		return ExitTarget
	case found:
		return ExitVerdict
	case incomplete:
		return ExitIncomplete
	}
	return ExitOK
}
