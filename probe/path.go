package probe

import (
	"errors"
	"strings"
)

// ParsePath reads the directory in the 257 that answers PWD or MKD: in double
// quotes directly behind the code, quotes within it doubled, and a space before
// any comment (RFC 959 App. II). A quote that was not doubled is an error, since
// nobody can tell where such a path ends.
func ParsePath(r Reply) (string, error) {
	if r.Code != 257 {
		return "", errors.New("no 257")
	}
	// Any reply may have several lines (RFC 2389 §2.2); the path is in one of them.
	var rest string
	var quoted bool
	for line := range strings.SplitSeq(r.Text(), "\n") {
		if rest, quoted = strings.CutPrefix(line, `"`); quoted {
			break
		}
	}
	if !quoted {
		return "", errors.New("no quote directly behind the code")
	}
	var path strings.Builder
	for {
		part, after, closed := strings.Cut(rest, `"`)
		path.WriteString(part)
		switch {
		case !closed:
			return "", errors.New("no quote behind the path")
		case strings.HasPrefix(after, `"`):
			path.WriteByte('"')
			rest = after[1:]
			continue
		case after != "" && after[0] != ' ':
			return "", errors.New("a quote in the path is not doubled")
		case path.Len() == 0:
			return "", errors.New("the path is empty")
		}
		return path.String(), nil
	}
}
