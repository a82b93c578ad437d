package listings

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// features are what all requirements on MLST and MLSD need.
var features = []string{"MLST"}

var (
	// wellFormed is an entry: facts with a semicolon each, or none, one space, and
	// the pathname (RFC 3659 §7.2).
	wellFormed = regexp.MustCompile(`(?s)^((?:[A-Za-z][^ ;=]*=[^ ;]*;)*) (.*)$`)
	// factLike is a fact where the pathname should begin.
	factLike = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]*=[^ ;]*;`)
)

// parse reads an entry; false when it is none.
func parse(line string) (probe.Entry, bool) {
	m := wellFormed.FindStringSubmatch(line)
	if m == nil {
		return probe.Entry{}, false
	}
	e := probe.Entry{Name: m[2]}
	for fact := range strings.SplitSeq(m[1], ";") {
		if name, value, ok := strings.Cut(fact, "="); ok {
			e.Facts = append(e.Facts, probe.Fact{Name: name, Value: value})
		}
	}
	return e, true
}

// entries are those of the lines that can be read.
func entries(lines []string) []probe.Entry {
	var all []probe.Entry
	for _, line := range lines {
		if e, ok := parse(line); ok {
			all = append(all, e)
		}
	}
	return all
}

// mlst is the line that MLST has for a path, without the space it begins with.
// The form of the reply is for MLS-001 to judge.
func mlst(ctx context.Context, t *spec.T, s *probe.Session, path string) string {
	r := t.Do(ctx, s, strings.TrimSpace("MLST "+path))
	lines := r.Lines()
	if !r.Positive() || len(lines) < 3 {
		t.Skip("no facts this time: %s", r)
	}
	return strings.TrimPrefix(lines[1], " ")
}

// look is the entry that MLST has for a path.
func look(ctx context.Context, t *spec.T, s *probe.Session, path string) probe.Entry {
	line := mlst(ctx, t, s, path)
	e, ok := parse(line)
	if !ok {
		t.Skip("no readable facts this time: %s", probe.Printable(line))
	}
	return e
}

// mlsd is the lines that MLSD has for a directory, or for the current one. That
// they come is for MLS-003 to judge.
func mlsd(ctx context.Context, t *spec.T, s *probe.Session, dir string) []string {
	m := t.Take(ctx, s, strings.TrimSpace("MLSD "+dir))
	t.Blame(m.Err)
	t.Blame(m.DataErr)
	if m.Err != nil || m.DataErr != nil || !m.Final.Positive() {
		t.Skip("no listing this time: MLSD is answered %s", m.Final)
	}
	return split(m.Data)
}

// split cuts a listing into lines, at CR LF alone.
func split(data []byte) []string {
	lines := strings.Split(string(data), "\r\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// find is the entry of a name, in any case: servers may mind it or not.
func find(all []probe.Entry, name string) (probe.Entry, bool) {
	i := slices.IndexFunc(all, func(e probe.Entry) bool { return strings.EqualFold(e.Name, name) })
	if i < 0 {
		return probe.Entry{}, false
	}
	return all[i], true
}

// enter changes to a directory of the run.
func enter(ctx context.Context, t *spec.T, s *probe.Session, dir string) {
	if r := t.Do(ctx, s, "CWD "+dir); !r.Positive() {
		t.Skip("no way into the directory of this check: %s", r)
	}
}

// store puts a file there as the beginning of a check.
func store(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) {
	m := t.Give(ctx, s, "STOR "+path, content)
	t.Blame(m.Err)
	if m.Err != nil || !m.Final.Positive() {
		t.Skip("no file to work with: STOR is answered %s", m.Final)
	}
}

// refused tells that a transfer was refused.
func refused(m spec.Moved) bool { return m.Err == nil && m.Final.Negative() }
