package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/cmd/internal/bars"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios/diagnose"
)

// diagnosing are the flags of diagnose.
type diagnosing struct {
	samples     int
	dataTimeout time.Duration
}

func newDiagnose() *cobra.Command {
	var c common
	var g diagnosing
	cmd := &cobra.Command{
		Use:   "diagnose [TARGET]",
		Short: "Find out why passive data connections fail",
		Example: `  pasv diagnose ftp://user@ftp.example.com/
  pasv diagnose --samples 50 --data-timeout 10s ftpes://user@host/`,
		Args: cobra.MaximumNArgs(1),
	}
	c.register(cmd)
	f := cmd.Flags()
	f.IntVar(&g.samples, "samples", diagnose.DefaultSamples, "ask for `N` passive ports to map the range")
	f.DurationVar(&g.dataTimeout, "data-timeout", diagnose.DefaultDataTimeout, "patience for a data connection to come up")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if g.samples < 1 || g.samples > 10_000 {
			return errors.New("--samples must be between 1 and 10000")
		}
		if g.dataTimeout <= 0 {
			return errors.New("--data-timeout must be more than 0")
		}
		j, err := c.begin(cmd, args)
		if err != nil {
			return err
		}
		j.diagnose(cmd.Context(), g)
		return j.end(cmd.Context())
	}
	return cmd
}

// diagnose looks for what is wrong with passive mode, into the report.
func (j *job) diagnose(ctx context.Context, g diagnosing) {
	var progress *bars.Job
	d, err := diagnose.Run(ctx, diagnose.Options{
		Dialer:      j.dialer,
		Target:      j.target,
		Samples:     g.samples,
		DataTimeout: g.dataTimeout,
		Progress: func(done, total int, what string) {
			if progress == nil {
				progress = j.display.Job("diagnose", total)
			}
			progress.Set(done, what)
		},
	})
	j.report.Diagnose = &d
	if progress != nil {
		progress.Done(verdict(d))
	}
	if err != nil && ctx.Err() == nil {
		j.unreached(fmt.Errorf("diagnose: %w", err))
	}
}

// verdict is the first finding, for the progress line.
func verdict(d report.Diagnosis) string {
	if len(d.Findings) == 0 {
		return "nothing found out"
	}
	return string(d.Findings[0].Code)
}
