package scenarios

func init() {
	register("stor", "upload generated content", func() Step { return &stor{} })
}

// stor uploads generated content with STOR (RFC 959 §4.1.3). Without a path it
// stores into the directory of the run, each worker into a file of its own, so
// that a long run does not fill the server's disk.
type stor struct {
	Path Path `yaml:"path"`
	Size Size `yaml:"size" scenario:"required"`
}

func (s *stor) resize(size Size) { s.Size = size }

func (s *stor) compile(c *compiler) error {
	file, err := c.writes(s.Path, "{worker}.bin")
	if err != nil {
		return err
	}
	c.sizes[file] = s.Size
	c.operation("stor", append([]op{{code: opClaim, text: string(file)}}, c.feed("STOR "+string(file), s.Size)...)...)
	return nil
}

// writes checks the path of a file that is uploaded. Without one it is the named
// file in the run's own directory.
func (c *compiler) writes(file Path, own string) (Path, error) {
	if err := c.connected(); err != nil {
		return "", err
	}
	if file == "" {
		file = Path(c.directory + "/" + own)
		c.ownDirectory = true
		if c.moved {
			return "", c.wrong("", "after a cwd an upload needs a path that begins with a slash")
		}
		return file, nil
	}
	// What was there before the run is looked up before the run, directory
	// by directory.
	switch _, need := c.needed[file]; {
	case file.dir().Variable():
		return "", c.wrong("path", "variables stand in the name of the file, not of its directory")
	case file.of(fileVariable):
		return "", c.wrong("path", "%s stands for files that are needed; store into another", fileVariable)
	case need:
		return "", c.wrong("path", "%s is a file that the scenario needs; store into another", file)
	case c.astray(file):
		return "", c.wrong("path", "after a cwd an upload needs a path that begins with a slash")
	}
	c.uploads = append(c.uploads, file)
	return file, nil
}
