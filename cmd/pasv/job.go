package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/passiveftp/pasv/cmd/internal/bars"
	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/json"
	"github.com/passiveftp/pasv/report/render/junit"
	"github.com/passiveftp/pasv/report/render/text"
	"github.com/passiveftp/pasv/scenarios"
)

// job is one run against one target, from the flags to the report.
type job struct {
	*common
	stdout, stderr io.Writer
	target         probe.Target
	dialer         *probe.Dialer
	embedded       *ftptest.Server
	display        *bars.Display
	stream         stream
	// piped ends what lets the run outlive its readers.
	piped   func()
	failOn  report.FailOn
	started time.Time
	report  report.Run
	secrets []string // beside the target's password
}

// begin reads the flags and the target, and starts the embedded server when
// there is no target. The caller ends the job.
func (c *common) begin(cmd *cobra.Command, args []string) (*job, error) {
	j := &job{common: c, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), started: time.Now(), failOn: report.FailOnFail}
	var err error
	if err := c.outputs(); err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("interval") && c.interval < shortestInterval {
		return nil, fmt.Errorf("--interval must be at least %v", shortestInterval)
	}
	if j.dialer, err = c.dialer(); err != nil {
		return nil, err
	}
	if len(args) > 0 {
		if j.target, err = c.target(args[0]); err != nil {
			return nil, err
		}
	} else if err := j.embed(); err != nil {
		return nil, err
	}
	j.report = report.Run{
		Schema:  report.Schema,
		Tool:    tool(),
		Target:  report.Target{URL: j.target.String(), Embedded: j.embedded != nil},
		Started: j.started,
	}
	j.piped = outlive()
	if err := j.openStream(); err != nil {
		j.close()
		return nil, err
	}
	out := j.stderr
	if s, ok := out.(*screen); ok {
		out = s.Writer
	}
	j.display = bars.New(out, j.style(out))
	if s, ok := j.stderr.(*screen); ok {
		s.raise(j.display)
	}
	return j, nil
}

// embed makes the embedded server the target.
func (j *job) embed() (err error) {
	secure, ca, err := ftptest.SelfSigned()
	if err != nil {
		return fmt.Errorf("the embedded server: %w", err)
	}
	if j.embedded, err = ftptest.Start(ftptest.Config{TLS: secure, Hosts: embeddedHosts}); err != nil {
		return fmt.Errorf("the embedded server: %w", err)
	}
	if j.dialer.TLS.RootCAs == nil {
		j.dialer.TLS.RootCAs = x509.NewCertPool()
		j.dialer.TLS.RootCAs.AppendCertsFromPEM(ca)
	}
	if !j.quiet {
		fmt.Fprintf(j.stderr, "no target given: using the server built into pasv, on %s\n", j.embedded.Addr())
	}
	// TLS is on offer and not asked for, so that both are judged.
	j.target, err = probe.ParseTarget(j.embedded.URL())
	j.target.Security = probe.Plain
	return err
}

// embeddedHosts are the virtual hosts of the embedded server.
var embeddedHosts = []string{"a.example", "b.example"}

// complain says on stderr what went wrong without ending the run.
func (j *job) complain(format string, args ...any) {
	fmt.Fprintf(j.stderr, "pasv: %s\n", report.Printable(fmt.Sprintf(format, args...)))
}

// outputs refuses more than one report on stdout.
func (c *common) outputs() error {
	taken := 0
	for _, file := range []string{c.json, c.junit, c.jsonl} {
		if file == "-" {
			taken++
		}
	}
	if taken > 1 {
		return errors.New("only one report can go to stdout")
	}
	return nil
}

// redact takes the secrets out of a report.
func (j *job) redact(r *report.Run) {
	for _, secret := range append(j.secrets, string(j.target.Pass)) {
		r.Redact(secret)
	}
}

// close closes what begin opened.
func (j *job) close() {
	if j.display != nil {
		j.display.Close()
	}
	if j.embedded != nil {
		_ = j.embedded.Close()
	}
}

func (j *job) style(out io.Writer) bars.Style {
	switch {
	case j.quiet:
		return bars.Quiet
	case isTerminal(out) && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb":
		return bars.Bars
	}
	return bars.Lines
}

// meet notes who answered.
func (j *job) meet(peer netip.AddrPort, greeting probe.Reply) {
	j.report.Target.Address = peer.String()
	j.report.Target.Greeting = greeting.Text()
	j.report.Target.Server = probe.RecognizeProduct(greeting).String()
}

// unreached notes that there is nothing to judge.
func (j *job) unreached(err error) {
	var one *scenarios.TargetError
	if errors.As(err, &one) {
		j.report.Error = fmt.Sprintf("cannot use %v", one)
		return
	}
	j.report.Error = fmt.Sprintf("cannot use %s: %v", j.target, err)
}

// end closes what begin opened, writes the report in every form that was asked
// for, and turns it into the exit code.
func (j *job) end(ctx context.Context) error {
	j.close()
	r := &j.report
	r.Partial = ctx.Err() != nil
	r.Elapsed = report.InSeconds(time.Since(j.started))
	r.Exit = r.Weigh(j.failOn)
	j.redact(r)
	j.endStream()
	j.piped()
	return j.conclude()
}

// conclude writes the report, and turns it into the exit code.
func (j *job) conclude() error {
	if j.report.Error != "" {
		j.complain("%s", j.report.Error)
	}
	if err := j.write(); err != nil {
		return err
	}
	if j.stream.incomplete() {
		return exit(report.ExitUsage)
	}
	if j.report.Exit != report.ExitOK {
		return exit(j.report.Exit)
	}
	return nil
}

// write renders the report. The summary goes to stdout unless a file does, and
// unless there is nothing to sum up: the error has been printed.
func (j *job) write() error {
	taken := j.jsonl == "-"
	for _, out := range []struct {
		file  string
		write func(io.Writer, report.Run) error
	}{{j.json, json.Write}, {j.junit, junit.Write}} {
		switch out.file {
		case "":
		case "-":
			taken = true
			if err := out.write(j.stdout, j.report); err != nil {
				return err
			}
		default:
			if err := create(out.file, func(w io.Writer) error { return out.write(w, j.report) }); err != nil {
				return err
			}
		}
	}
	if j.quiet || taken || j.report.Error != "" && j.report.Exit == report.ExitTarget {
		return nil
	}
	return j.textOptions().Write(j.stdout, j.report)
}

func (j *job) textOptions() text.Options {
	o := text.Options{Verbose: j.verbose}
	if f, ok := j.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Color = !j.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.Width = min(width, 120)
		}
	}
	return o
}

// create writes a file anew.
func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
