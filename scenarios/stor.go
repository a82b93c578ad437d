package scenarios

func init() { register("stor", func() Step { return &stor{} }) }

// stor uploads generated content with STOR. Without a path it stores into the
// directory of the run, each worker into a file of its own, so that a long run
// does not fill the server's disk.
type stor struct {
	Path Path `yaml:"path"`
	Size Size `yaml:"size"`
}

func (s *stor) resize(size Size) { s.Size = size }

func (s *stor) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	if c.node != nil && !has(c.node, "size") {
		return c.wrong("", "stor needs a size")
	}
	file := s.Path
	if file == "" {
		file = Path(c.directory + "/{worker}.bin")
		c.ownDirectory = true
	} else {
		// What was there before the run is looked up before the run, directory
		// by directory.
		if file.dir().Variable() {
			return c.wrong("path", "variables stand in the name of the file, not of its directory")
		}
		if _, need := c.sizes[file]; need {
			return c.wrong("path", "%s is a file that the scenario needs; store into another", file)
		}
		c.uploads = append(c.uploads, file)
	}
	c.sizes[file] = s.Size
	c.operation("stor",
		op{code: opClaim, text: string(file)},
		op{code: opPassive},
		op{code: opOpenData},
		op{code: opCommand, text: "STOR " + string(file), class: 1},
		op{code: opSecureData},
		op{code: opFeed, size: int64(s.Size)},
		op{code: opCloseData},
		op{code: opComplete, class: 2},
	)
	return nil
}
