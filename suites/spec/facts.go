package spec

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// facts are what is found out about a server once in a run, each when it is
// first asked for.
type facts struct {
	peer     netip.AddrPort
	greeting probe.Reply
	// roundTrip is the shortest time that a reply took.
	roundTrip time.Duration
	login     error // why no session could be opened, if so

	featOnce sync.Once
	feat     probe.Features
	featErr  error

	tlsOnce sync.Once
	tlsErr  error

	reinOnce sync.Once
	reinErr  error

	mu    sync.Mutex
	works map[string]bool // features that were tried
}

// roundTrip is the shortest time between a line that was sent and the next one that
// came.
func roundTrip(lines []probe.Line) time.Duration {
	shortest := time.Duration(0)
	for i := 1; i < len(lines); i++ {
		sent, came := lines[i-1], lines[i]
		if took := came.At - sent.At; sent.Dir == probe.Sent && came.Dir == probe.Received && (shortest == 0 || took < shortest) {
			shortest = took
		}
	}
	return shortest
}

// with runs f on a session of the run's own.
func (j *Judge) with(ctx context.Context, f func(*probe.Session) error) error {
	s, err := j.patiently(ctx, j.open)
	if err != nil {
		return err
	}
	defer goodbye(ctx, s)
	return f(s)
}

// features is the answer to FEAT of a session that is logged in.
func (j *Judge) features(ctx context.Context) (probe.Features, error) {
	j.facts.featOnce.Do(func() {
		j.facts.featErr = j.with(ctx, func(s *probe.Session) (err error) {
			j.facts.feat, err = s.Features(ctx)
			return err
		})
	})
	return j.facts.feat, j.facts.featErr
}

// feature tells whether FEAT lists a feature or, where it does not, whether the
// command works all the same.
func (j *Judge) feature(ctx context.Context, label string) bool {
	if f, err := j.features(ctx); err == nil {
		command, param, _ := strings.Cut(label, " ")
		if f.Has(command) && (param == "" || strings.Contains(strings.ToUpper(strings.Join(f.Params(command), " ")), param)) {
			return true
		}
	}
	try, ok := tries[label]
	if !ok {
		return false
	}
	j.facts.mu.Lock()
	defer j.facts.mu.Unlock()
	works, tried := j.facts.works[label]
	if !tried {
		line := try.line
		if strings.HasSuffix(line, " ") {
			path, err := j.fixture(ctx, File)
			if err != nil {
				return false
			}
			line += path.Path
		}
		err := j.with(ctx, func(s *probe.Session) error {
			r, err := s.Do(ctx, line)
			works = r.Code == try.code
			return err
		})
		works = works && err == nil
		if j.facts.works == nil {
			j.facts.works = map[string]bool{}
		}
		j.facts.works[label] = works
	}
	return works
}

// tries find out whether a feature works that is not listed. A line that ends
// with a space wants a file.
var tries = map[string]struct {
	line string
	code int
}{
	"SIZE":        {"SIZE ", 213},
	"MDTM":        {"MDTM ", 213},
	"REST STREAM": {"REST 0", 350},
	"MLST":        {"MLST", 250},
	"EPSV":        {"EPSV", 229},
	"UTF8":        {"OPTS UTF8 ON", 200},
	"NOOP":        {"NOOP", 200},
}

// tls says why there is no TLS.
func (j *Judge) tls(ctx context.Context) error {
	j.facts.tlsOnce.Do(func() {
		if j.Target.Security != probe.Plain {
			return
		}
		s, err := j.dial(ctx)
		if err != nil {
			j.facts.tlsErr = err
			return
		}
		defer goodbye(ctx, s)
		r, err := s.Do(ctx, "AUTH TLS")
		switch {
		case err != nil:
			j.facts.tlsErr = err
		case r.Code != 234:
			j.facts.tlsErr = fmt.Errorf("AUTH TLS is answered %s", r)
		default:
			s.Close() // it waits for a handshake now
		}
	})
	return j.facts.tlsErr
}

// rein says why REIN cannot be used.
func (j *Judge) rein(ctx context.Context) error {
	j.facts.reinOnce.Do(func() {
		j.facts.reinErr = j.with(ctx, func(s *probe.Session) error {
			r, err := s.Do(ctx, "REIN")
			if err == nil && r.Preliminary() {
				r, err = s.Receive(ctx)
			}
			if err == nil && !r.Positive() {
				err = fmt.Errorf("REIN is answered %s", r)
			}
			return err
		})
	})
	return j.facts.reinErr
}

// unreachable tells the errors after which nothing can be judged: there is
// nobody, it is not FTP, it is full, or it does not let this account in.
func unreachable(err error) bool {
	var e *probe.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Phase {
	case probe.Greeting:
		return e.Cause != probe.Refusal || e.Reply.Code == 421
	case probe.Login:
		return e.Cause == probe.Refusal && e.Reply.Negative()
	case probe.Command:
		return false
	}
	return true
}
