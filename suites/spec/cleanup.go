package spec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// Close removes what the run has made on the server, also when ctx has ended.
func (j *Judge) Close(ctx context.Context) error {
	if j.work.path == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	return j.with(ctx, func(s *probe.Session) error { return remove(ctx, s, j.work.path) })
}

// cleanupTimeout bounds the removal of what a run has made. A slow server with
// many files takes minutes; a silent one is given up by the patience of a step.
const cleanupTimeout = 10 * time.Minute

// ours are the names of directories that runs have made.
var ours = regexp.MustCompile(`^` + Workplace + `[0-9a-f]{12}$`)

// Cleanup removes what earlier runs have left in the directory of the target,
// because they were killed, and names it. A run that is still going on loses its
// directory, too.
func Cleanup(ctx context.Context, d *probe.Dialer, t probe.Target) (removed []string, err error) {
	s, err := d.Open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = s.Quit(ctx) }()
	names, err := list(ctx, s, "")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !ours.MatchString(name) {
			continue
		}
		if err := remove(ctx, s, name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// Bounds of what is removed: a server's listings may have no end.
const (
	maxDepth   = 8
	maxEntries = 10_000
)

// remove deletes a directory of ours and everything in it.
func remove(ctx context.Context, s *probe.Session, dir string) error {
	left := maxEntries
	return removeTree(ctx, s, dir, maxDepth, &left)
}

func removeTree(ctx context.Context, s *probe.Session, dir string, depth int, left *int) error {
	if ok, err := says(ctx, s, "RMD", dir); ok || err != nil {
		return err
	}
	if depth == 0 {
		return fmt.Errorf("%s: too deep", dir)
	}
	names, err := list(ctx, s, dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if *left--; *left < 0 {
			return fmt.Errorf("%s: too many entries", dir)
		}
		full := dir + "/" + name
		ok, err := says(ctx, s, "DELE", full)
		if err != nil {
			return err
		}
		if !ok {
			// What cannot be removed shows when the directory cannot be.
			if err := removeTree(ctx, s, full, depth-1, left); err != nil && ctx.Err() != nil {
				return err
			}
		}
	}
	ok, err := says(ctx, s, "RMD", dir)
	if err == nil && !ok {
		err = fmt.Errorf("%s could not be removed: %s", probe.Printable(dir), s.Last())
	}
	return err
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

// list is the names in a directory, by MLSD or, where that is unknown, NLST.
func list(ctx context.Context, s *probe.Session, dir string) ([]string, error) {
	command := func(verb string) string { return strings.TrimSpace(verb + " " + dir) }
	var b bytes.Buffer
	_, err := s.Retrieve(ctx, command("MLSD"), &bounded{&b})
	mlsd := err == nil
	if !mlsd {
		b.Reset()
		if _, err = s.Retrieve(ctx, command("NLST"), &bounded{&b}); err != nil {
			var e *probe.Error
			if errors.As(err, &e) && e.Cause == probe.Refusal {
				return nil, nil // an empty directory is refused by some
			}
			return nil, err
		}
	}
	var names []string
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		if mlsd {
			entry, err := probe.ParseEntry(line)
			if err != nil || entry.Type() == "cdir" || entry.Type() == "pdir" {
				continue
			}
			line = entry.Name
		}
		name := path.Base(strings.TrimRight(line, "\n"))
		if name != "." && name != ".." && name != "/" && !slices.Contains(names, name) {
			names = append(names, name)
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
