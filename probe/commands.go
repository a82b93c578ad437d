package probe

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// ask sends a command and reads its positive reply.
func ask[T any](ctx context.Context, s *Session, line string, parse func(Reply) (T, error)) (T, error) {
	var none T
	r, err := s.Do(ctx, line)
	if err != nil {
		return none, err
	}
	phase := phaseOf(verbOf(line))
	if !r.Positive() {
		return none, s.refusal(phase, r)
	}
	value, err := parse(r)
	if err != nil {
		return none, s.unreadable(phase, r, err)
	}
	return value, nil
}

// continues sends a command that has to be answered with 350.
func (s *Session) continues(ctx context.Context, line string) error {
	r, err := s.Do(ctx, line)
	if err == nil && r.Code != 350 {
		err = s.refusal(phaseOf(verbOf(line)), r)
	}
	return err
}

// Features asks with FEAT what the server can do (RFC 2389 §3). A refusal is an
// *[Error] of cause [Refusal], here and below; an answer that cannot be read one
// of cause [Unreadable].
func (s *Session) Features(ctx context.Context) (Features, error) {
	return ask(ctx, s, "FEAT", ParseFeatures)
}

// Size asks with SIZE how many octets a transfer of the file with the current
// TYPE would have (RFC 3659 §4).
func (s *Session) Size(ctx context.Context, path string) (int64, error) {
	return ask(ctx, s, "SIZE "+path, ParseSIZE)
}

// ModTime asks with MDTM when the file was changed last (RFC 3659 §3).
func (s *Session) ModTime(ctx context.Context, path string) (time.Time, error) {
	return ask(ctx, s, "MDTM "+path, ParseMDTM)
}

// MLST asks for the facts of one file or directory (RFC 3659 §7).
func (s *Session) MLST(ctx context.Context, path string) (Entry, error) {
	return ask(ctx, s, "MLST "+path, ParseMLST)
}

// WorkingDirectory asks with PWD for the current directory (RFC 959 §4.1.3).
func (s *Session) WorkingDirectory(ctx context.Context) (string, error) {
	return ask(ctx, s, "PWD", ParsePath)
}

// Type sets the representation: "I", "A", "A N", "L 8" (RFC 959 §4.1.2). Nothing
// is converted here: with A the octets of a transfer are those of the wire, with
// CR LF at the end of each line.
func (s *Session) Type(ctx context.Context, code string) error { return s.must(ctx, "TYPE "+code) }

// Restart has the transfer command that follows begin at an offset. It must be the
// last command before that (RFC 3659 §5.3): the data connection comes first, as in
// [Session.RetrieveAt].
func (s *Session) Restart(ctx context.Context, offset int64) error {
	return s.continues(ctx, "REST "+strconv.FormatInt(offset, 10))
}

// Rename renames with RNFR and RNTO (RFC 959 §4.1.3).
func (s *Session) Rename(ctx context.Context, from, to string) error {
	if err := s.continues(ctx, "RNFR "+from); err != nil {
		return err
	}
	return s.must(ctx, "RNTO "+to)
}

// Host names the virtual host that is meant, before the login (RFC 7151 §3).
func (s *Session) Host(ctx context.Context, name string) error { return s.must(ctx, "HOST "+name) }

// OptsUTF8 has the server take pathnames as UTF-8. Clients send it for old
// servers; RFC 2640 §3.2 has them take UTF-8 without being asked.
func (s *Session) OptsUTF8(ctx context.Context) error { return s.must(ctx, "OPTS UTF8 ON") }

// EPSVAll announces that EPSV is the only way to data connections from now on
// (RFC 2428 §4), so that translating gateways can let the session alone.
func (s *Session) EPSVAll(ctx context.Context) error { return s.must(ctx, "EPSV ALL") }

// Append is [Session.Store] with APPE (RFC 959 §4.1.3).
func (s *Session) Append(ctx context.Context, path string, r io.Reader) (Transfer, error) {
	return s.Store(ctx, "APPE "+path, r)
}

// StoreUnique is [Session.Store] with STOU, which has the server choose a name.
func (s *Session) StoreUnique(ctx context.Context, r io.Reader) (name string, t Transfer, err error) {
	t, err = s.Store(ctx, "STOU", r)
	if err != nil {
		return "", t, err
	}
	name, err = ParseUnique(t.Opening)
	if err != nil {
		err = s.unreadable(Opening, t.Opening, err)
	}
	return name, t, err
}

// ParseUnique reads the name in the 1yz reply to STOU: "FILE: name", behind the
// code of any of its lines (RFC 1123 §4.1.2.9).
func ParseUnique(r Reply) (string, error) {
	for line := range strings.SplitSeq(r.Text(), "\n") {
		if name, ok := strings.CutPrefix(line, "FILE: "); ok && name != "" {
			return name, nil
		}
	}
	return "", errors.New("no FILE: name in the text")
}
