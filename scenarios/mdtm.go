package scenarios

func init() {
	register("mdtm", "ask when a file was changed last", func() Step { return &mdtm{} })
}

// mdtm asks when a file was changed last with MDTM (RFC 3659 §3).
type mdtm struct {
	Path Path `yaml:"path" scenario:"required"`
}

func (m *mdtm) compile(c *compiler) error { return c.ask("mdtm", "MDTM", m.Path) }
