package security

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// recovery is how long a server may take to be there for others again.
const recovery = time.Minute

// Passive ports are few. One client that asks for many must not have all of them for
// good.
var portsForOthers = spec.Requirement{
	ID:       "SEC-009",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "One client cannot use up all passive ports for others",
	Cites: []spec.Citation{
		spec.RFC(2577, "8", "The attacker can make a connection to this port, thus denying another legitimate client the ability to make a transfer."),
	},
	Needs:   spec.Login | spec.Intrusive,
	Alone:   true,
	Timeout: 5 * time.Minute,
	Field:   "A broken client, or a monitor that never says QUIT, stops all transfers of everybody until the server is started anew.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "max_per_ip=10, and more ports than that between pasv_min_port and pasv_max_port"},
		{Server: "ProFTPD", Setting: "MaxClientsPerHost 10, and more ports than that in PassivePorts"},
		{Server: "Pure-FTPd", Setting: "-C 10, and more ports than that in -p"},
		{Server: "pyftpdlib", Setting: "server.max_cons_per_ip = 10, and more ports than that in handler.passive_ports"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const many = 64
		if err := list(ctx, t); err != nil {
			t.Skip("no listing to begin with: %v", err)
		}
		d, target := t.With(func(*probe.Dialer, *probe.Target) {})
		var all []*probe.Session
		leave := func() {
			for _, s := range all {
				s.Close()
			}
		}
		defer leave()
		limit := error(nil)
		for len(all) < many && limit == nil {
			s, err := d.Open(ctx, target)
			if err == nil {
				all = append(all, t.Keep(s))
				_, err = s.Passive(ctx)
			}
			limit = err
		}
		if limit != nil {
			t.Blame(limit)
			t.Note("with %d sessions: %v", len(all), limit)
		}
		first := list(ctx, t)
		if first == nil {
			return
		}
		t.Note("another client meanwhile: %v", first)
		leave()
		regain(ctx, t, "a listing for another client after the first one has gone", list)
	},
}

// list is a whole listing in a session of its own.
func list(ctx context.Context, t *spec.T) error {
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	s, err := d.Open(ctx, target)
	if err != nil {
		t.Blame(err)
		return err
	}
	defer s.Close()
	t.Keep(s)
	if _, err = s.Retrieve(ctx, "LIST", nil); err != nil {
		t.Blame(err)
	}
	return err
}

// regain expects that something works again in time.
func regain(ctx context.Context, t *spec.T, expected string, try func(context.Context, *spec.T) error) {
	patience := t.Shortened(recovery)
	for end := time.Now().Add(patience); ; {
		err := try(ctx, t)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fail(expected, fmt.Sprintf("%v, for %s", err, patience))
		}
		t.Sleep(ctx, t.Shortened(5*time.Second))
	}
}

// Connections that say nothing cost the client nothing. Limits are legal; what is not
// useful is a server that nobody can reach any more, although all of them have gone.
var silentClients = spec.Requirement{
	ID:       "SEC-014",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "Connections that never log in do not lock others out for good",
	Needs:    spec.Login | spec.Intrusive,
	Alone:    true,
	Timeout:  6 * time.Minute,
	Field:    "A port scanner, or a load balancer that looks whether the server is there, locks everybody out.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "TimeoutLogin 120"},
		{Server: "FileZilla Server", Setting: "Protocols settings > Timeouts > Login timeout: 60 seconds"},
		{Server: "IIS", Setting: `unauthenticatedTimeout="30" of ftpServer/connections`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const many = 50
		enter := func(ctx context.Context, t *spec.T) error {
			d, target := t.With(func(*probe.Dialer, *probe.Target) {})
			s, err := d.Open(ctx, target)
			if err != nil {
				t.Blame(err)
				return err
			}
			t.Keep(s).Close()
			return nil
		}
		if err := enter(ctx, t); err != nil {
			t.Skip("no login to begin with: %v", err)
		}
		d, target := t.With(func(*probe.Dialer, *probe.Target) {})
		var silent []*probe.Session
		leave := func() {
			for _, s := range silent {
				s.Close()
			}
		}
		defer leave()
		for len(silent) < many {
			s, err := d.Connect(ctx, target)
			if err != nil {
				t.Blame(err)
				t.Note("with %d silent connections: %v", len(silent), err)
				break
			}
			silent = append(silent, t.Keep(s))
		}
		err := enter(ctx, t)
		leave()
		switch cause := probe.CauseOf(err); {
		case cause == probe.NoGreeting, cause == probe.Stalled, cause == probe.Filtered:
			t.Note("while %d connections are silent: %v", len(silent), err)
			regain(ctx, t, "a login after silent connections have gone", enter)
			t.Fail(fmt.Sprintf("a login, or a refusal, beside %d silent connections", len(silent)), err.Error())
		case err != nil:
			t.Note("while %d connections are silent: %v", len(silent), err)
		}
		regain(ctx, t, "a login after silent connections have gone", enter)
	},
}

