package scenarios

func init() {
	register("size", "ask for the size of a file", func() Step { return &size{} })
}

// size asks for the size of a file with SIZE (RFC 3659 §4).
type size struct {
	Path Path `yaml:"path" scenario:"required"`
}

func (s *size) compile(c *compiler) error { return c.ask("size", "SIZE", s.Path) }
