package scenarios

func init() {
	register("passive", "ask for a passive port and leave it alone", func() Step { return &passive{} })
}

// passive asks for a passive port with EPSV or PASV and leaves it alone: no data
// connection follows. The next passive port replaces it, and the end of the
// session gives it back.
type passive struct{}

func (*passive) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	c.operation("passive", op{code: opPassive, class: 2})
	return nil
}
