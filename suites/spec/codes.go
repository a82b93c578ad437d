package spec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
)

// ExpectCode judges a reply by the codes that a requirement names. Another code
// of the same class passes with a note, because RFC 1123 §4.1.2.11 lets a server
// use any code whose first digit is right; another class fails. Whether a code
// is listed for its command has a requirement of its own.
func (t *T) ExpectCode(r probe.Reply, codes ...int) {
	if slices.Contains(codes, r.Code) {
		return
	}
	for _, c := range codes {
		if r.Class() == c/100 {
			t.Note("unlisted-code: %s where %s is listed", r, join(codes))
			return
		}
	}
	t.Fail("reply code "+join(codes), r.String())
}

// ExpectRefusal judges a reply that has to say no. Codes are those that the
// requirement names; another 4yz or 5yz says no as well and is noted.
func (t *T) ExpectRefusal(r probe.Reply, codes ...int) {
	switch {
	case slices.Contains(codes, r.Code):
	case r.Negative():
		if len(codes) > 0 {
			t.Note("unlisted-code: %s where %s is listed", r, join(codes))
		}
	case len(codes) > 0:
		t.Fail("a refusal, reply code "+join(codes), r.String())
	default:
		t.Fail("a refusal, 4yz or 5yz", r.String())
	}
}

// Unsupported skips the check when the reply says that the server does not know
// or implement the command (500, 502; 504 for a parameter).
func (t *T) Unsupported(r probe.Reply, command string) {
	switch r.Code {
	case 500, 502, 504:
		t.Skip("unsupported: %s is answered %s", command, r)
	}
}

// Alive expects the session to go on and to be in step, by NOOP or, where that is
// not implemented, which has requirements of its own, by PWD.
func (t *T) Alive(ctx context.Context, s *probe.Session) {
	line, code := t.Ping(ctx)
	t.ExpectCode(t.Do(ctx, s, line), code)
}

// Ping is a command that changes nothing, and the code of its reply.
func (t *T) Ping(ctx context.Context) (line string, code int) {
	if t.Has(ctx, "NOOP") {
		return "NOOP", 200
	}
	return "PWD", 257
}

func join(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(c)
	}
	return strings.Join(words, " or ")
}
