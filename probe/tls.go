package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
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
	conn := tls.Client(&records{wire: wire{Conn: s.conn}}, conf)
	err := s.shake(ctx, conn)
	s.timeline.add(TLS, start)
	if err != nil {
		return s.handshakeFailure(ctx, TLS, s.peer.String(), err)
	}
	s.Note("TLS on the control connection: " + tls.VersionName(conn.ConnectionState().Version))
	s.conn, s.tlsConfig = conn, conf
	return nil
}

// ClearCommandChannel sends CCC and ends TLS on the control connection, which
// goes on in clear text; data connections stay protected (RFC 4217 §5). Both
// sides say close_notify. A server that does not is an *[Error] of cause
// [Stalled] or [Closed], and the session is of no use any longer.
func (s *Session) ClearCommandChannel(ctx context.Context) error {
	if err := s.must(ctx, "CCC"); err != nil {
		return err
	}
	conn, ok := s.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	start := s.timeline.now()
	below, err := s.unwrap(ctx, conn)
	s.timeline.add(TLS, start)
	if err != nil {
		return s.failure(ctx, TLS, s.peer.String(), fmt.Errorf("after CCC: %w", err))
	}
	s.Note("no more TLS on the control connection")
	// What came behind the last record is clear text.
	s.conn, s.unread = below.Conn, s.buf[:copy(s.buf[:], below.unread)]
	return nil
}

// unwrap ends TLS in both directions.
func (s *Session) unwrap(ctx context.Context, conn *tls.Conn) (*records, error) {
	below, ok := conn.NetConn().(*records)
	if !ok {
		return nil, errors.New("not a control connection")
	}
	patience := s.patience(ctx, conn)
	defer patience.end()
	if err := conn.CloseWrite(); err != nil {
		return nil, err
	}
	for {
		// No reply is due, so whatever comes before the close_notify is none.
		if _, err := conn.Read(s.buf[:]); err == io.EOF && !below.ended {
			return below, nil
		} else if err != nil {
			return nil, err
		}
	}
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
