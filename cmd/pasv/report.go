package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/html"
	"github.com/passiveftp/pasv/scenarios"
)

func newReport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report show|merge|compare FILE...",
		Short: "Look at reports again, added up, or side by side",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newShow(), newMerge(), newCompare())
	return cmd
}

func newShow() *cobra.Command {
	c := &common{}
	cmd := &cobra.Command{
		Use:     "show FILE",
		Short:   "Print the summary of a report",
		Example: "  pasv report show -v report.json",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVarP(&c.verbose, "verbose", "v", false, "show everything, with whole transcripts")
	cmd.Flags().BoolVar(&c.noColor, "no-color", false, "do not colour the summary")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := readReport(args[0])
		if err != nil {
			return err
		}
		j := job{common: c, stdout: cmd.OutOrStdout()}
		return j.textOptions().Write(j.stdout, r)
	}
	return cmd
}

func newMerge() *cobra.Command {
	c := &common{}
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Add up the load reports of several generators",
		Long: `Add up what several generators measured when they put the same scenario on a
server at the same time. Histograms are merged exactly, and the conditions of the
scenario are judged anew. The exit code is that of the sum.`,
		Example: `  pasv report merge generator1.json generator2.json
  pasv report merge --json all.json generator*.json`,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&c.json, "json", "", "write the report to `FILE` (- is stdout)")
	f.StringVar(&c.junit, "junit", "", "write a JUnit report to `FILE` (- is stdout)")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "show everything, with whole transcripts")
	f.BoolVar(&c.noColor, "no-color", false, "do not colour the summary")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.outputs(); err != nil {
			return err
		}
		var runs []report.Run
		for _, file := range args {
			r, err := readReport(file)
			if err != nil {
				return err
			}
			runs = append(runs, r)
		}
		sum, err := report.Merge(args, runs, scenarios.Judge)
		if err != nil {
			return err
		}
		j := job{common: c, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), report: sum}
		return j.conclude()
	}
	return cmd
}

func newCompare() *cobra.Command {
	var page, title string
	var all bool
	cmd := &cobra.Command{
		Use:   "compare [NAME=]FILE...",
		Short: "Put the verdicts of several check reports side by side",
		Example: `  pasv report compare before.json after.json
  pasv report compare --html servers.html vsftpd=a.json ProFTPD=b.json`,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&page, "html", "", "write a page to `FILE` (- is stdout)")
	f.StringVar(&title, "title", "FTP servers, by requirement", "the `TITLE` of the page")
	f.BoolVar(&all, "all", false, "list the requirements that nobody fails, too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		var runs []report.Run
		for _, arg := range args {
			name, file, named := strings.Cut(arg, "=")
			if !named {
				file = arg
				name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
			}
			r, err := readReport(file)
			if err != nil {
				return err
			}
			if r.Check == nil {
				return fmt.Errorf("%s is no report of a check", file)
			}
			names, runs = append(names, name), append(runs, r)
		}
		c := report.Compare(names, runs)
		if page == "" {
			return compareText(cmd.OutOrStdout(), c, all)
		}
		write := func(w io.Writer) error { return html.Comparison(w, title, c) }
		if page == "-" {
			return write(cmd.OutOrStdout())
		}
		return create(page, write)
	}
	return cmd
}

// compareText is a table of the requirements that somebody does not meet, or of all.
func compareText(out io.Writer, c report.Comparison, all bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(cells []string) {
		for i, cell := range cells {
			cells[i] = report.Printable(cell)
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	head := []string{"ID"}
	for _, column := range c.Columns {
		head = append(head, column.Name)
	}
	row(append(head, "REQUIREMENT"))
	for _, r := range c.Rows {
		if !all && !r.Notable() {
			continue
		}
		cells := []string{r.ID}
		for _, result := range r.Results {
			verdict := string(result.Verdict)
			if verdict == "" {
				verdict = "-"
			}
			cells = append(cells, verdict)
		}
		row(append(cells, r.Title))
	}
	return w.Flush()
}

// readReport reads a report file, "-" being stdin.
func readReport(name string) (report.Run, error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = io.ReadAll(os.Stdin)
	} else {
		b, err = os.ReadFile(name)
	}
	if err != nil {
		return report.Run{}, err
	}
	r, err := report.Unmarshal(b)
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
