package scenarios

import "github.com/goccy/go-yaml/ast"

func init() { register("retr", func() Step { return &retr{} }) }

// retr downloads a file with RETR and discards it.
type retr struct {
	Path Path `yaml:"path"`
	// Verify says what is compared with what is known of the file.
	Verify verification `yaml:"verify"`
}

// verification is "none" or "size".
type verification string

const (
	verifyNone verification = "none"
	verifySize verification = "size"
)

// UnmarshalYAML reads one of the words.
func (v *verification) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "size or none")
	if err != nil {
		return err
	}
	if *v = verification(s); *v != verifyNone && *v != verifySize {
		return wrong(n, "%q is none of size, none", s)
	}
	return nil
}

func (r *retr) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if r.Path == "" {
		return c.wrong("", "retr needs a path")
	}
	ops := c.receive("RETR " + string(r.Path))
	if r.Verify == verifySize {
		size, known := c.sizes[r.Path]
		if !known {
			return c.wrong("verify", "the size of %s is not known: name the file under needs, or store it before", r.Path)
		}
		ops = append(ops, op{code: opVerify, size: int64(size)})
	}
	c.operation("retr", ops...)
	return nil
}
