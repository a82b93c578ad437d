package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios/diagnose"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a requirement, a finding, a fault or a variant",
		Example: `  pasv explain PASV-007
  pasv explain range-filtered`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, id := &page{w: cmd.OutOrStdout()}, args[0]
			found := false
			if r, ok := catalog.ByID(id); ok {
				explainRequirement(out, r)
				found = true
			}
			if e, ok := diagnose.Explain(report.Code(id)); ok {
				explainFinding(out, e)
				found = true
			}
			if f, ok := ftptest.LookupFault(id); ok {
				explainFault(out, f)
				found = true
			}
			if v, ok := ftptest.LookupVariant(id); ok {
				out.title(v.Name, v.About)
				out.field("try it", "pasv serve --variant "+v.Name)
				found = true
			}
			if !found {
				return fmt.Errorf("%q is no requirement, finding, fault or variant; see \"pasv list\"", id)
			}
			return nil
		},
	}
}

func explainRequirement(p *page, r *spec.Requirement) {
	p.title(r.ID, r.Title)
	p.field("level", string(r.Level))
	p.field("severity", string(r.Severity))
	if names := r.Needs.Names(); len(names) > 0 {
		p.field("needs", strings.Join(names, ", "))
	}
	for _, c := range r.Cites {
		p.field(c.String(), `"`+c.Quote+`"`)
	}
	p.field("in the field", r.Field)
	for _, f := range r.Fixes {
		p.field(f.Server, f.Setting)
	}
	for _, f := range ftptest.Faults() {
		for _, id := range f.Catches {
			if id == r.ID {
				p.field("try it", "pasv serve --fault "+f.Name)
			}
		}
	}
}

func explainFinding(p *page, e diagnose.Explanation) {
	p.title(string(e.Code), e.Title)
	p.field("what is the case", e.Meaning)
	p.field("how it is told apart", e.Told)
	p.field("in the field", e.Breaks)
	for i, fix := range e.Fix {
		label := ""
		if i == 0 {
			label = "what to change"
		}
		p.field(label, fix)
	}
}

func explainFault(p *page, f ftptest.Fault) {
	p.title(f.Name, f.About)
	p.field("caught by", strings.Join(f.Catches, ", "))
	p.field("try it", "pasv serve --fault "+f.Name)
}

// page writes a title and labelled paragraphs for a terminal of 80 columns. A
// paragraph without a label belongs to the one before.
type page struct {
	w     io.Writer
	begun bool
}

func (p *page) title(id, text string) {
	if p.begun {
		fmt.Fprintln(p.w)
	}
	p.begun = true
	fmt.Fprintf(p.w, "%s\n%s\n\n", id, fold(text, 80, ""))
}

func (p *page) field(label, text string) {
	if text == "" {
		return
	}
	if label != "" {
		fmt.Fprintln(p.w, label)
	}
	fmt.Fprintf(p.w, "    %s\n", fold(text, 76, "    "))
}

// fold breaks text into lines of at most width columns; all but the first
// begin with indent.
func fold(text string, width int, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > width:
			b.WriteString("\n" + indent)
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
