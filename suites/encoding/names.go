package encoding

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// entry is a line of MLSD.
var entry = regexp.MustCompile(`(?s)^([^ ]*) (.*)$`)

// list is the names in a directory, octet by octet, without those of the
// directory itself and its parent. Listings have requirements of their own.
func list(ctx context.Context, t *spec.T, s *probe.Session, dir string) []string {
	machine := t.Has(ctx, "MLST")
	verb := "NLST"
	if machine {
		verb = "MLSD"
	}
	m := t.Take(ctx, s, verb+" "+dir)
	t.Blame(m.Err)
	t.Blame(m.DataErr)
	switch {
	case m.Err != nil || m.DataErr != nil:
		t.Skip("no listing this time: %v %v", m.Err, m.DataErr)
	case !m.Final.Positive() && !machine:
		return nil // so some say that there is nothing to list
	case !m.Final.Positive():
		t.Skip("no listing this time: %s is answered %s", verb, m.Final)
	}
	var names []string
	end := "\r\n"
	if !machine && !bytes.Contains(m.Data, []byte(end)) {
		end = "\n" // which is for XFER-021 to judge
	}
	for line := range strings.SplitSeq(string(m.Data), end) {
		if machine {
			e := entry.FindStringSubmatch(line)
			if e == nil || strings.Contains(strings.ToLower(e[1]), "type=cdir") || strings.Contains(strings.ToLower(e[1]), "type=pdir") {
				continue
			}
			line = e[2]
		}
		// Names that were asked for are below a directory; others are not judged here.
		line = line[strings.LastIndexByte(line, '/')+1:]
		if line != "" && line != "." && line != ".." && !slices.Contains(names, line) {
			names = append(names, line)
		}
	}
	return names
}

// plainly skips the check when a plain name is not in the listing as it is either:
// that has requirements of its own.
func plainly(ctx context.Context, t *spec.T, s *probe.Session, room string) {
	const plain = "plain.txt"
	if ok, r := stored(ctx, t, s, room+"/"+plain, []byte("a plain name\n")); !ok {
		t.Skip("a plain name is refused, too: %s", r)
	}
	if names := list(ctx, t, s, room); !slices.Contains(names, plain) {
		t.Skip("a plain name is not in the listing either, which has %s", quote(names))
	}
}

// claims skips the check of a server that does not say in FEAT that it keeps to
// RFC 2640: RFC 959 alone has other rules.
func claims(ctx context.Context, t *spec.T) {
	if f := t.Features(ctx); !f.Has("UTF8") && !f.Has("MLST") {
		t.Skip("missing: feat:UTF8 (not listed)")
	}
}

// write sends a command with a name that has CR NUL in it, and returns the first
// reply. An error is that no reply came.
func write(ctx context.Context, s *probe.Session, line string) (probe.Reply, error) {
	if err := s.Write(ctx, line+"\r\n"); err != nil {
		return probe.Reply{}, err
	}
	return s.Receive(ctx)
}

// stored puts a file there and tells whether the name was taken.
func stored(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) (bool, probe.Reply) {
	m := t.Give(ctx, s, "STOR "+path, content)
	t.Blame(m.Err)
	if m.Err != nil {
		t.Fail("an answer to STOR", m.Err.Error())
	}
	return m.Final.Positive(), m.Final
}

// quote shows names in one printable line.
func quote(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = `"` + probe.Printable(name) + `"`
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
