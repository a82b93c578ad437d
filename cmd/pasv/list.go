package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios"
	"github.com/passiveftp/pasv/scenarios/diagnose"
	"github.com/passiveftp/pasv/scenarios/library"
	"github.com/passiveftp/pasv/suites/catalog"
)

// listing is one kind of thing that can be listed: the head of its table, its
// rows, and the same as JSON.
type listing struct {
	head []string
	rows [][]string
	json any
}

var listings = map[string]func(filter string) (listing, error){
	"requirements": listRequirements,
	"scenarios":    listScenarios,
	"findings":     listFindings,
	"faults":       listFaults,
	"variants":     listVariants,
}

func newList() *cobra.Command {
	var asJSON, schema bool
	var filter string
	cmd := &cobra.Command{
		Use:       "list requirements|scenarios|findings|faults|variants",
		Short:     "List what there is, without running it",
		ValidArgs: []string{"requirements", "scenarios", "findings", "faults", "variants"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&filter, "filter", "", "list only the requirements that match, in Ginkgo's label `LANGUAGE`")
	cmd.Flags().BoolVar(&schema, "schema", false, "with scenarios: print the JSON Schema of a scenario file, for editors")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if schema {
			if args[0] != "scenarios" {
				return errors.New("--schema is for scenarios")
			}
			_, err := cmd.OutOrStdout().Write(scenarios.Schema())
			return err
		}
		l, err := listings[args[0]](filter)
		if err != nil {
			return err
		}
		if asJSON {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(l.json)
		}
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, strings.Join(l.head, "\t"))
		for _, row := range l.rows {
			fmt.Fprintln(w, strings.Join(row, "\t"))
		}
		return w.Flush()
	}
	return cmd
}

func listRequirements(filter string) (listing, error) {
	type row struct {
		ID       string          `json:"id"`
		Area     string          `json:"area"`
		Level    report.Level    `json:"level"`
		Severity report.Severity `json:"severity"`
		Title    string          `json:"title"`
		Needs    []string        `json:"needs"`
		Cites    []report.Cite   `json:"cites"`
	}
	selected, err := catalog.Select(filter)
	if err != nil {
		return listing{}, fmt.Errorf("--filter: %w", err)
	}
	l := listing{head: []string{"ID", "LEVEL", "SEVERITY", "TITLE"}}
	var rows []row
	for _, r := range selected {
		cites := []report.Cite{}
		for _, c := range r.Cites {
			cites = append(cites, report.Cite{Source: c.String(), Quote: c.Quote})
		}
		rows = append(rows, row{r.ID, r.Area(), r.Level, r.Severity, r.Title, r.Needs.Names(), cites})
		l.rows = append(l.rows, []string{r.ID, string(r.Level), string(r.Severity), r.Title})
	}
	l.json = rows
	return l, nil
}

func listScenarios(string) (listing, error) {
	type row struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	l := listing{head: []string{"NAME", "WHAT IT DOES"}}
	var rows []row
	for _, name := range library.Names() {
		s, err := openScenario(name, nil)
		if err != nil {
			return l, err
		}
		rows = append(rows, row{name, s.Description})
		l.rows = append(l.rows, []string{name, s.Description})
	}
	l.json = rows
	return l, nil
}

func listFindings(string) (listing, error) {
	type row struct {
		Code  report.Code `json:"code"`
		Title string      `json:"title"`
	}
	l := listing{head: []string{"CODE", "MEANING"}}
	var rows []row
	for _, e := range diagnose.Explanations() {
		rows = append(rows, row{e.Code, e.Title})
		l.rows = append(l.rows, []string{string(e.Code), e.Title})
	}
	l.json = rows
	return l, nil
}

func listFaults(string) (listing, error) {
	type row struct {
		Name    string   `json:"name"`
		About   string   `json:"about"`
		Catches []string `json:"caught_by"`
	}
	l := listing{head: []string{"NAME", "CAUGHT BY", "WHAT IT DOES"}}
	var rows []row
	for _, f := range ftptest.Faults() {
		rows = append(rows, row{f.Name, f.About, append([]string{}, f.Catches...)})
		l.rows = append(l.rows, []string{f.Name, strings.Join(f.Catches, " "), f.About})
	}
	l.json = rows
	return l, nil
}

func listVariants(string) (listing, error) {
	type row struct {
		Name  string `json:"name"`
		About string `json:"about"`
	}
	l := listing{head: []string{"NAME", "WHAT IS UNUSUAL"}}
	var rows []row
	for _, v := range ftptest.Variants() {
		rows = append(rows, row{v.Name, v.About})
		l.rows = append(l.rows, []string{v.Name, v.About})
	}
	l.json = rows
	return l, nil
}
