package scenarios

import (
	"time"

	"github.com/goccy/go-yaml/ast"
)

func init() {
	register("think", "do nothing for a while", func() Step { return &think{} })
}

// think does nothing for a while, as a user does between two actions.
type think struct{ For Duration }

// UnmarshalYAML reads "think: 50ms".
func (t *think) UnmarshalYAML(n ast.Node) error { return t.For.UnmarshalYAML(n) }

func (*think) laden() {}

func (t *think) compile(c *compiler) error {
	c.emit(op{code: opWait, wait: time.Duration(t.For)})
	return nil
}
