package passive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Two sessions with one port between them exchange their files.
var ownPort = spec.Requirement{
	ID:       "PASV-026",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "Parallel sessions never share a passive port",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.6", "a new PASV command MUST be issued before each transfer command, to obtain a unique port pair."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.File,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Alone:     true,
	Sturdy:    true,
	Timeout:   5 * time.Minute,
	Field:     "Under load a user receives another user's file, or stores under another user's name, and nobody notices.",
	Check: func(ctx context.Context, t *spec.T) {
		const sessions, few = 50, 2
		room := t.Room(ctx)
		first := t.Login(ctx)
		files := [][]byte{}
		for i := range sessions {
			files = append(files, bytes.Repeat(fmt.Appendf(nil, "session %d\r\n", i), 300))
		}
		for i, done := range stock(ctx, t, room, files) {
			if !done {
				put(ctx, t, first, nth(room, i), files[i])
			}
		}
		sound(ctx, t, first, spec.Fixture{Path: nth(room, 0), Content: files[0]})
		host := reachable(ctx, t)
		all, err := logins(ctx, t, sessions-1)
		all = append([]*probe.Session{first}, all...)
		if err != nil {
			t.Note("only %d sessions: %v", len(all), err)
		}

		// All ask at once, and all are answered before the first one goes on.
		var group errgroup.Group
		replies := make([]error, len(all))
		offers := make([]probe.Offer, len(all))
		for i, s := range all {
			group.Go(func() error {
				offers[i], replies[i] = s.PASV(ctx)
				return nil
			})
		}
		_ = group.Wait()
		owner := map[probe.Endpoint]int{}
		for i, o := range offers {
			if replies[i] != nil {
				t.Blame(replies[i])
				t.Note("a session gets no port: %v", replies[i])
				continue
			}
			if other, taken := owner[o.Advertised]; taken {
				t.Fail("a port of its own for each session", fmt.Sprintf("sessions %d and %d of %d wait at %s at the same time", other, i, len(all), o.Advertised))
			}
			owner[o.Advertised] = i
		}
		if len(owner) < few {
			t.Inconclusive("fewer than %d sessions got a port", few)
		}

		// That somebody listens at all is judged elsewhere.
		conns := map[int]*probe.DataConn{}
		for _, i := range owner {
			if c := reconnect(ctx, t, all[i], netip.AddrPortFrom(host, offers[i].Advertised.Port)); c != nil {
				conns[i] = c
				defer c.Close()
			} else {
				t.Note("a session cannot connect to its port")
			}
		}
		got := make([][]byte, len(all))
		for i, c := range conns {
			group.Go(func() (err error) {
				got[i], err = fetch(ctx, all[i], c, "RETR "+nth(room, i))
				if err != nil {
					err = fmt.Errorf("session %d: %w", i, err)
				}
				return err
			})
		}
		err = group.Wait()
		// What went wrong may have gone wrong when the files were stored.
		stored := func(i int) { sound(ctx, t, t.Login(ctx), spec.Fixture{Path: nth(room, i), Content: files[i]}) }
		for i, data := range got {
			theirs := slices.IndexFunc(files, func(f []byte) bool { return len(data) > 0 && bytes.HasPrefix(f, data) })
			if theirs >= 0 && theirs != i {
				stored(i)
				t.Fail("each session to get its own file", fmt.Sprintf("session %d gets that of session %d", i, theirs))
			}
		}
		if err != nil {
			t.Blame(err)
			t.Inconclusive("with %d sessions at once: %v", len(conns), err)
		}
		for i := range conns {
			if !bytes.Equal(got[i], files[i]) {
				stored(i)
			}
			t.ExpectContent(got[i], files[i], fmt.Sprintf("the file of session %d of %d", i, len(conns)))
		}
	},
}

// atOnce is how many sessions log in at the same time.
const atOnce = 10

// logins is up to n sessions beside others, fewer when the server says that they
// are too many; then the error is its way to say so.
func logins(ctx context.Context, t *spec.T, n int) (all []*probe.Session, err error) {
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	for len(all) < n && err == nil {
		more := make([]*probe.Session, min(atOnce, n-len(all)))
		var group errgroup.Group
		for i := range more {
			group.Go(func() (err error) {
				more[i], err = d.Open(ctx, target)
				return err
			})
		}
		err = group.Wait()
		for _, s := range more {
			if s != nil {
				all = append(all, t.Keep(s))
			}
		}
		t.Blame(err)
	}
	return all, err
}

