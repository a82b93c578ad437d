package spec

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/probe"
)

// Bounds of what is removed: a server's listings may have no end.
const (
	maxDepth   = 8
	maxEntries = 20_000
)

// crew is some sessions that remove directories together: most of the time of
// each is waiting for replies.
type crew struct {
	open func(context.Context) (*probe.Session, error)
	size int
	idle chan *probe.Session
	left atomic.Int64 // entries that may still be removed

	mu   sync.Mutex
	more int // sessions that may still be opened
}

// newCrew is a crew of one session, and up to n when there is work for them and
// the server admits them.
func newCrew(first *probe.Session, open func(context.Context) (*probe.Session, error), n int) *crew {
	n = max(n, 1)
	c := &crew{open: open, size: n, idle: make(chan *probe.Session, n), more: n - 1}
	c.idle <- first
	return c
}

// dismiss ends the sessions. Nothing may be under way.
func (c *crew) dismiss(ctx context.Context) {
	var all sync.WaitGroup
	for range len(c.idle) {
		s := <-c.idle
		all.Go(func() { goodbye(ctx, s) })
	}
	all.Wait()
}

// take is a session that has nothing else to do. It is to be given back.
func (c *crew) take(ctx context.Context) (*probe.Session, error) {
	select {
	case s := <-c.idle:
		return s, nil
	default:
	}
	c.mu.Lock()
	grow := c.more > 0
	if grow {
		c.more--
	}
	c.mu.Unlock()
	if grow {
		if s, err := c.open(ctx); err == nil {
			return s, nil
		}
		// The server does not admit so many.
		c.mu.Lock()
		c.more = 0
		c.mu.Unlock()
	}
	select {
	case s := <-c.idle:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// remove deletes a directory of ours and everything in it. What several sessions
// cannot do together, for want of passive ports perhaps, one does by itself.
func (c *crew) remove(ctx context.Context, dir string) error {
	c.left.Store(maxEntries)
	refusal, err := c.tree(ctx, dir, maxDepth)
	if err == nil && refusal != "" && c.size > 1 {
		c.shrink(ctx)
		refusal, err = c.tree(ctx, dir, maxDepth)
	}
	if err == nil && refusal != "" {
		err = fmt.Errorf("%s could not be removed: %s", probe.Printable(dir), refusal)
	}
	return err
}

// shrink leaves one session.
func (c *crew) shrink(ctx context.Context) {
	c.size, c.more = 1, 0
	last := <-c.idle
	c.dismiss(ctx)
	c.idle <- last
}

// tree deletes a directory and what is in it. The refusal says why it is still
// there; the error is one of the wire, after which there is no going on.
func (c *crew) tree(ctx context.Context, dir string, depth int) (refusal string, err error) {
	if refusal, err = c.say(ctx, "RMD", dir); refusal == "" || err != nil {
		return refusal, err
	}
	if depth == 0 {
		return "it is too deep", nil
	}
	names, err := c.list(ctx, dir)
	if err != nil {
		return err.Error(), ctx.Err()
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(c.size)
	for _, name := range names {
		if c.left.Add(-1) < 0 {
			break
		}
		group.Go(func() error {
			entry := dir + "/" + name
			refusal, err := c.say(inner, "DELE", entry)
			if err == nil && refusal != "" {
				// What cannot be removed shows when the directory cannot be.
				_, err = c.tree(inner, entry, depth-1)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	refusal, err = c.say(ctx, "RMD", dir)
	if refusal != "" && c.left.Load() < 0 {
		refusal = "too many entries"
	}
	return refusal, err
}

// list is what is in a directory. An error is that of the data connection, or of
// the wire, as the next command will show.
func (c *crew) list(ctx context.Context, dir string) ([]string, error) {
	s, err := c.take(ctx)
	if err != nil {
		return nil, err
	}
	names, err := list(ctx, s, dir)
	if err != nil {
		// Its replies may be out of step.
		s.Close()
		if again, failed := c.open(ctx); failed == nil {
			s = again
		}
	}
	c.idle <- s
	return names, err
}

// say sends a command about a path; the refusal is empty when the server agreed. A
// server that ends a session, because it has refused enough there, is asked in
// another one.
func (c *crew) say(ctx context.Context, verb, path string) (refusal string, err error) {
	s, err := c.take(ctx)
	if err != nil {
		return "", err
	}
	ok, err := says(ctx, s, verb, path)
	if cause := probe.CauseOf(err); cause == probe.Closed || cause == probe.Reset || s.Last().Code == 421 {
		s.Close()
		if again, failed := c.open(ctx); failed == nil {
			s = again
			ok, err = says(ctx, s, verb, path)
		}
	}
	if err == nil && !ok {
		refusal = s.Last().String()
	}
	c.idle <- s
	return refusal, err
}
