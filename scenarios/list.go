package scenarios

func init() { register("list", func() Step { return &list{} }) }

// list fetches a listing with LIST, of the working directory when it names no path.
type list struct {
	Path Path `yaml:"path"`
}

func (l *list) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	command := "LIST"
	if l.Path != "" {
		command += " " + string(l.Path)
	}
	c.operation("list", c.receive(command, noSum)...)
	return nil
}

// receive is the operations of a transfer from the server, whose data are summed
// up if that is wanted. The data connection comes before the command: many servers send the 1yz only when they have
// accepted it.
func (c *compiler) receive(command string, sum algorithm) []op {
	return []op{
		{code: opPassive},
		{code: opOpenData},
		{code: opCommand, text: command, class: 1},
		{code: opSecureData},
		{code: opDrain, sum: sum},
		{code: opCloseData},
		{code: opComplete, class: 2},
	}
}
