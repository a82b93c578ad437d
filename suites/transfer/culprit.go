package transfer

import (
	"bytes"
	"context"
	"crypto/rand"

	"github.com/passiveftp/pasv/probe"
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

// typeLost tells data that have other line ends than what was stored only because
// TYPE I is no longer in force after PASV or EPSV: where it is set once more, all is
// well.
func typeLost(ctx context.Context, t *spec.T, got, want []byte) bool {
	if bytes.Equal(got, want) || !bytes.Equal(bytes.ReplaceAll(got, []byte("\r"), nil), bytes.ReplaceAll(want, []byte("\r"), nil)) {
		return false
	}
	typed := func() (*probe.Session, *probe.DataConn) {
		s := t.Login(ctx)
		c := t.Open(ctx, s)
		t.Do(ctx, s, "TYPE I")
		return s, c
	}
	path := t.Room(ctx) + "/typed.bin"
	s, c := typed()
	t.GiveOn(ctx, s, c, "STOR "+path, want)
	s, c = typed()
	return bytes.Equal(t.TakeOn(ctx, s, c, "RETR "+path).Data, want)
}

// tlsToBlame tells that an upload works when the data connection is in clear text:
// what goes wrong under TLS has requirements of its own.
func tlsToBlame(ctx context.Context, t *spec.T, path string, content []byte) bool {
	if t.Target().Security != probe.Explicit {
		return false
	}
	s := t.Dial(ctx)
	if r, err := s.Login(ctx); err != nil || !r.Positive() {
		return false
	}
	// Without PROT data are in clear text (RFC 4217 §9).
	setting := []string{"TYPE I"}
	if dir := t.Target().Dir; dir != "" {
		setting = append(setting, "CWD "+dir)
	}
	for _, line := range setting {
		if _, err := s.Do(ctx, line); err != nil {
			return false
		}
	}
	m := t.Give(ctx, s, "STOR "+path, content)
	return m.Err == nil && m.DataErr == nil && m.Final.Positive()
}
