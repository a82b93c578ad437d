package transfer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// An octet too many or too few, or a wrong one, is likeliest where a buffer ends.
// Every power of two from a disk sector up is the size of somebody's buffer.
var downloadSizes = spec.Requirement{
	ID:        "XFER-041",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "RETR delivers files of every size exactly, those around block boundaries too",
	Cites:     []spec.Citation{copies, allBytes},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores, &visible}),
	Field:     "Some files arrive damaged, always the same ones, and others never. Who tries again with a file at hand finds nothing.",
	Check: func(ctx context.Context, t *spec.T) {
		trySizes(ctx, t, inDownload)
	},
}

// The same on the way in. The files are fetched by another session than the one
// that stored them, which might remember.
var uploadSizes = spec.Requirement{
	ID:        "XFER-042",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "STOR stores files of every size exactly, those around block boundaries too",
	Cites:     []spec.Citation{accepts, allBytes},
	Needs:     spec.Login | spec.Write | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores, &visible}),
	Field:     "Some files are damaged on the server, always the same ones, and the originals are gone by the time somebody looks.",
	Check: func(ctx context.Context, t *spec.T) {
		trySizes(ctx, t, inUpload)

		// The large one is there already. What SIZE says counts when it is what comes.
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		size, err := s.Size(ctx, f.Path)
		if err != nil || size == f.Size {
			if at, stored := flaw(ctx, t, f); stored {
				t.Fail(fmt.Sprintf("all %d octets of an upload as they were sent", f.Size), fmt.Sprintf("octet %d is another one in every download", at))
			}
			return
		}
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		if err := d.drain(ctx, t, patience); err == nil && d.n == size {
			t.Fail(fmt.Sprintf("all of an upload of %d octets", f.Size), fmt.Sprintf("SIZE of %d, and a download of as many", size))
		}
	},
}

// flaw is the first octet of the big file that is not as it was stored, and tells
// whether it is so wherever a download begins: then it is the upload's. It is -1 when
// there is none, or none that was seen.
func flaw(ctx context.Context, t *spec.T, f spec.Fixture) (at int64, stored bool) {
	want, err := io.ReadAll(probe.Content(f.Size))
	t.Blame(err)
	from := func(offset int64) int64 {
		s := t.Login(ctx)
		c := t.Open(ctx, s)
		defer c.Close()
		if offset > 0 && s.Restart(ctx, offset) != nil {
			return -1
		}
		if r, err := s.Do(ctx, "RETR "+f.Path); err != nil || !r.Preliminary() {
			return -1
		}
		if s.Protected() && c.Handshake(ctx) != nil {
			return -1
		}
		c.Begin()
		got := comparison{want: want[offset:]}
		if c.Receive(ctx, &got) != nil || got.wrong == nil {
			return -1
		}
		return offset + int64(got.at)
	}
	if at = from(0); at <= 0 {
		return -1, false
	}
	return at, from(at-1-at/3) == at
}

// trySizes stores and fetches files of many sizes and accuses one of the two
// directions.
func trySizes(ctx context.Context, t *spec.T, accused suspect) {
	sizes := []int{1}
	for n := 512; n <= 256<<10; n *= 2 {
		sizes = append(sizes, n-1, n, n+1)
	}
	room := t.Room(ctx)
	var writer, reader *probe.Session
	for i, n := range sizes {
		if i%6 == 0 { // what grows wrong in a long session has a requirement of its own
			writer, reader = t.Login(ctx), t.Login(ctx)
		}
		path, want := fmt.Sprintf("%s/%d.bin", room, n), random(n)
		up := t.Give(ctx, writer, "STOR "+path, want)
		if up.NoRoom() {
			t.Skip("there is no room for a file of %d octets: %s", n, up.Final)
		}
		if accused == inUpload {
			t.ExpectComplete(up)
		} else if up.Err != nil || !up.Final.Positive() {
			t.Skip("blocked by XFER-042: %s", last(up))
		}
		down := t.Take(ctx, reader, "RETR "+path)
		if accused == inDownload {
			t.ExpectComplete(down)
		} else if down.Err != nil || down.DataErr != nil || !down.Final.Positive() {
			t.Skip("blocked by XFER-041: %s", last(down))
		}
		if bytes.Equal(down.Data, want) {
			continue
		}
		if who := culprit(ctx, t, path, down.Data, want); who != accused && !(who == unknown && accused == inDownload) {
			t.Skip("the other direction has changed a file of %d octets", n)
		}
		t.ExpectContent(down.Data, want, fmt.Sprintf("a file of %d octets", n))
	}
}