// stock stores files in some sessions at the same time, which end then, and tells
// which of them are stored. A server may have fewer sessions or ports.
func stock(ctx context.Context, t *spec.T, room string, files [][]byte) (stored []bool) {
	stored = make([]bool, len(files))
	all, _ := logins(ctx, t, atOnce)
	var group errgroup.Group
	for begin, s := range all {
		group.Go(func() error {
			for i := begin; i < len(files); i += len(all) {
				if _, err := s.Store(ctx, "STOR "+nth(room, i), bytes.NewReader(files[i])); err != nil {
					return err
				}
				stored[i] = true
			}
			return nil
		})
	}
	t.Blame(group.Wait())
	for _, s := range all {
		group.Go(func() error {
			_, err := s.Quit(ctx)
			return err
		})
	}
	t.Blame(group.Wait())
	return stored
}

func nth(room string, i int) string { return fmt.Sprintf("%s/%d", room, i) }

// put stores a file that a check works with. That it cannot be stored is judged
// elsewhere.
func put(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) {
	c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
	if m := t.GiveOn(ctx, s, c, "STOR "+path, content); m.Err != nil || m.DataErr != nil || !m.Final.Positive() {
		t.Skip("missing: write (STOR is answered %s)", m.Final)
	}
}

// errRefused is a transfer that did not end with a 2yz reply.
var errRefused = errors.New("refused")

// fetch downloads over a data connection that is open. Unlike those of spec.T it
// can run beside others.
func fetch(ctx context.Context, s *probe.Session, c *probe.DataConn, line string) ([]byte, error) {
	defer c.Close()
	r, err := s.Do(ctx, line)
	if err != nil {
		return nil, err
	}
	var data []byte
	if r.Preliminary() {
		if s.Protected() {
			err = c.Handshake(ctx)
		}
		if err == nil {
			c.Begin()
			data, err = c.ReadAll(ctx, 1<<20)
		}
		_ = c.Close()
		if err != nil {
			return data, err
		}
		if r, err = s.Complete(ctx); err != nil {
			return data, err
		}
	}
	if !r.Positive() {
		return data, fmt.Errorf("%w: %s", errRefused, r)
	}
	return data, nil
}

// A range that is too small, or ports that stay blocked after their use, show
// only after many transfers.
var manyTransfers = spec.Requirement{
	ID:         "PASV-029",
	Level:      report.Practice,
	Severity:   report.Major,
	Title:      "Many sequential passive transfers in one session all succeed",
	Needs:      spec.Login | spec.IPv4 | spec.File,
	BlockedBy:  []*spec.Requirement{&earlyConnection},
	Alone:      true,
	AloneAgain: true,
	Takes:      time.Minute,
	Timeout:    4 * time.Minute,
	Field:      "Mirrors and backups of many small files break off in the middle, and begin anew, and break off again.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "a larger passive range: a port that was used may be blocked for minutes (TIME_WAIT)"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		times := int(t.Shortened(1000)) // its own tests make do with fewer, too
		path := t.Room(ctx) + "/small"
		content := spec.Binary(1 << 10)
		s := t.Login(ctx)
		put(ctx, t, s, path, content)
		sound(ctx, t, s, spec.Fixture{Path: path, Content: content})

		begun := time.Now()
		var took []time.Duration
		for len(took) < times && time.Since(begun) < minute {
			start := time.Now()
			o, err := s.PASV(ctx)
			var c *probe.DataConn
			if err == nil {
				c, err = t.DialData(ctx, s, o)
			}
			var data []byte
			if err == nil {
				data, err = fetch(ctx, s, c, "RETR "+path)
			}
			if err != nil {
				t.Blame(err)
				t.Fail(fmt.Sprintf("%d transfers", times), fmt.Sprintf("%v, at transfer number %d", err, len(took)+1))
			}
			t.ExpectContent(data, content, fmt.Sprintf("transfer number %d", len(took)+1))
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		t.Note("%d transfers of 1 KiB in %s: median %s, 99 of 100 within %s", len(took), time.Since(begun).Round(time.Millisecond),
			took[len(took)/2].Round(time.Microsecond), took[len(took)*99/100].Round(time.Microsecond))
	},
}
