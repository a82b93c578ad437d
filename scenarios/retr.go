package scenarios

func init() { register("retr", func() Step { return &retr{} }) }

// retr downloads a file with RETR and discards it.
type retr struct {
	Path Path `yaml:"path"`
	// Verify says what the download is compared with.
	Verify verification `yaml:"verify"`
}

func (r *retr) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if r.Path == "" {
		return c.wrong("", "retr needs a path")
	}
	ops, err := c.verified(r.Path, r.Verify)
	if err != nil {
		return err
	}
	c.operation("retr", ops...)
	return nil
}
