package ftptest

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"slices"
	"strings"
)

// security is what RFC 2228 and 4217 negotiate beyond TLS on the control connection itself.
type security struct {
	sized   bool        // PBSZ was sent
	private bool        // PROT P
	dataTLS *tls.Config // of this session; stays after CCC
}

// protect starts TLS on the control connection.
func (s *session) protect() error {
	cfg, data := s.configs()
	if err := s.control.protect(cfg, s.srv.cfg.HandshakeTimeout); err != nil {
		s.log("TLS handshake failed on the control connection: %v", err)
		return err
	}
	s.security = security{dataTLS: data}
	return nil
}

// configs returns the TLS configurations of the session's control and data connections. Tickets
// carry a token of the session, so that RequireReuse can tell a client that resumes its own
// session from one that resumes another's.
func (s *session) configs() (control, data *tls.Config) {
	token := make([]byte, 16)
	rand.Read(token)
	own := [][]byte{token}
	base := s.srv.tls

	control = base.Clone()
	control.WrapSession = func(cs tls.ConnectionState, ss *tls.SessionState) ([]byte, error) {
		ss.Extra = append(ss.Extra, token)
		return base.EncryptTicket(cs, ss)
	}
	data = control.Clone()
	if h := s.hooks.dataTLS; h != nil {
		h(data)
	}
	control.UnwrapSession = func(ticket []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
		ss, err := base.DecryptTicket(ticket, cs)
		if ss != nil {
			own = append(own, ss.Extra...) // a client may go on with the ticket that it came with
		}
		return ss, err
	}
	if s.srv.cfg.RequireReuse {
		data.UnwrapSession = func(ticket []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
			ss, err := base.DecryptTicket(ticket, cs)
			if ss == nil || err != nil {
				return nil, err
			}
			for _, t := range ss.Extra {
				if slices.ContainsFunc(own, func(o []byte) bool { return bytes.Equal(o, t) }) {
					return ss, nil
				}
			}
			return nil, nil // a full handshake, which is then refused
		}
	}
	return control, data
}

// auth starts TLS. After a login it ends that login, as REIN would (RFC 4217 §4.2).
func (s *session) auth(mechanism string) {
	switch {
	case s.srv.tls == nil:
		s.unimplemented("")
		return
	case s.protected():
		s.reply(534, "The connection is protected already.")
		return
	case !strings.EqualFold(mechanism, "TLS") && !strings.EqualFold(mechanism, "TLS-C"):
		s.reply(504, "TLS is the only mechanism.")
		return
	}
	s.reset()
	s.reply(234, "Starting TLS.")
	s.closing = s.protect() != nil
}

// pbsz has one value with TLS (RFC 4217 §9).
func (s *session) pbsz(size string) {
	switch {
	case !s.protected():
		s.reply(503, "Please send AUTH TLS first.")
	case !number(size):
		s.reply(501, "PBSZ needs a number.")
	default:
		s.sized = true
		s.reply(200, "PBSZ=0")
	}
}

func (s *session) prot(level string) {
	switch {
	case !s.protected():
		s.reply(503, "Please send AUTH TLS first.")
		return
	case !s.sized:
		s.reply(503, "Please send PBSZ 0 first.")
		return
	}
	switch strings.ToUpper(level) {
	case "P":
		s.private = true
		s.reply(200, "Data connections are private.")
	case "C":
		if s.srv.cfg.RequireDataTLS {
			s.reply(534, "Data connections have to be private.")
			return
		}
		s.private = false
		s.reply(200, "Data connections are clear.")
	case "S", "E":
		s.reply(536, "TLS has the levels C and P only.")
	default:
		s.reply(504, "There is no such level.")
	}
}

// ccc ends the protection of the control connection; that of the data connections stays as it
// is, and cannot be changed any longer (RFC 4217 §5).
func (s *session) ccc(string) {
	switch {
	case !s.protected():
		s.reply(533, "The connection is not protected.")
		return
	case s.srv.cfg.RequireTLS || s.srv.cfg.Implicit:
		s.reply(534, "The connection has to stay protected.")
		return
	case !s.loggedIn():
		s.reply(530, "Please log in with USER and PASS.")
		return
	}
	s.reply(200, "The control connection goes on in clear text.")
	s.closing = s.control.unprotect(s.srv.cfg.IdleTimeout) != nil
}