// A server has limits. Who comes to one has to be told, or waits for what never comes;
// and what was taken has to come back when those who had it are gone, the ones that
// said no goodbye too.
var limits = spec.Requirement{
	ID:       "SEC-015",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "A server that has come to a limit of sessions or ports says so, and has room again when those who took it are gone",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "Every command must generate at least one reply, although there may be more than one; in the latter case, the multiple replies must be easily distinguished."),
		spec.RFC(959, "5.4", "Connection Establishment 120 220 220 421"),
	},
	Needs:     spec.Login,
	BlockedBy: transfer.Downloads,
	Alone:     true, // it takes whatever number of sessions and ports there is
	Timeout:   6 * time.Minute,
	Field:     "At peak times clients hang instead of trying again, and nobody can tell a server that is full from one that is dead. Where the room does not come back, the peak does not end.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "more ports between pasv_min_port and pasv_max_port than max_clients"},
		{Server: "ProFTPD", Setting: "MaxClients below MaxInstances, so that the refusal is a reply"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		if err := list(ctx, t); err != nil {
			var e *probe.Error
			if !errors.As(err, &e) || e.Phase != probe.Passive {
				t.Skip("no listing to begin with: %v", err)
			}
			// There was a port earlier in this run, and nobody is there any longer who has it.
			t.Note("to begin with: %v", err)
			regain(ctx, t, "a passive port, as there was before many sessions", list)
		}
		for again := false; ; again = true {
			n, limit := fill(ctx, t)
			t.Blame(limit)
			if limit != nil {
				t.Note("beside %d sessions: %v", n, limit)
			}
			regain(ctx, t, "a listing for another client after many have gone", list)
			switch {
			case !waits(limit):
				return
			case again: // once is chance
				t.Fail(fmt.Sprintf("a session and a port that works, or a refusal, beside %d sessions", n), limit.Error())
			}
		}
	},
}

// fill logs in many times, asks for a port in each session and connects to it, up to
// the first failure, which is a wait if there is one. The sessions end without a word.
func fill(ctx context.Context, t *spec.T) (n int, limit error) {
	const many, together = 100, 10
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	var all []*probe.Session
	var conns []*probe.DataConn
	for limit == nil && len(all) < many {
		sessions, data, failures := make([]*probe.Session, together), make([]*probe.DataConn, together), make([]error, together)
		var wg sync.WaitGroup
		for i := range together {
			wg.Go(func() { sessions[i], data[i], failures[i] = occupy(ctx, d, target) })
		}
		wg.Wait()
		for i, err := range failures {
			if sessions[i] != nil {
				all = append(all, t.Keep(sessions[i]))
			}
			if data[i] != nil {
				conns = append(conns, data[i])
			}
			if limit == nil || waits(err) {
				limit = err
			}
		}
	}
	for _, c := range conns {
		_ = c.Close()
	}
	for _, s := range all {
		s.Close()
	}
	return len(conns), limit
}

// waits tells a failure that leaves a client waiting, or sends it where nobody is, from
// one that tells it that there is no room.
func waits(err error) bool {
	var e *probe.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Cause == probe.NoGreeting || e.Cause == probe.Stalled || e.Cause == probe.Refused && e.Phase == probe.DataConnect
}

// occupy opens a session with a data connection on which nothing is transferred.
func occupy(ctx context.Context, d *probe.Dialer, target probe.Target) (*probe.Session, *probe.DataConn, error) {
	s, err := d.Open(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.Passive(ctx)
	if err != nil {
		return s, nil, err
	}
	c, err := s.DialData(ctx, o.Dial(d.Address, s.Peer()))
	return s, c, err
}
