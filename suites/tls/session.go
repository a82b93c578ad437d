package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// secured changes a dialer and a target so that sessions have TLS. The certificate
// is verified where the target asks for TLS itself.
func secured(d *probe.Dialer, target *probe.Target) {
	if target.Security == probe.Plain {
		target.Security = probe.Explicit
		trusting(d, target)
	}
}

// trusting does without the verification of certificates. It is for handshakes
// after which no password is sent.
func trusting(d *probe.Dialer, _ *probe.Target) {
	base(d)
	d.TLS.InsecureSkipVerify = true
}

// base gives a dialer a TLS configuration of its own.
func base(d *probe.Dialer) {
	if d.TLS == nil {
		d.TLS = &tls.Config{}
	}
	d.TLS = d.TLS.Clone()
}

// unresumed has every TLS connection begin with a full handshake.
func unresumed(d *probe.Dialer, _ *probe.Target) {
	d.TLS.SessionTicketsDisabled = true
}

// inClear opens a control connection without TLS, and skips the check when TLS is
// there from the first octet.
func inClear(ctx context.Context, t *spec.T) *probe.Session {
	if t.Target().Security == probe.Implicit {
		t.Skip("the target has TLS from the first octet")
	}
	return t.DialClear(ctx)
}

// opened is a session that open brings; a server that is full for the moment is given
// time. No session at all skips the check.
func opened(ctx context.Context, t *spec.T, open func() (*probe.Session, error)) *probe.Session {
	for try := 1; ; try++ {
		s, err := open()
		if err == nil {
			return t.Keep(s)
		}
		t.Blame(err)
		var e *probe.Error
		if !errors.As(err, &e) || e.Cause != probe.Refusal || e.Reply.Class() != 4 || try == 5 {
			t.Skip("no session under TLS: %v", err)
		}
		t.Sleep(ctx, time.Second)
	}
}

// handshaken opens a session under TLS that is not logged in. The changes, if any,
// are to the dialer that is used.
func handshaken(ctx context.Context, t *spec.T, changes ...func(*probe.Dialer, *probe.Target)) *probe.Session {
	d, target := with(t, changes)
	return opened(ctx, t, func() (*probe.Session, error) {
		s, err := d.Dial(ctx, target)
		if err == nil && s.TLS() == nil {
			if _, err = s.StartTLS(ctx); err != nil {
				s.Close()
			}
		}
		return s, err
	})
}

// private opens a session that is logged in under TLS and has said PROT P.
func private(ctx context.Context, t *spec.T, changes ...func(*probe.Dialer, *probe.Target)) *probe.Session {
	d, target := with(t, changes)
	return opened(ctx, t, func() (*probe.Session, error) { return d.Open(ctx, target) })
}

// with is the dialer and the target of sessions under TLS, changed. The TLS
// configuration is the check's own.
func with(t *spec.T, changes []func(*probe.Dialer, *probe.Target)) (*probe.Dialer, probe.Target) {
	return t.With(func(d *probe.Dialer, target *probe.Target) {
		base(d)
		secured(d, target)
		for _, change := range changes {
			change(d, target)
		}
	})
}

// login logs a session in that may have a password, and enters the target's directory.
func login(ctx context.Context, t *spec.T, s *probe.Session) {
	r, err := s.Login(ctx)
	if err != nil {
		t.Blame(err)
		t.Skip("missing: login (%v)", err)
	}
	if !r.Positive() {
		t.Skip("missing: login (%s)", r)
	}
	for _, line := range []string{"TYPE I", "CWD " + t.Target().Dir} {
		if line == "CWD " {
			continue
		}
		if r := t.Do(ctx, s, line); !r.Positive() {
			t.Skip("missing: login (%s)", r)
		}
	}
}

// entered is a session that is logged in under TLS and has not said PROT.
func entered(ctx context.Context, t *spec.T) *probe.Session {
	s := handshaken(ctx, t)
	login(ctx, t, s)
	return s
}

// allowed sends a command that a server may want a login for, and logs in when it
// says so.
func allowed(ctx context.Context, t *spec.T, s *probe.Session, line string, before ...int) probe.Reply {
	r := t.Do(ctx, s, line)
	for _, code := range before {
		if r.Code == code {
			login(ctx, t, s)
			return t.Do(ctx, s, line)
		}
	}
	return r
}
