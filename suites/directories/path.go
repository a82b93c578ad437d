package directories

import (
	"context"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// where is the current directory as PWD tells it. That it can be read is for
// DIR-001 to say.
func where(ctx context.Context, t *spec.T, s *probe.Session) string {
	r := t.Do(ctx, s, "PWD")
	dir, err := probe.ParsePath(r)
	if err != nil {
		t.Skip("no readable 257 this time: %s", r)
	}
	return dir
}

// same tells that two paths are the same but for a slash at their ends.
func same(a, b string) bool {
	return a == b || strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}

// enter changes to a directory that is there, as the beginning of a check that
// is about something else.
func enter(ctx context.Context, t *spec.T, s *probe.Session, dir string) {
	if r := t.Do(ctx, s, "CWD "+dir); !r.Positive() {
		t.Skip("no way into the directory of this check: %s", r)
	}
}

// create makes a directory as the beginning of a check.
func create(ctx context.Context, t *spec.T, s *probe.Session, dir string) probe.Reply {
	r := t.Do(ctx, s, "MKD "+dir)
	if !r.Positive() {
		t.Skip("no directory to work with: %s", r)
	}
	return r
}

// store puts a file there as the beginning of a check. Uploads have requirements
// of their own.
func store(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) {
	m := t.Give(ctx, s, "STOR "+path, content)
	t.Blame(m.Err)
	if m.Err != nil || !m.Final.Positive() {
		t.Skip("no file to work with: STOR is answered %s", m.Final)
	}
}

// refused expects that a command which cannot be carried out is refused.
func refused(t *spec.T, what string, r probe.Reply, codes ...int) {
	if !r.Negative() {
		t.Fail("a refusal of "+what, r.String())
	}
	t.ExpectRefusal(r, codes...)
}
