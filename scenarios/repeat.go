package scenarios

import "github.com/goccy/go-yaml/ast"

func init() {
	register("repeat", "do steps a number of times", func() Step { return &repeat{} })
}

// repeat runs its steps a number of times. It is written
//
//   - repeat: {times: 10, steps: [...]}
//
// or, with less indentation,
//
//   - repeat: 10
//     steps: [...]
type repeat struct {
	Times Count `yaml:"times" scenario:"required"`
	Steps Steps `yaml:"steps" scenario:"required"`
}

func (*repeat) laden() {}

func (r *repeat) unmarshalEntry(entry *ast.MappingNode) error {
	settings := ast.Node(entry)
	times := "repeat"
	if inner, ok := field(entry, "repeat").(*ast.MappingNode); ok && inner != entry {
		if len(entry.Values) > 1 {
			return wrong(entry.Values[1].Key, "the settings of repeat stand in its braces already")
		}
		settings, times = inner, "times"
		if err := decode(inner, r); err != nil {
			return err
		}
	} else {
		var flat struct {
			Times Count `yaml:"repeat" scenario:"required"`
			Steps Steps `yaml:"steps" scenario:"required"`
		}
		if err := decode(entry, &flat); err != nil {
			return err
		}
		*r = repeat(flat)
	}
	return between(field(settings, times), "repeat", r.Times, 1, maxCount)
}

func (r *repeat) inner() Steps { return r.Steps }

func (r *repeat) compile(c *compiler) error {
	if c.depth == maxLoops {
		return c.wrong("", "more than %d repeats inside each other", maxLoops)
	}
	return c.loop(r.Times, r.Steps)
}
