package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/jsonl"
	"github.com/passiveftp/pasv/scenarios"
	"github.com/passiveftp/pasv/scenarios/library"
)

func newLoad() *cobra.Command {
	var c common
	var name, show, capacity string
	var set []string
	cmd := &cobra.Command{
		Use:   "load [TARGET...]",
		Short: "Put load on the server and measure it",
		Example: `  pasv load --scenario download ftp://user@host/
  pasv load --scenario small-files --set sessions=50 --set duration=30s ftp://user@host/upload
  pasv load --scenario churn --set rate=200/s ftp://user@host/
  pasv load --scenario download --capacity 1-500 ftp://user@host/
  pasv load --weight 3,1 ftp://user@big.example.com/ ftp://user@small.example.com/
  pasv load --print download > mine.yaml; pasv load --scenario mine.yaml ftp://user@host/`,
		Args: cobra.ArbitraryArgs,
	}
	c.register(cmd)
	var to aim
	to.register(cmd)
	f := cmd.Flags()
	f.StringVar(&name, "scenario", "small-files", "run the scenario in this `FILE`, or the built-in one of this name")
	c.watch(cmd)
	f.StringVar(&show, "print", "", "print the built-in scenario `NAME` and end")
	f.StringVar(&capacity, "capacity", "", "search for the largest number of sessions that meets the scenario's conditions, up to N or in FROM-TO (`RANGE`)")
	f.StringArrayVar(&set, "set", nil, "change the scenario: sessions=N, duration=D, rate=N/s, size=S (repeatable, `KEY=VALUE`)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if show != "" {
			b, err := library.Open(show)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(b)
			return err
		}
		scenario, err := openScenario(name, set)
		if err != nil {
			return err
		}
		if capacity != "" {
			if err := scenario.Set("capacity", capacity); err != nil {
				return fmt.Errorf("--%w", err)
			}
		}
		if err := to.read(&c, args); err != nil {
			return err
		}
		j, err := c.begin(cmd, args)
		if err != nil {
			return err
		}
		j.load(cmd.Context(), scenario, to)
		return j.end(cmd.Context())
	}
	return cmd
}

// openScenario reads a scenario file or a built-in scenario.
func openScenario(name string, set []string) (*scenarios.Scenario, error) {
	var b []byte
	var err error
	if slices.Contains(library.Names(), name) {
		b, err = library.Open(name)
	} else if b, err = os.ReadFile(name); errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, `/\.`) {
		err = fmt.Errorf("scenario %q is neither built in (%s) nor a file", name, strings.Join(library.Names(), ", "))
	}
	if err != nil {
		return nil, err
	}
	s, err := scenarios.Parse(name, b)
	if err != nil {
		return nil, err
	}
	for _, kv := range set {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: write KEY=VALUE", kv)
		}
		if err := s.Set(key, value); err != nil {
			return nil, fmt.Errorf("--set %s: %w", kv, err)
		}
	}
	return s, nil
}

// load puts the scenario's load on the server, into the report.
func (j *job) load(ctx context.Context, scenario *scenarios.Scenario, to aim) {
	for _, d := range to.destinations {
		j.secrets = append(j.secrets, string(d.Target.Pass))
	}
	progress := j.display.Panel("load")
	var look live
	engine := scenarios.Engine{
		Dialer:       j.dialer,
		Target:       j.target,
		Targets:      to.destinations,
		AllAddresses: to.allAddresses,
		Sources:      j.sources,
		SameProcess:  j.embedded != nil,
		// Whoever says how many processors it shall use means it.
		HalfProcessors: os.Getenv("GOMAXPROCS") == "",
		Notice:         func(s string) { j.complain("%s", s) },
		Interval:       j.interval,
		Progress: func(s scenarios.Snapshot) {
			progress.Set(look.line(s), look.rows(s))
			if !s.Warming && !s.Ending {
				j.say(func(lines *jsonl.Stream) error { return lines.Interval(intervalOf(s)) })
			}
		},
	}
	if os.Getenv("GOGC") == "" {
		// What held sessions keep lasts as long as they do, and the collector's usual
		// slack is that much again. With few sessions the memory is not worth the work.
		percent := 400
		if scenario.Load.AtOnce() >= 1000 {
			percent = 50
		}
		defer debug.SetGCPercent(debug.SetGCPercent(percent))
	}
	result, err := engine.Run(ctx, scenario)
	j.report.Load = &result
	var leftover *scenarios.LeftoverError
	switch {
	case errors.As(err, &leftover):
		fmt.Fprintf(j.stderr, "pasv: %s\n", report.Printable(leftover.Error()))
	case err != nil && result.GeneratorLimited():
		j.report.Error = err.Error()
	case err != nil && ctx.Err() == nil:
		result.Unreached = true
		j.unreached(err)
	}
	done := fmt.Sprintf("%d sessions completed, %d failed", result.Sessions.Completed, result.Sessions.Failed)
	if result.Capacity != nil {
		done = result.Capacity.Answer()
	}
	progress.Done(done)
}
