package spec

import (
	"bytes"
	"context"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// Close removes what the run has made on the server, also when ctx has ended, in up
// to as many sessions as requirements were judged at once.
func (j *Judge) Close(ctx context.Context) error {
	if j.work.path == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	j.mu.Lock()
	n := j.atOnce
	j.mu.Unlock()
	first, err := j.patiently(ctx, j.open)
	if err != nil {
		return err
	}
	c := newCrew(first, func(ctx context.Context) (*probe.Session, error) { return j.Dialer.Open(ctx, j.Target) }, n)
	defer c.dismiss(ctx)
	return c.remove(ctx, j.work.path)
}

// cleanupTimeout bounds the removal of what a run has made. A slow server with
// many files takes minutes; a silent one is given up by the patience of a step.
const cleanupTimeout = 10 * time.Minute

// ours are the names of directories that runs have made.
var ours = regexp.MustCompile(`^` + Workplace + `[0-9a-f]{12}$`)

// Cleanup removes what earlier runs have left in the directory of the target,
// because they were killed, in up to n sessions at once, and names it. A run that
// is still going on loses its directory, too. One that cannot be removed does not
// keep the others.
func Cleanup(ctx context.Context, d *probe.Dialer, t probe.Target, n int) (removed []string, err error) {
	s, err := d.Open(ctx, t)
	if err != nil {
		return nil, err
	}
	names, err := list(ctx, s, "")
	c := newCrew(s, func(ctx context.Context) (*probe.Session, error) { return d.Open(ctx, t) }, n)
	defer c.dismiss(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !ours.MatchString(name) {
			continue
		}
		if failed := c.remove(ctx, name); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		removed = append(removed, name)
	}
	return removed, err
}

// says sends a command about a path and tells whether the server agreed. A CR in
// the path goes out as CR NUL (RFC 854 p.11).
func says(ctx context.Context, s *probe.Session, verb, path string) (bool, error) {
	line := verb + " " + path
	var r probe.Reply
	var err error
	if strings.ContainsAny(path, "\r\n\x00") {
		if err = s.Write(ctx, strings.ReplaceAll(line, "\r", "\r\x00")+"\r\n"); err == nil {
			r, err = s.Receive(ctx)
		}
	} else {
		r, err = s.Do(ctx, line)
	}
	return r.Positive(), err
}

// list is the names in a directory, by MLSD or, where that is unknown, by NLST and
// LIST: there are servers whose NLST wants no path, or takes one for a pattern.
func list(ctx context.Context, s *probe.Session, dir string) ([]string, error) {
	lines := func(verb string) ([]string, error) {
		var b bytes.Buffer
		_, err := s.Retrieve(ctx, strings.TrimSpace(verb+" "+dir), &bounded{&b})
		end := "\r\n"
		if !strings.Contains(b.String(), end) {
			end = "\n" // so is NLST in TYPE I of servers that come from BSD's
		}
		return strings.Split(b.String(), end), err
	}
	var names []string
	add := func(name string) {
		name = path.Base(name)
		if name != "." && name != ".." && name != "/" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	entries, err := lines("MLSD")
	if err == nil {
		for _, line := range entries {
			if entry, err := probe.ParseEntry(line); err == nil && entry.Type() != "cdir" && entry.Type() != "pdir" {
				add(entry.Name)
			}
		}
		return names, nil
	}
	short, err := lines("NLST")
	if err != nil && probe.CauseOf(err) != probe.Refusal {
		return nil, err
	}
	long, also := lines("LIST")
	switch {
	case also != nil && probe.CauseOf(also) != probe.Refusal:
		return nil, also
	case err != nil && also != nil:
		return nil, err
	}
	for _, line := range short {
		add(strings.TrimRight(line, "\n"))
	}
	for _, line := range long {
		if item, err := probe.ParseListItem(line, time.Now()); err == nil {
			add(item.Name)
		}
	}
	return names, nil
}

// bounded takes no more than a listing may have.
type bounded struct{ *bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxListing {
		return 0, errors.New("the listing is too long")
	}
	return b.Buffer.Write(p)
}
