package scenarios

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Scenario says what load is put on a server. It is made by [Parse].
type Scenario struct {
	Name Name `yaml:"name"`
	// Description is the comment that the file begins with.
	Description string `yaml:"-"`
	// Needs are files that must be on the server.
	Needs []Need `yaml:"needs"`
	Load  Model  `yaml:"load"`
	// WarmUp is how long the load runs before anything is measured.
	WarmUp Duration `yaml:"warm-up"`
	// Session is what each session does.
	Session Steps `yaml:"session"`
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

// Need is something that must be on the server. The run makes it where it may.
type Need struct {
	File File `yaml:"file"`
}

// UnmarshalYAML reads something that is needed.
func (v *Need) UnmarshalYAML(n ast.Node) error {
	type plain Need
	if err := decode(n, (*plain)(v)); err != nil {
		return err
	}
	if !has(n, "file") {
		return wrong(n, "a file is wanted here, for example file: {path: pub/file, size: 4KiB}")
	}
	return nil
}

// File is a file of a certain size.
type File struct {
	Path Path `yaml:"path"`
	Size Size `yaml:"size"`
	node ast.Node
}

// UnmarshalYAML reads a file; both fields must be there.
func (f *File) UnmarshalYAML(n ast.Node) error {
	type plain File
	if err := decode(n, (*plain)(f)); err != nil {
		return err
	}
	for _, key := range []string{"path", "size"} {
		if !has(n, key) {
			return wrong(n, "a file needs a path and a size: %s is missing", key)
		}
	}
	f.node = field(n, "path")
	return f.Path.literal(f.node)
}

// Model says how many sessions there are, and for how long. In the closed model
// a number of sessions run at the same time; each is followed by the next.
type Model struct {
	Model modelName `yaml:"model"`
	// Sessions is how many run at the same time.
	Sessions Count `yaml:"sessions"`
	// For is how long sessions are started and measured, after the warm-up.
	For Duration `yaml:"for"`
	// Count is how many sessions run in all, instead of For.
	Count Count `yaml:"count"`
}

const maxSessions = 100_000

type modelName string

// Closed is the name of the closed model.
const Closed modelName = "closed"

// UnmarshalYAML reads the model. Its name comes first, because the other
// settings depend on it.
func (m *Model) UnmarshalYAML(n ast.Node) error {
	if has(n, "model") {
		if s, err := text(field(n, "model"), "closed"); err != nil || s != string(Closed) {
			return wrong(field(n, "model"), "the model must be closed (sessions that follow each other); there is no other, such as open (arrival rates)")
		}
	}
	type plain Model
	if err := decode(n, (*plain)(m)); err != nil {
		return err
	}
	m.Model = Closed
	return m.check(n)
}

// check finds what is missing or contradictory. The node is nil when settings
// did not come from a file.
func (m *Model) check(n ast.Node) error {
	at := func(key string) ast.Node {
		if n == nil {
			return nil
		}
		return field(n, key)
	}
	switch {
	case m.Sessions == 0:
		return wrong(at("sessions"), "sessions must be at least 1")
	case m.Sessions > maxSessions:
		return wrong(at("sessions"), "sessions must be at most %d", maxSessions)
	case m.For > 0 && m.Count > 0:
		return wrong(at("count"), "either for or count can be set, not both")
	case m.For == 0 && m.Count == 0:
		return wrong(n, "for (a duration) or count (of sessions in all) must be set")
	}
	return nil
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
	for _, key := range []string{"name", "load", "session"} {
		if !has(body, key) {
			return nil, wrong(body, "%s is missing", key)
		}
	}
	if s.WarmUp > 0 && s.Load.Count > 0 {
		return nil, wrong(field(body, "warm-up"), "a warm-up needs for: with count every session counts")
	}
	return s, s.check(body)
}

// check looks at what spans several parts of a scenario.
func (s *Scenario) check(body ast.Node) error {
	p, err := s.compile("")
	if err != nil {
		return err
	}
	if len(p.names) == 0 {
		return wrong(field(body, "session"), "a session that never logs in puts no load on a server")
	}
	for i := range s.Want {
		if err := s.Want[i].check(p); err != nil {
			return err
		}
	}
	return nil
}

// compile makes the plan of the session. Uploads that name no path go to directory.
func (s *Scenario) compile(directory string) (*plan, error) {
	return compile(s.Session, s.Needs, directory)
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
