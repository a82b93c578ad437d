package scenarios

func init() {
	register("abort", "begin a download and end it with ABOR", func() Step { return &abort{} })
}

// abort begins a download and ends it in its midst with ABOR (RFC 959 §4.1.3).
// The session goes on. A file that fits into the buffers on the way is sent
// before it can be aborted; that is no failure.
type abort struct {
	Path Path `yaml:"path" scenario:"required"`
	// After is how many octets are received before; without it the first one.
	After Size `yaml:"after"`
}

func (a *abort) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if err := c.reads(a.Path); err != nil {
		return err
	}
	c.operation("abort", append(c.opening("RETR "+string(a.Path)),
		op{code: opReceive, size: max(int64(a.After), 1)},
		op{code: opAbort, class: 2},
	)...)
	return nil
}
