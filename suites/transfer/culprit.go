package transfer

import (
	"bytes"
	"context"
	"crypto/rand"

	"github.com/passiveftp/pasv/suites/spec"
)

// suspect is the direction in which data were changed.
type suspect int

const (
	// unknown: both directions could have done it.
	unknown suspect = iota
	inUpload
	inDownload
)

// culprit finds out in which direction a file was changed that was uploaded as
// want and came back as got. A number of octets that SIZE contradicts was changed
// by the one or the other; an octet that is right when it is fetched at another
// place of a transfer was stored right.
func culprit(ctx context.Context, t *spec.T, path string, got, want []byte) suspect {
	s := t.Login(ctx)
	if size, err := s.Size(ctx, path); err == nil {
		switch {
		case size != int64(len(want)):
			return inUpload
		case len(got) != len(want):
			return inDownload
		}
	}
	if again := t.Take(ctx, s, "RETR "+path); again.Err != nil || !bytes.Equal(again.Data, got) {
		return inDownload // stored data do not change by themselves
	}
	if len(got) != len(want) {
		return unknown
	}
	at := len(want) - 1
	for at > 0 && got[at] == want[at] {
		at--
	}
	if at == 0 {
		return moved(ctx, t, want)
	}
	from := at - at/3
	c := t.Open(ctx, s)
	if s.Restart(ctx, int64(from)) != nil {
		_ = c.Close()
		return unknown
	}
	part := t.TakeOn(ctx, s, c, "RETR "+path)
	switch {
	case part.Err != nil, len(part.Data) != len(want)-from:
		return unknown
	case part.Data[at-from] == want[at]:
		return inDownload
	}
	return inUpload
}

// moved is [culprit] for the first octet, before which nothing can be: it is
// appended to another file.
func moved(ctx context.Context, t *spec.T, want []byte) suspect {
	s := t.Login(ctx)
	path := t.Room(ctx) + "/moved"
	head := random(100)
	if m := t.Give(ctx, s, "STOR "+path, head); m.Err != nil || !m.Final.Positive() {
		return unknown
	}
	if m := t.Give(ctx, s, "APPE "+path, want); m.Err != nil || !m.Final.Positive() {
		return unknown
	}
	m := t.Take(ctx, s, "RETR "+path)
	switch {
	case m.Err != nil, len(m.Data) != len(head)+len(want):
		return unknown
	case m.Data[len(head)] == want[0]:
		return inDownload
	}
	return inUpload
}

// random is n octets that no other transfer of this or another run has.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