// What is wrong once in a while passes every test that tries once. The names come
// again, so that what a server has kept of an earlier transfer shows.
var everyTransfer = spec.Requirement{
	ID:        "XFER-043",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "Every one of many transfers in a session carries its own data, not only the first ones",
	Cites:     []spec.Citation{copies, accepts},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Field:     "Long sessions go wrong somewhere in the middle: one file of many is damaged, or is an earlier one, and no error is reported.",
	Check: func(ctx context.Context, t *spec.T) {
		const rounds, most, names = 40, 110, 6
		room := t.Room(ctx)
		s := t.Login(ctx)
		done, again := 0, true
		// What comes once in fifty or a hundred times takes more of them, where they
		// are quick.
		enough := time.Now().Add(20 * time.Second)
		for i := range most {
			if i >= rounds && time.Now().After(enough) {
				break
			}
			n := i
			if again {
				n = i % names
			}
			path := fmt.Sprintf("%s/%d.bin", room, n)
			content := random(2000 + i%3) // most as long as the one before of that name
			up := t.Give(ctx, s, "STOR "+path, content)
			if up.Err == nil && up.Final.Negative() && up.Final.Code != 421 {
				again = false // the account may not overwrite, or has come to a limit
				continue
			}
			if s.Last().Code == 421 {
				break // a server may end a session, if it says so
			}
			t.ExpectComplete(up)
			down := t.Take(ctx, s, "RETR "+path)
			if s.Last().Code == 421 {
				break
			}
			if down.Err == nil && down.Final.Negative() {
				t.Note("round %d: %s", i+1, down.Final)
				continue
			}
			t.ExpectComplete(down)
			t.ExpectContent(down.Data, content, fmt.Sprintf("upload and download number %d of a session", i+1))
			done++
		}
		if done < rounds/2 {
			t.Skip("%d of %d transfers were refused", rounds-done, rounds)
		}
	},
}

// What was left over must not go to the next one. Each way of breaking off gets a
// session of its own; one after which the replies are not in step is left out,
// since that has requirements of its own.
var afterAbort = spec.Requirement{
	ID:       "XFER-044",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "After a transfer that was aborted or cut, the next ones carry their own data only",
	Cites: []spec.Citation{
		abortStop,
		copies,
	},
	Needs:     spec.Login | spec.BigFile | spec.File | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Takes:     time.Second,
	Field:     "Whoever cancels one file finds its rest in the next.",
	Check: func(ctx context.Context, t *spec.T) {
		big, f, room := t.Fixture(ctx, spec.BigFile), t.Fixture(ctx, spec.File), t.Room(ctx)
		tried := 0
		next := func(s *probe.Session, broken string, err error) {
			if err != nil {
				t.Blame(err)
				t.Note("%s: what follows was not tried: %v", broken, err)
				return
			}
			tried++
			for n := range 2 {
				what := fmt.Sprintf("transfer %d after %s", n+1, broken)
				t.ExpectContent(t.Download(ctx, s, "RETR "+f.Path), f.Content, what)
				path, content := fmt.Sprintf("%s/%s-%d.bin", room, broken[:3], n), random(5000)
				t.Upload(ctx, s, "STOR "+path, content)
				t.ExpectContent(t.Download(ctx, s, "RETR "+path), content, what)
			}
		}
		for _, abort := range []bool{true, false} {
			s := t.Login(ctx)
			d := begin(ctx, t, s, big.Path)
			d.read(ctx, t, early)
			var err error
			if abort {
				_, err = d.c.Abort(ctx)
				next(s, "aborted download", err)
			} else {
				_ = d.c.Close()
				_, err = completeWithin(ctx, s, t.Shortened(patience))
				next(s, "cut download", err)
			}
		}

		s := t.Login(ctx)
		c := t.Open(ctx, s)
		defer c.Close()
		if mark := t.Do(ctx, s, "STOR "+room+"/broken.bin"); !mark.Preliminary() {
			t.Skip("blocked by XFER-010: %s", mark)
		}
		var err error
		if s.Protected() {
			err = c.Handshake(ctx)
		}
		if err == nil {
			err = c.Send(ctx, content(300_000))
		}
		if err == nil {
			_, err = c.Abort(ctx)
		}
		next(s, "upload that was aborted", err)
		if tried == 0 {
			t.Skip("no transfer could be broken off without breaking the session")
		}
	},
}

