// Package json renders a run for programs: report.json as [report.JSONSchema]
// describes it.
//
// The encoding itself is [report.Marshal]; this package gives it the form that
// all renderers have.
//
// # Why
//
// What is not printable is written as \uXXXX even where JSON would allow it
// raw, because "--json -" goes to a terminal sooner or later.
package json

import (
	"io"

	"github.com/passiveftp/pasv/report"
)

// Write renders the run. It fails when w does, or when a number in r is not finite.
func Write(w io.Writer, r report.Run) error {
	b, err := report.Marshal(r)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
