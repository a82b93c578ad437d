package hosts

import (
	"context"
	"crypto/tls"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// unknown is a name that is nobody's (RFC 2606 §2).
const unknown = "no-such-host.invalid"

// dial opens a session for HOST: in the clear, unless TLS comes before the
// greeting. A later handshake names the host sni, if that is not empty.
func dial(ctx context.Context, t *spec.T, sni string) *probe.Session {
	d, target := t.With(func(d *probe.Dialer, _ *probe.Target) {
		if sni != "" {
			name(d, sni)
		}
	})
	s, err := d.Dial(ctx, target)
	if err != nil {
		t.Blame(err)
		t.Skip("no session: %v", err)
	}
	return t.Keep(s)
}

// name has the TLS handshakes of d name a host.
func name(d *probe.Dialer, host string) {
	config := &tls.Config{}
	if d.TLS != nil {
		config = d.TLS.Clone()
	}
	config.ServerName = host
	d.TLS = config
}

// choose opens a session and names the host. A server that wants TLS before
// anything else gets it.
func choose(ctx context.Context, t *spec.T, host, sni string) (*probe.Session, probe.Reply) {
	s := dial(ctx, t, sni)
	r := say(ctx, t, s, host)
	switch r.Code {
	case 530, 533, 534:
		if t.Target().Security != probe.Explicit {
			break
		}
		if _, err := s.StartTLS(ctx); err != nil {
			t.Blame(err)
			t.Skip("HOST is answered %s, and then %v", r, err)
		}
		r = say(ctx, t, s, host)
	}
	return s, r
}

// say sends HOST and returns the answer.
func say(ctx context.Context, t *spec.T, s *probe.Session, host string) probe.Reply {
	return t.Do(ctx, s, "HOST "+host)
}

// enter secures s as the target asks for, logs in, and returns the last reply.
func enter(ctx context.Context, t *spec.T, s *probe.Session) (probe.Reply, error) {
	if t.Target().Security == probe.Explicit && s.TLS() == nil {
		if _, err := s.StartTLS(ctx); err != nil {
			return probe.Reply{}, err
		}
	}
	t.MayLogIn(s)
	return s.Login(ctx)
}

// expectLogin expects that a login worked. A refusal is held against the server
// only if a login on another connection, without HOST, is not refused.
func expectLogin(ctx context.Context, t *spec.T, r probe.Reply, err error, when string) {
	t.Expect(err).To(Not(HaveOccurred()), "login %s", when)
	if r.Negative() {
		t.Login(ctx)
	}
	if r.Code == 332 {
		return
	}
	if !r.Positive() {
		t.Fail("a complete login "+when, r.String())
	}
	t.ExpectCode(r, 230, 202)
}

// hungUp tells that the server has ended the session, which RFC 7151 §3.3 allows
// after an error.
func hungUp(err error) bool {
	cause := probe.CauseOf(err)
	return err != nil && (cause == probe.Closed || cause == probe.Reset)
}
