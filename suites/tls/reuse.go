package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

var reuse = spec.RFC(4217, "10.2", "It is reasonable for the server to insist that the data connection uses a TLS cached session. This might be a cache of a previous data connection or of a cleared control connection. If this is the reason for the refusal to allow the data transfer, then the '522' reply should indicate this.")

// That is what clients do, since many servers insist on it.
var resumption = spec.Requirement{
	ID:        "TLS-017",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "A data connection that resumes the TLS session of the control connection works",
	Cites:     []spec.Citation{reuse},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate},
	Field:     "FileZilla, WinSCP, lftp and curl resume where they can: none of their transfers works.",
	Check: func(ctx context.Context, t *spec.T) {
		m, resumed := download(ctx, t, "LIST")
		if complete(m) {
			if resumed {
				t.Note("the data connection resumes the session of the control connection")
			} else {
				t.Note("the server resumes no session: each data connection makes a full handshake")
			}
			return
		}
		full, _ := download(ctx, t, "LIST", unresumed)
		if !complete(full) {
			t.Record("not judged: no transfer under TLS, with and without resumption: %s", failure(full))
		}
		t.Fail("a transfer that resumes the session of the control connection", failure(m)+"; without resumption it works")
	},
}

// download runs a command that brings data under TLS in a session of its own, and
// tells whether the data connection resumed the session of the control connection.
func download(ctx context.Context, t *spec.T, line string, changes ...func(*probe.Dialer, *probe.Target)) (spec.Moved, bool) {
	s := private(ctx, t, changes...)
	c := dial(ctx, t, s, ask(ctx, t, s))
	m := take(ctx, s, c, line, true)
	if m.Err != nil {
		t.Blame(m.Err)
	}
	facts := c.TLSFacts()
	return m, facts != nil && facts.Resumed
}

// A client that does not resume has to learn what is wrong.
var reuseRefused = spec.Requirement{
	ID:        "TLS-018",
	Level:     report.Should,
	Severity:  report.Major,
	Title:     "A data connection that is refused because it resumes no session is refused with 522",
	Cites:     []spec.Citation{reuse},
	Needs:     spec.TLS | spec.Login | spec.File,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &resumption, &everyTransfer},
	Field:     "Clients that cannot resume (Python's ftplib, .NET, older Java) take an empty file for a transfer, or hang, and show nobody the reason.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "require_ssl_reuse=NO where clients cannot resume"},
		{Server: "ProFTPD", Setting: "TLSOptions NoSessionReuseRequired where clients cannot resume"},
		{Server: "FileZilla Server", Setting: "no setting: since version 1 reuse is always required, so that the client has to resume"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "a transfer with a full handshake, or reply code 522"
		f := t.Fixture(ctx, spec.File)
		fetch := func(changes ...func(*probe.Dialer, *probe.Target)) spec.Moved {
			m, _ := download(ctx, t, "RETR "+f.Path, changes...)
			if complete(m) && len(m.Data) != len(f.Content) {
				m.DataErr = fmt.Errorf("%d of %d octets", len(m.Data), len(f.Content))
			}
			return m
		}
		m := fetch(unresumed)
		if !complete(m) {
			if with := fetch(); !complete(with) {
				t.Skip("no transfer under TLS, with and without resumption: %s", failure(with))
			}
		}
		switch {
		case complete(m):
			t.Note("reuse is not required: nothing ties data connections to the control connection (RFC 2577 §8, RFC 4217 §15.2.6)")
			return
		case m.Err != nil, m.Final.Positive():
			t.Fail(expected, failure(m))
		}
		t.Note("reuse is required")
		switch m.Final.Code {
		case 522:
		case 425, 426, 450:
			t.Tolerate(expected, m.Final.String())
		default:
			t.ExpectRefusal(m.Final, 522)
		}
	},
}

// A session of TLS is worn out by use where every ticket is good for one time and
// no new ones come, or where a server forgets; a login with many files shows it.
var manyConnections = spec.Requirement{
	ID:        "TLS-029",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "Many protected data connections in one login work, with TLS 1.2 and with TLS 1.3",
	Cites:     []spec.Citation{reuse},
	Needs:     spec.TLS | spec.Login | spec.File,
	BlockedBy: slices.Concat(transfer.Downloads, []*spec.Requirement{&authTLS, &protPrivate}),
	Timeout:   6 * time.Minute,
	Field:     "The transfer of a directory breaks off after some files, always at the same one: clients that resume the session of the control connection again and again (FileZilla, lftp), or go on with the newest one.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		story := handshaken(ctx, t)
		works := false
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			has, broken := series(ctx, t, story, version, f)
			if broken != nil {
				// A session that is worn out breaks in the next login, too; a server
				// that loses a connection now and then is not meant here.
				if _, again := series(ctx, t, story, version, f); again != nil {
					t.Fail(broken.expected, broken.seen)
				}
				t.Note("%s, once, and not in the next login: %s", tls.VersionName(version), broken.seen)
			}
			works = has || works
		}
		if !works {
			t.Skip("neither TLS 1.2 nor TLS 1.3")
		}
	},
}

// breakage is a download that failed in a series.
type breakage struct{ expected, seen string }

