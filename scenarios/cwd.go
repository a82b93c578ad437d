package scenarios

func init() {
	register("cwd", "change the working directory", func() Step { return &cwd{} })
}

// cwd changes the working directory with CWD (RFC 959 §4.1.1).
type cwd struct {
	Path Path `yaml:"path" scenario:"required"`
}

func (w *cwd) compile(c *compiler) error {
	err := c.ask("cwd", "CWD", w.Path)
	c.moved = true
	return err
}

// ask is an operation of one command about a path, which succeeds with 2yz.
func (c *compiler) ask(name, verb string, path Path) error {
	if err := c.connected(); err != nil {
		return err
	}
	if err := c.reads(path); err != nil {
		return err
	}
	c.operation(name, op{code: opCommand, text: verb + " " + string(path), class: 2})
	return nil
}
