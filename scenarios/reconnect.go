package scenarios

func init() {
	register("reconnect", "drop the control connection without a word, and log in anew", func() Step { return &reconnect{} })
}

// reconnect drops the control connection without a word, as a client does that
// has lost its network, and logs in anew. What the server had open for the
// session, a passive port above all, it has to give back by itself.
type reconnect struct{}

func (*reconnect) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	c.moved = false
	c.operation("reconnect", op{code: opDrop}, op{code: opConnect}, op{code: opEnter})
	return nil
}
