package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/cmd/internal/ginkgorun"
	"github.com/passiveftp/pasv/report"
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
	// slow, intrusive and readOnly say what may be tried.
	slow, intrusive, readOnly bool
}

func newCheck() *cobra.Command {
	var c common
	var k checking
	cmd := &cobra.Command{
		Use:   "check [TARGET]",
		Short: "Judge which requirements the server meets",
		Example: `  pasv check ftp://user@ftp.example.com/
  pasv check --filter 'PASV && critical' --fail-on warn --junit report.xml ftp://user@host/
  pasv check --strict ftpes://user@host/upload`,
		Args: cobra.MaximumNArgs(1),
	}
	c.register(cmd)
	f := cmd.Flags()
	f.StringVar(&k.filter, "filter", "", "judge only what matches, in Ginkgo's label `LANGUAGE` over ID, area, level, severity")
	f.BoolVar(&k.strict, "strict", false, "judge strictly: SHOULD fails, nothing is tolerated")
	f.StringVar(&k.failOn, "fail-on", string(report.FailOnFail), "`WHAT` turns the exit code: fail, warn, warn:critical, warn:major")
	f.IntVarP(&k.jobs, "jobs", "j", defaultJobs, "judge `N` requirements at once")
	f.BoolVar(&k.slow, "slow", false, "judge what takes longer than a minute, too")
	f.BoolVar(&k.intrusive, "intrusive", false, "judge what may trigger lock-outs or use up what the server has, too")
	f.BoolVar(&k.readOnly, "read-only", false, "write nothing to the account; what needs files of its own is skipped")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		requirements, err := catalog.Select(k.filter)
		if err != nil {
			return fmt.Errorf("--filter: %w", err)
		}
		failOn, err := report.ParseFailOn(k.failOn)
		if err != nil {
			return fmt.Errorf("--fail-on: %w", err)
		}
		if k.jobs < 1 {
			return errors.New("--jobs must be at least 1")
		}
		j, err := c.begin(cmd, args)
		if err != nil {
			return err
		}
		j.failOn = failOn
		j.check(cmd.Context(), k, requirements)
		return j.end(cmd.Context())
	}
	return cmd
}

// check judges the requirements into the report.
func (j *job) check(ctx context.Context, k checking, requirements []*spec.Requirement) {
	judge := &spec.Judge{
		Dialer: j.dialer, Target: j.target, Strict: k.strict, FailOn: j.failOn,
		Slow: k.slow, Intrusive: k.intrusive, ReadOnly: k.readOnly,
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
	ginkgorun.Run(ctx, judge, requirements, k.jobs, func(r report.Result) {
		result.Add(r)
		progress.Set(len(result.Results), r.ID+" "+string(r.Verdict))
	})
	if err := judge.Close(ctx); err != nil {
		fmt.Fprintf(j.stderr, "pasv: what was made on the server is not all removed: %s\n", report.Printable(err.Error()))
	}
	catalog.Sort(result.Results)
	progress.Done(fmt.Sprintf("%d of %d judged", len(result.Results), len(requirements)))
}
