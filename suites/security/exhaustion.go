package security

import (
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
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
