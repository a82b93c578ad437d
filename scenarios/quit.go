package scenarios

func init() {
	register("quit", "end the session in order", func() Step { return &quit{} })
}

// quit ends the session in order (RFC 959 §4.1.1). A session that ends without
// it just closes its connection.
type quit struct{}

func (*quit) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if c.nested > 0 {
		return c.wrong("", "a session quits once, and not in a repeat or choose")
	}
	c.open = false
	c.operation("quit", op{code: opQuit, class: 2})
	return nil
}
