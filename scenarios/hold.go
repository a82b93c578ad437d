package scenarios

import (
	"math"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func init() {
	register("hold", "stay connected and idle for a while, or for as long as the load lasts", func() Step { return &hold{} })
}

// hold keeps the session idle, for a while or for as long as the load lasts: 30s,
// or {for: 30s, noop: 5s} with a NOOP every five seconds. When the load ends, a
// session that holds is not cut short: it goes on to its end.
type hold struct {
	For  Duration `yaml:"for"`
	Noop Duration `yaml:"noop"`
	node ast.Node
}

// UnmarshalYAML reads "hold: 30s" and the long form.
func (h *hold) UnmarshalYAML(n ast.Node) error {
	h.node = n
	if _, ok := n.(*ast.MappingNode); !ok {
		if s, ok := n.(*ast.StringNode); ok && s.Value == "hold" {
			return nil // a bare word
		}
		return h.For.UnmarshalYAML(n)
	}
	type plain hold
	if err := decode(n, (*plain)(h)); err != nil {
		return err
	}
	if has(n, "noop") {
		return between(field(n, "noop"), "noop", h.Noop, Duration(time.Second), Duration(maxDuration))
	}
	return nil
}

func (h *hold) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if h.For == 0 {
		c.endless = h.node
	}
	at := len(c.ops)
	if h.Noop == 0 || h.For > 0 && h.For <= h.Noop {
		c.emit(op{code: opHold, wait: time.Duration(h.For), target: at + 1})
		return nil
	}
	rounds, rest := int64(math.MaxInt64), time.Duration(0)
	if h.For > 0 {
		rounds, rest = int64(h.For/h.Noop), time.Duration(h.For%h.Noop)
	}
	if c.depth == maxLoops {
		return c.wrong("", "more than %d repeats inside each other", maxLoops)
	}
	c.depth++
	c.emit(op{code: opHold, wait: time.Duration(h.Noop)})
	c.operation("noop", op{code: opCommand, text: "NOOP", class: 2})
	c.depth--
	c.emit(op{code: opLoop, times: rounds, target: at})
	if rest > 0 {
		c.emit(op{code: opHold, wait: rest, target: len(c.ops) + 1})
	}
	c.ops[at].target = len(c.ops)
	c.subject = 0
	return nil
}
