package scenarios

func init() {
	register("appe", "append generated content to a file of the run", func() Step { return &appe{} })
}

// appe appends generated content with APPE (RFC 959 §4.1.3). Without a path it
// appends to a file in the directory of the run, one for each worker. The files
// grow for as long as the load lasts.
type appe struct {
	Path Path `yaml:"path"`
	Size Size `yaml:"size" scenario:"required"`
}

func (a *appe) resize(size Size) { a.Size = size }

func (a *appe) compile(c *compiler) error {
	file, err := c.writes(a.Path, "{worker}.log")
	if err != nil {
		return err
	}
	c.operation("appe", append([]op{{code: opClaim, text: string(file)}}, c.feed("APPE "+string(file), a.Size)...)...)
	return nil
}
