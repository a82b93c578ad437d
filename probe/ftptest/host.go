package ftptest

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// hostname is a name of RFC 1123 §2.1.
var hostname = regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.(?i:[a-z0-9]([a-z0-9-]*[a-z0-9])?))*$`)

// selectHost is HOST (RFC 7151). The name must be that of the TLS handshake, if that had one
// (§4).
func (s *session) selectHost(name string) {
	if len(s.srv.cfg.Hosts) == 0 {
		s.unimplemented("")
		return
	}
	if s.login.stage != wantUser {
		s.reply(503, "HOST comes before USER.")
		return
	}
	switch known, valid := s.knownHost(name); {
	case !valid:
		s.reply(501, "HOST needs a host name, or an address without a port.")
	case !known, s.protected() && s.otherHost(name):
		s.reply(504, "There is no such host here.")
	default:
		s.host = name
		s.language = 0 // RFC 2640 §4.1
		s.reply(220, "Host %s is ready.", printable(name))
	}
}

func (s *session) knownHost(name string) (known, valid bool) {
	if literal, ok := strings.CutPrefix(name, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		addr, err := netip.ParseAddr(literal)
		return addr == s.local.Addr(), ok && err == nil && addr.Is6()
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr == s.local.Addr(), addr.Is4()
	}
	known = slices.ContainsFunc(s.srv.cfg.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
	return known, hostname.MatchString(name)
}

// otherHost reports whether the TLS handshake was for another host.
func (s *session) otherHost(name string) bool {
	sni := s.control.secure.ConnectionState().ServerName
	return sni != "" && !strings.EqualFold(sni, name)
}
