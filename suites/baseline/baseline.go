package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/passiveftp/pasv/report"
)

// Baseline is the content of a file.
type Baseline struct {
	Entries []Entry `yaml:"baseline"`
}

// Entry is a deviation that is accepted.
type Entry struct {
	// ID is the requirement that the server does not meet.
	ID string `yaml:"id"`
	// Verdict is the gravest that is accepted, warn or fail; fail when empty.
	Verdict report.Verdict `yaml:"verdict,omitempty"`
	// Reason says why; it must be there.
	Reason string `yaml:"reason"`
	// Link leads to more, a ticket for example.
	Link string `yaml:"link,omitempty"`
	// Expires is the last day on which the entry holds, YYYY-MM-DD in UTC; for
	// good when empty.
	Expires string `yaml:"expires,omitempty"`
}

const day = time.DateOnly

// Parse reads a file's content; known tells whether an ID is that of a
// requirement. The error names line and column.
func Parse(name string, content []byte, known func(id string) bool) (*Baseline, error) {
	var b Baseline
	decoder := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	if err := decoder.Decode(&b); errors.Is(err, io.EOF) {
		return &b, nil // nothing is accepted
	} else if err != nil {
		return nil, placed(name, err)
	}
	seen := map[string]bool{}
	for i, e := range b.Entries {
		var wrong string
		switch {
		case !known(e.ID):
			wrong = fmt.Sprintf("%q is no requirement", e.ID)
		case seen[e.ID]:
			wrong = e.ID + " stands twice"
		case strings.TrimSpace(e.Reason) == "":
			wrong = e.ID + " has no reason"
		case e.Verdict != "" && e.Verdict != report.Fail && e.Verdict != report.Warn:
			wrong = fmt.Sprintf("%s: the verdict %q is neither warn nor fail", e.ID, e.Verdict)
		}
		if e.Expires != "" && wrong == "" {
			if _, err := time.Parse(day, e.Expires); err != nil {
				wrong = fmt.Sprintf("%s: %q is no day like 2027-01-31", e.ID, e.Expires)
			}
		}
		if wrong != "" {
			line, column := position(content, i)
			return nil, fmt.Errorf("%s:%d:%d: %s", name, line, column, report.Printable(wrong))
		}
		seen[e.ID] = true
	}
	return &b, nil
}

// Load reads a file.
func Load(name string, known func(id string) bool) (*Baseline, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, content, known)
}

// placed puts the place before an error of the YAML library.
func placed(name string, err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		p := y.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, p.Line, p.Column, report.Printable(y.GetMessage()))
	}
	return fmt.Errorf("%s: %s", name, report.Printable(err.Error()))
}

// position is where an entry stands in a file that could be read.
func position(content []byte, i int) (line, column int) {
	path, err := yaml.PathString(fmt.Sprintf("$.baseline[%d].id", i))
	if err == nil {
		if n, err := path.ReadNode(bytes.NewReader(content)); err == nil {
			p := n.GetToken().Position
			return p.Line, p.Column
		}
	}
	return 1, 1
}

// Apply changes the verdict of a result by its entry, if it has one: a deviation
// that is accepted becomes xfail, one that is gone xpass. An entry whose last day
// is over, or that accepts less than what was seen, changes nothing and is noted.
func (b *Baseline) Apply(r report.Result, now time.Time) report.Result {
	i := slices.IndexFunc(b.Entries, func(e Entry) bool { return e.ID == r.ID })
	if i < 0 {
		return r
	}
	e := b.Entries[i]
	note := func(format string, args ...any) {
		r.Notes = append(slices.Clip(r.Notes), fmt.Sprintf(format, args...))
	}
	if e.Expires != "" && now.UTC().Format(day) > e.Expires {
		note("its entry in the baseline expired on %s: %s", e.Expires, e.Reason)
		return r
	}
	switch r.Verdict {
	case report.Pass, report.Info:
		r.Verdict = report.XPass
		r.Reason = "met, although the baseline says that it is not: " + e.Reason
	case report.Fail:
		if e.Verdict == report.Warn {
			note("the baseline accepts a warning only: %s", e.Reason)
			return r
		}
		r.Verdict = report.XFail
	case report.Warn:
		r.Verdict = report.XFail
	default:
		return r
	}
	note("baseline: %s", e.describe())
	return r
}

func (e Entry) describe() string {
	s := e.Reason
	if e.Link != "" {
		s += " (" + e.Link + ")"
	}
	if e.Expires != "" {
		s += ", until " + e.Expires
	}
	return s
}

// Record is a baseline of results as they are: what fails or warns, or did so
// before another baseline was applied. Entries of old, which may be nil, keep
// their words; what is no longer seen is left out.
func Record(results []report.Result, old *Baseline) *Baseline {
	b := &Baseline{Entries: []Entry{}}
	for _, r := range results {
		e := Entry{ID: r.ID, Verdict: r.Verdict, Reason: "not looked into yet: " + r.Reason}
		switch r.Verdict {
		case report.Fail, report.Warn, report.XFail:
		default:
			continue
		}
		if old != nil {
			if i := slices.IndexFunc(old.Entries, func(o Entry) bool { return o.ID == r.ID }); i >= 0 && r.Verdict == report.XFail {
				e = old.Entries[i]
			}
		}
		b.Entries = append(b.Entries, e)
	}
	return b
}

// Bytes is the content of a file.
func (b *Baseline) Bytes() ([]byte, error) {
	return yaml.MarshalWithOptions(b, yaml.IndentSequence(true))
}