// A server that takes a full buffer for one that was sent loses what did not fit
// in. It shows with clients that are slower than the server.
var slowReader = spec.Requirement{
	ID:        "XFER-045",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "A large file arrives whole and unaltered, also when the client reads slowly",
	Cites:     []spec.Citation{copies, allBytes},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: sound,
	Takes:     3 * time.Second,
	Field:     "Large downloads over slow lines are damaged, while everything is well in the office.",
	Check: func(ctx context.Context, t *spec.T) {
		const pauses, pause, portion = 3, time.Second, 1 << 20
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		for range pauses {
			t.Sleep(ctx, pause)
			d.read(ctx, t, portion)
		}
		err := d.drain(ctx, t, patience)
		_ = d.c.Close()
		r, ferr := s.Complete(ctx)
		intact := d.n == f.Size && uint32(d.sum) == probe.ContentSum(f.Size)
		expected := fmt.Sprintf("%d octets with the sum %08x", f.Size, probe.ContentSum(f.Size))
		seen := fmt.Sprintf("%d with the sum %08x", d.n, uint32(d.sum))
		switch {
		case intact:
		case ferr != nil && err == nil:
			t.Skip("blocked by XFER-001: %v", ferr)
		case ferr == nil && r.Negative():
			t.Skip("the server has given up by itself: %s", r)
		case probe.CauseOf(err) == probe.Reset:
			t.Skip("blocked by XFER-004: %v, then %s", err, r)
		case err != nil:
			t.Fail(expected, fmt.Sprintf("%s, then %v", seen, err))
		default:
			if size, err := t.Login(ctx).Size(ctx, f.Path); err == nil && size != f.Size {
				t.Skip("blocked by XFER-042: the file is stored with %d octets", size)
			}
			if at, stored := flaw(ctx, t, f); stored {
				t.Skip("blocked by XFER-042: octet %d is another one in every download", at)
			}
			t.Fail(expected, fmt.Sprintf("%s, then %s", seen, r))
		}
	},
}

// What TCP delivers first may be a single octet. A server that takes a short read,
// or a pause, for the end stores the beginning.
var slowWriter = spec.Requirement{
	ID:        "XFER-046",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "An upload that comes in small pieces and with pauses is stored whole",
	Cites:     []spec.Citation{accepts, allBytes},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Takes:     2 * time.Second,
	Field:     "Uploads over slow or mobile lines are cut at the first pause and count as complete.",
	Check: func(ctx context.Context, t *spec.T) {
		const pause = 1200 * time.Millisecond
		path, whole := t.Room(ctx)+"/new.bin", random(75_001)
		s := t.Login(ctx)
		c := t.Open(ctx, s)
		defer c.Close()
		if mark := t.Do(ctx, s, "STOR "+path); !mark.Preliminary() {
			t.Skip("blocked by XFER-010: %s", mark)
		}
		if s.Protected() {
			if err := c.Handshake(ctx); err != nil {
				t.Blame(err)
				t.Skip("no TLS on the data connection: %v", err)
			}
		}
		const expected = "a final reply at the end of the data"
		sent := 0
		for _, end := range []int{1, 5000, len(whole)} {
			if sent > 0 {
				r, err := completeWithin(ctx, s, pause)
				early := fmt.Sprintf("%s after %d of %d octets", r, sent, len(whole))
				switch {
				case err == nil && r.Negative():
					t.Skip("the server has no patience with a pause of %s: %s", pause, early)
				case err == nil:
					t.Fail(expected, early)
				case probe.CauseOf(err) != probe.Stalled:
					t.Blame(err)
					t.Fail(expected, err.Error())
				}
			}
			if err := c.Send(ctx, bytes.NewReader(whole[sent:end])); err != nil {
				t.Blame(err)
				t.Note("after %d octets: %v", sent, err)
				break
			}
			sent = end
		}
		_ = c.Finish(ctx)
		r := final(ctx, t, s, expected)
		if r.Negative() {
			t.Skip("the server says itself that the upload failed: %s", r)
		}
		t.ExpectContent(t.Download(ctx, s, "RETR "+path), whole, "an upload in pieces")
	},
}
