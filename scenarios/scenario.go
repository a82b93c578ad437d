package scenarios

import (
	"fmt"
	"iter"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Scenario says what load is put on a server. It is made by [Parse].
type Scenario struct {
	Name Name `yaml:"name" scenario:"required"`
	// Description is the comment that the file begins with.
	Description string `yaml:"-"`
	// Needs are files that must be on the server.
	Needs []Need `yaml:"needs"`
	Load  Model  `yaml:"load" scenario:"required"`
	// WarmUp is how long the load runs before anything is measured.
	WarmUp Duration `yaml:"warm-up"`
	// Session is what each session does. Where sessions differ, Mix stands
	// instead of it.
	Session Steps   `yaml:"session"`
	Mix     []Share `yaml:"mix"`
	// Want are the conditions that the result must meet.
	Want []Want `yaml:"want"`
}

// Name of a scenario: lower-case letters, digits and hyphens.
type Name string

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// UnmarshalYAML reads a name.
func (v *Name) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "a name")
	if err == nil && !nameForm.MatchString(s) {
		err = wrong(n, "a name is made of at most 64 lower-case letters, digits and hyphens")
	}
	*v = Name(s)
	return err
}

// Share is what some of the sessions do: so many of them as its weight says
// among all weights.
type Share struct {
	Weight  Count `yaml:"weight"`
	Session Steps `yaml:"session" scenario:"required"`
}

// UnmarshalYAML reads a share, which has the weight 1 when it names none.
func (v *Share) UnmarshalYAML(n ast.Node) error {
	type plain Share
	if err := decode(n, (*plain)(v)); err != nil {
		return err
	}
	return weigh(n, &v.Weight)
}

// Need is something that the scenario cannot do without: a file on the server,
// which the run makes where it may, or TLS.
type Need struct {
	File File `yaml:"file" scenario:"required"`
	// TLS is written as the bare word tls.
	TLS bool `yaml:"-"`
}

// UnmarshalYAML reads something that is needed.
func (v *Need) UnmarshalYAML(n ast.Node) error {
	if s, ok := n.(*ast.StringNode); ok && s.Value == needTLS {
		v.TLS = true
		return nil
	}
	type plain Need
	return decode(n, (*plain)(v))
}

const needTLS = "tls"

// File is a file of a certain size, or a set of such files.
type File struct {
	// Path is that of the file. With Count it holds {file}, which stands for the
	// numbers from 1 to Count: so many files there are.
	Path  Path  `yaml:"path" scenario:"required"`
	Size  Size  `yaml:"size" scenario:"required"`
	Count Count `yaml:"count"`
	node  ast.Node
}

const maxFiles = 10_000

// UnmarshalYAML reads a file.
func (f *File) UnmarshalYAML(n ast.Node) error {
	type plain File
	if err := decode(n, (*plain)(f)); err != nil {
		return err
	}
	f.node = field(n, "path")
	set := has(n, "count")
	for _, v := range variables {
		switch {
		case set && v == fileVariable:
		case f.Path.of(v) && v == fileVariable:
			return wrong(f.node, "%s stands for one of a set of files: say how many with count", v)
		case f.Path.of(v):
			return wrong(f.node, "this path must be the same for all sessions")
		}
	}
	switch {
	case !set:
		return nil
	case !f.Path.of(fileVariable):
		return wrong(f.node, "the path of a set of files holds %s, which stands for their numbers", fileVariable)
	}
	return between(field(n, "count"), "count", f.Count, 1, maxFiles)
}

// each yields the files of a set, or the file itself.
func (f File) each() iter.Seq[File] {
	return func(yield func(File) bool) {
		for i := range max(f.Count, 1) {
			one := f
			one.Path = Path(place{file: int64(i) + 1}.expand(string(f.Path)))
			if !yield(one) {
				return
			}
		}
	}
}

// Parse reads a scenario. The name stands in errors, which are of type *[Error].
func Parse(name string, b []byte) (*Scenario, error) {
	s, err := parseScenario(b)
	if err != nil {
		return nil, placed(name, b, err)
	}
	return s, nil
}

func parseScenario(b []byte) (*Scenario, error) {
	if len(b) > maxFile {
		return nil, fmt.Errorf("the file has more than %d octets", maxFile)
	}
	body, err := parse(b)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Description: description(b)}
	if err := decode(body, s); err != nil {
		return nil, err
	}
	switch {
	case !has(body, "session") && !has(body, "mix"):
		return nil, wrong(body, "session is missing")
	case has(body, "session") && has(body, "mix"):
		return nil, wrong(field(body, "mix"), "either session or mix can be set, not both")
	case s.WarmUp > 0 && s.Load.Count > 0:
		return nil, wrong(field(body, "warm-up"), "a warm-up needs for: with count every session counts")
	case s.Load.Model == Open && time.Duration(s.WarmUp) >= s.Load.total():
		return nil, wrong(field(body, "warm-up"), "the warm-up is a part of the stages, and must be shorter than they are")
	}
	return s, s.check(body)
}

// check looks at what spans several parts of a scenario.
func (s *Scenario) check(body ast.Node) error {
	c, err := compile(s.mix(), s.Needs, "")
	if err != nil {
		return err
	}
	switch {
	case len(c.names) == 0:
		return wrong(field(body, "session"), "a session that never logs in puts no load on a server")
	case c.endless != nil && s.Load.Count > 0:
		return wrong(c.endless, "with count the load has no end that could end this hold: say how long it is")
	}
	for i := range s.Want {
		if err := s.Want[i].check(&c.plan, s.Load.Model); err != nil {
			return err
		}
	}
	return nil
}

// compile makes the plan of the session. Uploads that name no path go to directory.
func (s *Scenario) compile(directory string) (*plan, error) {
	c, err := compile(s.mix(), s.Needs, directory)
	if err != nil {
		return nil, err
	}
	return &c.plan, nil
}

// mix is what sessions do.
func (s *Scenario) mix() []Share {
	if len(s.Mix) > 0 {
		return s.Mix
	}
	return []Share{{Weight: 1, Session: s.Session}}
}

// all calls f for every step of every session.
func (s *Scenario) all(f func(Step)) {
	for _, m := range s.mix() {
		m.Session.all(f)
	}
}

// description is the comment at the begin of a file, as one paragraph.
func description(b []byte) string {
	var words []string
	for line := range strings.Lines(string(b)) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}
