package scenarios

func init() {
	register("stou", "upload generated content under a name that the server chooses", func() Step { return &stou{} })
}

// stou uploads generated content with STOU, which has the server choose a name
// (RFC 959 §4.1.3). It does so in the directory of the run, which it enters and
// leaves with operations of their own: so whatever the name is, the file is
// found and removed in the end.
type stou struct {
	Size Size `yaml:"size" scenario:"required"`
}

func (s *stou) resize(size Size) { s.Size = size }

func (s *stou) compile(c *compiler) error {
	if _, err := c.writes("", ""); err != nil {
		return err
	}
	c.operation("cwd", op{code: opCommand, text: "CWD " + c.directory, class: 2})
	c.operation("stou", c.feed("STOU", s.Size)...)
	about := c.subject
	c.operation("cwd", op{code: opCommand, text: "CDUP", class: 2})
	c.subject = about
	return nil
}
