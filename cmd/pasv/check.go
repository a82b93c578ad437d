package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/cmd/internal/ginkgorun"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/baseline"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

// defaultJobs is how many requirements are judged at once: most of their time
// is waiting, and few servers limit an address to fewer sessions.
const defaultJobs = 8

// checking are the flags of check.
type checking struct {
	filter string
	strict bool
	failOn string
	jobs   int
	repeat int
	// slow, intrusive and readOnly say what may be tried.
	slow, intrusive, readOnly bool
	failFast, cleanup         bool
	baseline, writeBaseline   string
	required                  []string
	declared                  declarations

	accepted *baseline.Baseline
}

func newCheck() *cobra.Command {
	var c common
	var k checking
	cmd := &cobra.Command{
		Use:   "check [TARGET]",
		Short: "Judge which requirements the server meets",
		Example: `  pasv check ftp://user@ftp.example.com/
  pasv check --filter 'PASV && critical' --fail-on warn --junit report.xml ftp://user@host/
  pasv check --strict --baseline accepted.yaml ftpes://user@host/upload`,
		Args: cobra.MaximumNArgs(1),
	}
	c.register(cmd)
	f := cmd.Flags()
	f.StringVar(&k.filter, "filter", "", "judge only what matches, in Ginkgo's label `LANGUAGE` over ID, area, level, severity, slow, intrusive, alone")
	f.BoolVar(&k.strict, "strict", false, "judge strictly: SHOULD fails, nothing is tolerated")
	f.StringVar(&k.failOn, "fail-on", string(report.FailOnFail), "`WHAT` turns the exit code: fail, warn, warn:critical, warn:major")
	f.IntVarP(&k.jobs, "jobs", "j", defaultJobs, "judge `N` requirements at once")
	f.IntVar(&k.repeat, "repeat", 1, "judge everything `N` times; times that differ are inconclusive")
	f.BoolVar(&k.failFast, "fail-fast", false, "stop at the first verdict that turns the exit code")
	f.StringSliceVar(&k.required, "require", nil, "a skip of these requirements (`ID,…`) is a failure")
	f.StringVar(&k.baseline, "baseline", "", "accept the deviations that `FILE` lists")
	f.StringVar(&k.writeBaseline, "write-baseline", "", "write the deviations that were seen to `FILE`, for --baseline")
	f.BoolVar(&k.slow, "slow", false, "judge what takes longer than a minute, too")
	f.BoolVar(&k.intrusive, "intrusive", false, "judge what may trigger lock-outs or use up what the server has, too")
	f.BoolVar(&k.readOnly, "read-only", false, "write nothing to the account; what needs files of its own is skipped")
	f.Var(&k.declared, "declare", "how the server is configured, repeatable: "+declared)
	f.BoolVar(&k.cleanup, "cleanup", false, "judge nothing; remove what a killed run has left on the server")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		requirements, err := k.read()
		if err != nil {
			return err
		}
		failOn, err := report.ParseFailOn(k.failOn)
		if err != nil {
			return fmt.Errorf("--fail-on: %w", err)
		}
		j, err := c.begin(cmd, args)
		if err != nil {
			return err
		}
		if k.cleanup {
			return j.cleanup(cmd.Context(), k.jobs)
		}
		j.failOn = failOn
		j.check(cmd.Context(), k, requirements)
		if k.writeBaseline != "" && !j.report.Check.Unreached {
			if err := k.record(j.report.Check.Results); err != nil {
				return err
			}
		}
		return j.end(cmd.Context())
	}
	return cmd
}

