package scenarios

func init() {
	register("retr", "download a file and discard it", func() Step { return &retr{} })
}

// retr downloads a file with RETR (RFC 959 §4.1.3) and discards it.
type retr struct {
	Path Path `yaml:"path" scenario:"required"`
	// Verify says what the download is compared with.
	Verify verification `yaml:"verify"`
}

func (r *retr) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if err := c.reads(r.Path); err != nil {
		return err
	}
	ops, err := c.verified(r.Path, r.Verify)
	if err != nil {
		return err
	}
	c.operation("retr", ops...)
	return nil
}
