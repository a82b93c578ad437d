package scenarios

func init() {
	register("noop", "send NOOP, which does nothing", func() Step { return &noop{} })
}

// noop sends NOOP (RFC 959 §4.1.3): the shortest exchange there is.
type noop struct{}

func (*noop) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	c.operation("noop", op{code: opCommand, text: "NOOP", class: 2})
	return nil
}
