package probe

import (
	"context"
	"crypto/tls"
)

// StartTLS sends AUTH TLS and makes the handshake (RFC 4217 §4). A reply other
// than 234 is an *[Error] of cause [Refusal].
func (s *Session) StartTLS(ctx context.Context) (Reply, error) {
	r, err := s.Do(ctx, "AUTH TLS")
	if err != nil {
		return r, err
	}
	if r.Code != 234 {
		return r, s.refusal(TLS, r)
	}
	return r, s.handshake(ctx)
}

// Protect sends PBSZ 0 and PROT P; from then on data connections use TLS (RFC
// 4217 §9). PBSZ may be refused, PROT may not.
func (s *Session) Protect(ctx context.Context) error {
	if _, err := s.Do(ctx, "PBSZ 0"); err != nil {
		return err
	}
	if err := s.must(ctx, "PROT P"); err != nil {
		return err
	}
	s.protected = true
	return nil
}

// Protected tells whether data connections use TLS.
func (s *Session) Protected() bool { return s.protected }

// handshake puts TLS on the control connection.
func (s *Session) handshake(ctx context.Context) error {
	// Octets that came before the handshake were not protected by it: whoever
	// sent them may not be the server (cf. CVE-2011-0411).
	s.unread = nil
	conf := &tls.Config{}
	if s.dialer.TLS != nil {
		conf = s.dialer.TLS.Clone()
	}
	if conf.ServerName == "" {
		conf.ServerName = s.target.Host
	}
	// A cache for each session, found by the server's name: the data connection
	// has another port, but it is to resume this very session.
	conf.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	start := s.timeline.now()
	conn := tls.Client(s.conn, conf)
	err := s.shake(ctx, conn)
	s.timeline.add(TLS, start)
	if err != nil {
		return s.handshakeFailure(ctx, TLS, s.peer.String(), err)
	}
	s.Note("TLS on the control connection: " + tls.VersionName(conn.ConnectionState().Version))
	s.conn, s.tlsConfig = conn, conf
	return nil
}

func (s *Session) shake(ctx context.Context, conn *tls.Conn) error {
	// An earlier read may have left its deadline on the connection.
	patience := s.patience(ctx, conn)
	defer patience.end()
	return conn.HandshakeContext(ctx)
}

// handshakeFailure is failure for a handshake: whatever is not plainly a
// matter of the connection is one of TLS.
func (s *Session) handshakeFailure(ctx context.Context, phase Phase, addr string, err error) *Error {
	e := s.failure(ctx, phase, addr, err)
	if e.Cause == Unknown {
		e.Cause = Handshake
	}
	return e
}
