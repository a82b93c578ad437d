package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/report"
)

func main() { os.Exit(int(run(os.Args[1:], os.Stdout, os.Stderr))) }

// run is the whole program but for the end of the process.
func run(args []string, stdout, stderr io.Writer) report.Exit {
	stderr = &screen{Writer: stderr}
	ctx, stop := interruptible(stderr)
	defer stop()
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exit
	switch {
	case err == nil:
		return report.ExitOK
	case errors.As(err, &code):
		return report.Exit(code)
	}
	for i, line := range strings.Split(err.Error(), "\n") {
		if i == 0 {
			line = "pasv: " + line
		}
		fmt.Fprintln(stderr, report.Printable(line))
	}
	return report.ExitUsage
}

// exit ends a command with a code when everything has been said.
type exit report.Exit

func (e exit) Error() string { return report.Exit(e).Meaning() }

// interruptible is a context that the first interrupt ends in order; the second
// ends the process.
func interruptible(stderr io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		fmt.Fprintln(stderr, "pasv: interrupted, ending the sessions; once more ends at once")
		cancel()
		if _, ok := <-signals; ok {
			os.Exit(int(report.ExitIncomplete))
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "pasv",
		Short: "Tells whether a passive-mode FTP server is right, how fast it is, and why passive transfers fail",
		Long: `pasv tells whether a passive-mode FTP server is right (check), how fast it is
(load) and, when passive transfers fail, why (diagnose).

A target is a URL: ftp://user:pass@host:port/dir, ftpes:// for explicit TLS,
ftps:// for implicit TLS. Without a user the login is anonymous; without a target
the server built into pasv is used, on loopback. A password is better given in
PASV_PASSWORD or with --password-file than in the URL.

Exit codes: 0 nothing unexpected, 1 a verdict against the server, 2 wrong usage,
3 the target could not be reached or logged in to, 4 the run was not completed.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(newRun(), newCheck(), newLoad(), newDiagnose(), newServe(), newList(), newExplain(), newReport(), newVersion())
	return root
}
