package ftptest

import (
	"fmt"
	"slices"
	"strings"
)

// feat lists the extensions (RFC 2389 §3.2), the same before and after login, in clear and
// in TLS.
func (s *session) feat(string) {
	features := []struct {
		verb, line string
		offered    bool
	}{
		{"AUTH", "AUTH TLS", s.srv.tls != nil},
		{"CCC", "CCC", s.srv.tls != nil},
		{"EPRT", "EPRT", true},
		{"EPSV", "EPSV", true},
		{"HOST", "HOST", len(s.srv.cfg.Hosts) > 0},
		{"LANG", "LANG " + s.languages(), len(s.srv.cfg.Languages) > 0},
		{"MDTM", "MDTM", true},
		{"MLST", "MLST " + s.facts.starred(), true},
		{"PBSZ", "PBSZ", s.srv.tls != nil},
		{"PROT", "PROT", s.srv.tls != nil},
		{"REST", "REST STREAM", true},
		{"SIZE", "SIZE", true},
		{"TVFS", "TVFS", true},
		{"UTF8", "UTF8", true},
	}
	lines := []string{"Extensions:"}
	for _, f := range features {
		if f.offered && s.hooks.commands[f.verb] == nil {
			lines = append(lines, " "+f.line)
		}
	}
	s.send(reply{211, append(lines, "End")})
}

func (s *session) opts(arg string) {
	target, options, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(target) {
	case "UTF8":
		// Names are octets here, so there is nothing to switch, and no way off.
		if options != "" && !strings.EqualFold(options, "ON") {
			s.reply(501, "UTF8 is always on.")
			return
		}
		s.reply(200, "UTF8 is on.")
	case "MLST":
		s.optsMLST(options)
	default:
		s.reply(501, "There are no options of that name.")
	}
}

// stat describes the session, or lists a path over the control connection.
func (s *session) stat(name string) {
	if name == "" {
		s.send(s.status(nil))
		return
	}
	if !s.loggedIn() {
		s.reply(530, "Please log in with USER and PASS.")
		return
	}
	_, list, isDir, ok := s.listing(name)
	if !ok {
		s.reply(450, "%s: no such file or directory.", printable(name))
		return
	}
	code := 213
	if isDir {
		code = 212
	}
	var lines []string
	for _, info := range list {
		lines = append(lines, " "+longLine(info))
	}
	lines = s.listed("STAT", name, lines)
	s.send(reply{code, slices.Concat([]string{fmt.Sprintf("Status of %s:", printable(name))}, lines, []string{"End of status"})})
}

// status answers STAT without a path; t is the transfer that is running, if any.
func (s *session) status(t *transfer) reply {
	lines := []string{"Status:", fmt.Sprintf(" Connected to %v from %v", s.local, s.peer)}
	if s.loggedIn() {
		lines = append(lines, " Logged in as "+printable(s.login.name))
	} else {
		lines = append(lines, " Not logged in")
	}
	if s.host != "" {
		lines = append(lines, " Host: "+printable(s.host))
	}
	lines = append(lines, fmt.Sprintf(" TYPE: %v; STRU: File; MODE: Stream", s.kind))
	if s.protected() {
		lines = append(lines, " The control connection is protected by TLS")
	}
	if s.private {
		lines = append(lines, " Data connections are protected by TLS")
	}
	if t != nil {
		lines = append(lines, t.describe())
	} else {
		lines = append(lines, " No transfer is running")
	}
	return reply{211, slices.Concat(lines, []string{"End of status"})}
}
