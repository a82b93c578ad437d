package main

import (
	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/suites/catalog"
)

// smoke is the built-in scenario that run puts on the server.
const smoke = "smoke"

func newRun() *cobra.Command {
	var c common
	cmd := &cobra.Command{
		Use:   "run [TARGET]",
		Short: "Check, a short load and diagnose, in one report",
		Example: `  pasv run
  pasv run --json report.json ftp://user@ftp.example.com/`,
		Args: cobra.MaximumNArgs(1),
	}
	c.register(cmd)
	c.watch(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		j, err := c.begin(cmd, args)
		if err != nil {
			return err
		}
		scenario, err := openScenario(smoke, nil)
		if err != nil {
			return err
		}
		j.check(ctx, checking{jobs: defaultJobs}, catalog.All())
		if ctx.Err() == nil && !j.report.Check.Unreached {
			j.load(ctx, scenario, aim{})
		}
		if ctx.Err() == nil && !j.report.Check.Unreached {
			j.diagnose(ctx, diagnosing{})
		}
		return j.end(ctx)
	}
	return cmd
}
