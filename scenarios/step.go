package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Step is one thing that a session does. Its type knows the YAML of its
// settings, by exported fields or UnmarshalYAML, and the operations that it
// compiles to.
type Step interface {
	compile(c *compiler) error
}

// whole is a step that reads the entry of the list it stands in, because it has
// settings beside its name.
type whole interface {
	unmarshalEntry(entry *ast.MappingNode) error
}

// laden is a step that consists of one setting and is nothing without it.
type laden interface{ laden() }

// sized is a step that moves a number of octets which can be set from outside.
type sized interface {
	resize(Size)
}

// nesting is a step with steps in it.
type nesting interface {
	inner() Steps
}

// kindOfStep is what is known of a step before it is decoded.
type kindOfStep struct {
	about string
	make  func() Step
}

var steps = map[string]kindOfStep{}

// register makes a step known by the name that it has in YAML, with what it does
// in one line. It is called from init functions, in the file of each step.
func register(name, about string, make func() Step) { steps[name] = kindOfStep{about, make} }

// Steps is a list of steps. An entry is the bare name of a step, or a mapping
// of the name to the settings.
type Steps []Placed

// Placed is a step where it stands.
type Placed struct {
	Name string
	Step
	node ast.Node
}

// UnmarshalYAML reads a list of steps that is not empty.
func (s *Steps) UnmarshalYAML(n ast.Node) error {
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		return wrong(n, "a list of steps is wanted here")
	}
	for _, v := range list.Values {
		e, err := placedStep(v)
		if err != nil {
			return err
		}
		*s = append(*s, e)
	}
	return nil
}

func placedStep(n ast.Node) (Placed, error) {
	switch v := n.(type) {
	case *ast.StringNode:
		step, err := find(n, v.Value)
		if err != nil {
			return Placed{}, err
		}
		if _, ok := step.(laden); ok {
			err = wrong(n, "the settings are missing: write them as %s: ...", v.Value)
		} else if w, ok := step.(whole); ok {
			err = w.unmarshalEntry(&ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: v.GetToken(), IsFlowStyle: true})
		} else if d, ok := step.(interface{ UnmarshalYAML(ast.Node) error }); ok {
			err = d.UnmarshalYAML(n)
		} else {
			err = complete(n, step)
		}
		return Placed{v.Value, step, n}, err
	case *ast.MappingNode:
		if len(v.Values) == 0 {
			break
		}
		first := v.Values[0]
		name := first.Key.String()
		step, err := find(first.Key, name)
		if err != nil {
			return Placed{}, err
		}
		if w, ok := step.(whole); ok {
			return Placed{name, step, v}, w.unmarshalEntry(v)
		}
		if len(v.Values) > 1 {
			extra := v.Values[1].Key
			return Placed{}, wrong(extra, "%q does not belong here: settings of %s stand below it or in braces, other steps in entries of their own", extra, name)
		}
		return Placed{name, step, first.Value}, decode(first.Value, step)
	}
	return Placed{}, wrong(n, "a step is wanted here, for example retr: {path: pub/file}")
}

func find(n ast.Node, name string) (Step, error) {
	if kind, ok := steps[name]; ok {
		return kind.make(), nil
	}
	return nil, wrong(n, "%q is no step; there are %s", name, strings.Join(slices.Sorted(maps.Keys(steps)), ", "))
}

// all calls f for every step, nested ones too.
func (s Steps) all(f func(Step)) {
	for _, e := range s {
		f(e.Step)
		if n, ok := e.Step.(nesting); ok {
			n.inner().all(f)
		}
	}
}
