package report

import "slices"

// Comparison is the verdicts of several conformance runs side by side.
type Comparison struct {
	Columns []Compared
	Rows    []ComparedRequirement
}

// Compared is one of the runs.
type Compared struct {
	// Name is what the reader knows it by.
	Name string
	// Server is the recognised implementation, Target the URL without a password.
	Server, Target string
	Strict         bool
	// Summary counts the verdicts.
	Summary map[Verdict]int
}

// ComparedRequirement is one requirement and how it fared in each run.
type ComparedRequirement struct {
	ID, Title string
	Level     Level
	Severity  Severity
	Cites     []Cite
	// Results are in the order of the columns; a run that did not judge the
	// requirement has the zero Result.
	Results []Result
}

// Notable tells whether one of the runs has something else than pass, info or
// skip.
func (r ComparedRequirement) Notable() bool {
	return slices.ContainsFunc(r.Results, func(res Result) bool {
		switch res.Verdict {
		case "", Pass, Info, Skip:
			return false
		}
		return true
	})
}

// Compare puts the check results of runs side by side, the requirements in the
// order in which they first occur. Names are those of the columns; a run without
// a check has an empty one.
func Compare(names []string, runs []Run) Comparison {
	var c Comparison
	place := map[string]int{}
	for i, run := range runs {
		column := Compared{Name: names[i], Server: run.Target.Server, Target: run.Target.URL}
		if run.Check != nil {
			column.Strict, column.Summary = run.Check.Strict, run.Check.Summary
			for _, r := range run.Check.Results {
				at, known := place[r.ID]
				if !known {
					at = len(c.Rows)
					place[r.ID] = at
					c.Rows = append(c.Rows, ComparedRequirement{ID: r.ID, Title: r.Title, Level: r.Level, Severity: r.Severity, Cites: r.Cites, Results: make([]Result, len(runs))})
				}
				c.Rows[at].Results[i] = r
			}
		}
		c.Columns = append(c.Columns, column)
	}
	return c
}
