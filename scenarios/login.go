package scenarios

func init() {
	register("login", "open the control connection and log in", func() Step { return &login{} })
}

// login opens the control connection, secured as the target asks for, and logs
// in. The time of the operation is all that a user waits for.
type login struct{}

func (*login) compile(c *compiler) error {
	if c.open {
		return c.wrong("", "this session is logged in already")
	}
	if c.nested > 0 {
		return c.wrong("", "a session logs in once, and not in a repeat or choose")
	}
	c.open = true
	c.operation("login", op{code: opConnect}, op{code: opEnter})
	return nil
}
