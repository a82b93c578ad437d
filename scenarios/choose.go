package scenarios

import "github.com/goccy/go-yaml/ast"

func init() {
	register("choose", "do one of several things, by chance", func() Step { return &choose{} })
}

// choose does one of several things, each as often as its weight says:
//
//	choose: [{weight: 9, steps: [...]}, {weight: 1, steps: [...]}]
type choose struct{ Options []option }

// option is one of several things. Its weight is 1 where it names none.

type option struct {
	Weight Count `yaml:"weight"`
	Steps  Steps `yaml:"steps" scenario:"required"`
}

// UnmarshalYAML reads an option, which has the weight 1 when it names none.
func (o *option) UnmarshalYAML(n ast.Node) error {
	type plain option
	if err := decode(n, (*plain)(o)); err != nil {
		return err
	}
	return weigh(n, &o.Weight)
}

// weigh checks a weight, and sets it where the node has none.
func weigh(n ast.Node, weight *Count) error {
	if !has(n, "weight") {
		*weight = 1
	}
	return between(field(n, "weight"), "weight", *weight, 1, maxWeight)
}

const maxWeight = 1_000_000

// UnmarshalYAML reads a list of options.
func (s *choose) UnmarshalYAML(n ast.Node) error {
	if list, ok := n.(*ast.SequenceNode); !ok || len(list.Values) < 2 {
		return wrong(n, "a list of at least two is wanted here, each with steps and a weight")
	}
	return decode(n, &s.Options)
}

func (*choose) laden() {}

func (s *choose) inner() (all Steps) {
	for _, o := range s.Options {
		all = append(all, o.Steps...)
	}
	return all
}

func (s *choose) compile(c *compiler) error {
	before, after := c.moved, false
	err := c.branch(len(s.Options), func(i int) (Count, error) {
		c.moved = before
		err := c.inner(s.Options[i].Steps)
		after = after || c.moved
		return s.Options[i].Weight, err
	})
	c.moved = after
	return err
}