// read looks at the flags and at the files that they name, before anything is
// said to the server.
func (k *checking) read() ([]*spec.Requirement, error) {
	requirements, err := catalog.Select(k.filter)
	if err != nil {
		return nil, fmt.Errorf("--filter: %w", err)
	}
	switch {
	case k.jobs < 1:
		return nil, errors.New("--jobs must be at least 1")
	case k.repeat < 1:
		return nil, errors.New("--repeat must be at least 1")
	}
	for i, id := range k.required {
		r, ok := catalog.ByID(strings.TrimSpace(id))
		if !ok {
			return nil, fmt.Errorf("--require: %q is no requirement", id)
		}
		k.required[i] = r.ID
	}
	if k.baseline != "" {
		known := func(id string) bool { _, ok := catalog.ByID(id); return ok }
		if k.accepted, err = baseline.Load(k.baseline, known); err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
	}
	return requirements, nil
}

// record writes a baseline.
func (k *checking) record(results []report.Result) error {
	content, err := baseline.Record(results, k.accepted).Bytes()
	if err == nil {
		err = os.WriteFile(k.writeBaseline, content, 0o644)
	}
	if err != nil {
		return fmt.Errorf("--write-baseline: %w", err)
	}
	return nil
}

// final is a result after what the flags say about it.
func (k *checking) final(r report.Result) report.Result {
	if r.Verdict == report.Skip && slices.Contains(k.required, r.ID) {
		r.Verdict, r.Reason = report.Fail, "required by --require, but skipped: "+r.Reason
	}
	if k.accepted != nil {
		r = k.accepted.Apply(r, time.Now())
	}
	return r
}

// check judges the requirements into the report.
func (j *job) check(ctx context.Context, k checking, requirements []*spec.Requirement) {
	judge := &spec.Judge{
		Dialer: j.dialer, Target: j.target, Strict: k.strict, FailOn: j.failOn,
		Slow: k.slow, Intrusive: k.intrusive, ReadOnly: k.readOnly, Repeat: k.repeat,
		Declared: j.declared(k.declared.Declared),
	}
	result := &report.Check{Strict: k.strict, FailOn: j.failOn}
	j.report.Check = result
	if err := judge.Reach(ctx); err != nil {
		result.Unreached = true
		j.unreached(err)
		return
	}
	j.meet(judge.Peer(), judge.Greeting())
	progress := j.display.Job("check", len(requirements))
	judging, stop := context.WithCancel(ctx)
	defer stop()
	ginkgorun.Run(judging, judge, requirements, k.jobs, func(r report.Result) {
		if judging.Err() != nil && ctx.Err() == nil {
			return // what --fail-fast cut short
		}
		r = k.final(r)
		result.Add(r)
		j.sayResult(r)
		progress.Set(len(result.Results), r.ID+" "+string(r.Verdict))
		if k.failFast && judge.Counts(r) {
			stop()
		}
	})
	if err := judge.Close(ctx); err != nil {
		j.complain("what was made on the server is not all removed: %v", err)
	}
	catalog.Sort(result.Results)
	progress.Done(fmt.Sprintf("%d of %d judged", len(result.Results), len(requirements)))
}

// declared adds to what the user has declared what is known of the embedded server.
func (j *job) declared(d spec.Declared) spec.Declared {
	j.secrets = append(j.secrets, string(d.Account.Pass), string(d.Account.Account))
	if len(j.sources) > 1 {
		d.Source2 = j.sources[1]
	}
	if j.embedded != nil && len(d.Hosts) == 0 {
		d.Hosts = embeddedHosts
	}
	return d
}

// cleanup removes what killed runs have left, and names it.
func (j *job) cleanup(ctx context.Context, sessions int) error {
	defer j.close()
	removed, err := spec.Cleanup(ctx, j.dialer, j.target, sessions)
	for _, name := range removed {
		fmt.Fprintf(j.stdout, "removed %s\n", report.Printable(name))
	}
	if err != nil {
		j.complain("cannot clean up at %s: %v", j.target, err)
		return exit(report.ExitTarget)
	}
	if len(removed) == 0 && !j.quiet {
		fmt.Fprintln(j.stdout, "nothing was left")
	}
	return nil
}
