package scenarios

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

func init() {
	register("rest", "have the retr that follows begin at an offset", func() Step { return &rest{} })
}

// rest has the download that follows begin at an offset, with REST (RFC 3659 §5).
// REST is a part of that download: it must be the last command before RETR
// (RFC 3659 §5.3), so PASV and the data connection come first.
type rest struct {
	Offset offset `yaml:"offset" scenario:"required"`
}

// offset is a number of octets, or a share of the file.
type offset struct {
	octets  Size
	share   Percent
	isShare bool
}

// UnmarshalYAML reads 64KiB or 50%.
func (o *offset) UnmarshalYAML(n ast.Node) error {
	const want = "an offset like 64KiB or 50%"
	s, err := scalar(n, want)
	if err != nil {
		return err
	}
	if o.isShare = strings.HasSuffix(s, "%"); o.isShare {
		return unmarshal(n, want, ParsePercent, &o.share)
	}
	return o.octets.UnmarshalYAML(n)
}

func (r *rest) compile(c *compiler) error {
	if err := c.connected(); err != nil {
		return err
	}
	download, ok := c.following.(*retr)
	if !ok {
		return c.wrong("", "rest stands directly before the retr that it is for")
	}
	at := r.Offset.octets
	if r.Offset.isShare {
		size, known := c.known(download.Path)
		if !known {
			return c.wrong("offset", "the size of %s is not known: give the offset in octets, name the file under needs, or store it before", download.Path)
		}
		at = Size(float64(size) * float64(r.Offset.share))
	}
	c.offset = &at
	return nil
}