// series downloads a file many times in one login with one version of TLS. Has is
// false when the server does not have the version.
func series(ctx context.Context, t *spec.T, story *probe.Session, version uint16, f spec.Fixture) (has bool, broken *breakage) {
	const times = 20
	name := tls.VersionName(version)
	control := &sessions{}
	l := connect(ctx, t, story)
	defer l.close()
	conf := l.config(t, func(d *probe.Dialer, _ *probe.Target) { d.TLS.MinVersion, d.TLS.MaxVersion = version, version })
	conf.ClientSessionCache = control
	if err := l.secure(ctx, conf); err != nil {
		t.Blame(err)
		t.Note("%s is not judged: %v", name, err)
		return false, nil
	}
	if err := l.enter(ctx, t.Target()); err != nil {
		t.Blame(err)
		t.Skip("missing: login (%v)", err)
	}
	setting := []string{"PBSZ 0", "PROT P", "TYPE I"}
	if dir := t.Target().Dir; dir != "" {
		setting = append(setting, "CWD "+dir)
	}
	if err := l.accept(ctx, setting...); err != nil {
		t.Blame(err)
		t.Skip("missing: login (%v)", err)
	}

	tickets := len(control.got)
	newest := &sessions{got: append([]*tls.ClientSessionState{}, control.got...)}
	resumed, fresh := map[string]int{}, 0
	for _, kind := range []string{"the session of the control connection", "the newest session"} {
		for n := range times {
			offer := &sessions{next: control.last()}
			if kind == "the newest session" {
				offer.next = newest.take()
			}
			data := conf.Clone()
			data.ClientSessionCache = offer
			content, state, err := l.fetch(ctx, data, "RETR "+f.Path)
			if errors.Is(err, errNoPort) {
				t.Inconclusive("%s, download number %d with %s: %v", name, n+1, kind, err)
			}
			if err != nil {
				t.Blame(err)
				return true, &breakage{
					expected: fmt.Sprintf("%d downloads with %s, %d of them with %s", 2*times, name, times, kind),
					seen:     fmt.Sprintf("number %d of these: %v", n+1, err),
				}
			}
			if !bytes.Equal(content, f.Content) { // TLS alters nothing
				t.Skip("blocked by XFER-043: download number %d with %s, %s, brings other octets than the file has", n+1, name, kind)
			}
			newest.got = append(newest.got, offer.got...)
			fresh += len(offer.got)
			if state.DidResume {
				resumed[kind]++
			}
		}
		t.Note("%s, %s: %d of %d downloads resumed it", name, kind, resumed[kind], times)
	}
	t.Note("%s: %d tickets on the control connection, %d on %d data connections", name, tickets, fresh, 2*times)
	return true, nil
}

// fetch downloads under TLS.
func (l *line) fetch(ctx context.Context, conf *tls.Config, command string) (data []byte, state tls.ConnectionState, err error) {
	tcp, err := l.open(ctx)
	if err != nil {
		return nil, state, err
	}
	defer tcp.Close()
	r, err := l.do(ctx, command)
	if err == nil && !r.Preliminary() {
		err = fmt.Errorf("%s is answered %s", command, r)
	}
	if err != nil {
		return nil, state, err
	}
	data, state, failed := receive(ctx, tcp, conf)
	_ = tcp.Close()
	for r, err = l.hear(ctx, patience); err == nil && r.Preliminary(); {
		r, err = l.hear(ctx, patience)
	}
	switch {
	case err != nil && failed != nil:
		return nil, state, fmt.Errorf("%w, then %w", failed, err)
	case err != nil:
		return nil, state, err
	case failed != nil:
		return nil, state, fmt.Errorf("%w, then %s", failed, r)
	case !r.Positive():
		return nil, state, fmt.Errorf("%s", r)
	}
	return data, state, nil
}

// receive reads a protected data connection to its end.
func receive(ctx context.Context, tcp net.Conn, conf *tls.Config) ([]byte, tls.ConnectionState, error) {
	below := &records{Conn: tcp}
	conn := tls.Client(below, conf)
	_ = conn.SetDeadline(deadline(ctx, patience))
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, conn.ConnectionState(), err
	}
	data, err := io.ReadAll(io.LimitReader(conn, maxData))
	if err != nil && below.ended {
		err = nil // no close_notify, which has a requirement of its own
	}
	_ = conn.Close()
	return data, conn.ConnectionState(), err
}

// sessions is a cache of TLS sessions that offers the one it is told to, and keeps
// the ones that come.
type sessions struct {
	next *tls.ClientSessionState
	got  []*tls.ClientSessionState
}

// Get implements [tls.ClientSessionCache].
func (s *sessions) Get(string) (*tls.ClientSessionState, bool) { return s.next, s.next != nil }

// Put implements [tls.ClientSessionCache].
func (s *sessions) Put(_ string, state *tls.ClientSessionState) {
	if state != nil {
		s.got = append(s.got, state)
	}
}

// last is the session that came last.
func (s *sessions) last() *tls.ClientSessionState {
	if len(s.got) == 0 {
		return nil
	}
	return s.got[len(s.got)-1]
}

// take is the session that came last, which is not offered again as long as there
// are others.
func (s *sessions) take() *tls.ClientSessionState {
	state := s.last()
	if len(s.got) > 1 {
		s.got = s.got[:len(s.got)-1]
	}
	return state
}
