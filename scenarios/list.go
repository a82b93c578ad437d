package scenarios

func init() {
	for verb, name := range map[string]string{"LIST": "list", "NLST": "nlst", "MLSD": "mlsd"} {
		register(name, "fetch a listing with "+verb+", of the working directory when it names no path", func() Step { return &list{name: name, verb: verb} })
	}
}

// list fetches a listing with LIST or NLST (RFC 959 §4.1.3), or with MLSD
// (RFC 3659 §7), of the working directory when it names no path.
type list struct {
	Path       Path `yaml:"path"`
	name, verb string
}

func (l *list) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if err := c.reads(l.Path); err != nil {
		return err
	}
	command := l.verb
	if l.Path != "" {
		command += " " + string(l.Path)
	}
	c.operation(l.name, c.receive(command, noSum)...)
	return nil
}

// receive is the operations of a transfer from the server, whose data are summed
// up if that is wanted.
func (c *compiler) receive(command string, sum algorithm) []op {
	return append(c.opening(command),
		op{code: opDrain, sum: sum},
		op{code: opCloseData},
		op{code: opComplete, class: 2},
	)
}

// feed is the operations of a transfer to the server.
func (c *compiler) feed(command string, size Size) []op {
	return append(c.opening(command),
		op{code: opFeed, size: int64(size)},
		op{code: opCloseData},
		op{code: opComplete, class: 2},
	)
}

// opening is the operations of a transfer until the data move. The data
// connection comes before the command: many servers send the 1yz only when they
// have accepted it.
func (c *compiler) opening(command string) []op {
	return []op{
		{code: opPassive, class: 2},
		{code: opOpenData},
		{code: opCommand, text: command, class: 1},
		{code: opSecureData},
	}
}
