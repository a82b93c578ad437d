package scenarios

import "github.com/goccy/go-yaml/ast"

func init() {
	register("pace", "move the data that follow no faster than this", func() Step { return &pace{} })
}

// pace bounds the data connections that follow in the session to so many octets
// a second: "pace: 1MiB/s". It is a slow client, or a slow line. "pace: 0/s"
// takes the bound away.
type pace struct{ Rate ByteRate }

// UnmarshalYAML reads "pace: 1MiB/s".
func (p *pace) UnmarshalYAML(n ast.Node) error { return p.Rate.UnmarshalYAML(n) }

func (*pace) laden() {}

func (p *pace) compile(c *compiler) error {
	c.emit(op{code: opPace, size: int64(p.Rate)})
	return nil
}
