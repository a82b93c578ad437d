package ftptest

import (
	"slices"
	"strings"
)

// hostFaults concern HOST. Except for the first they need Config.Hosts.
var hostFaults = []Fault{
	{
		Name:    "host-spoils-login",
		About:   "After a HOST that is not implemented no password is right.",
		Catches: []string{"HOST-001"},
		apply:   spoilLogin(502),
	},
	{
		Name:    "host-case-sensitive",
		About:   "HOST takes names in capitals for others (with Config.Hosts).",
		Catches: []string{"HOST-002"},
		apply: instead("HOST", func(_ *session, arg string) bool { return arg != strings.ToLower(arg) },
			answers(504, "There is no such host here.")),
	},
	{
		Name:    "host-after-login",
		About:   "HOST after login is answered 220 (with Config.Hosts).",
		Catches: []string{"HOST-003"},
		apply:   hostAccepts(func(s *session, _ string) bool { return s.loggedIn() }),
	},
	{
		Name:    "host-malformed",
		About:   "HOST with a malformed name is answered 220 (with Config.Hosts).",
		Catches: []string{"HOST-004"},
		apply:   hostAccepts(func(s *session, arg string) bool { return !s.loggedIn() && strings.HasPrefix(arg, "-") }),
	},
	{
		Name:    "host-port",
		About:   "HOST with a port number is answered 220 (with Config.Hosts).",
		Catches: []string{"HOST-005"},
		apply: hostAccepts(func(_ *session, arg string) bool {
			i := strings.LastIndexByte(arg, ':')
			return i > 0 && number(arg[i+1:]) && !strings.HasSuffix(arg, "]")
		}),
	},
	{
		Name:    "host-other-address",
		About:   "HOST with the address of another host is answered 220 (with Config.Hosts).",
		Catches: []string{"HOST-006"},
		apply: hostAccepts(func(s *session, arg string) bool {
			known, valid := s.knownHost(arg)
			return valid && !known && (strings.HasPrefix(arg, "[") || number(strings.ReplaceAll(arg, ".", "")))
		}),
	},
	{
		Name:    "host-once",
		About:   "A second HOST before login is answered 503 (with Config.Hosts).",
		Catches: []string{"HOST-007"},
		apply: instead("HOST", func(s *session, arg string) bool { return s.host != "" && !strings.EqualFold(arg, s.host) },
			answers(503, "There is a host already.")),
	},
	{
		Name:    "host-error-spoils-login",
		About:   "After a HOST of an unknown name no password is right (with Config.Hosts).",
		Catches: []string{"HOST-008"},
		apply:   spoilLogin(504),
	},
	{
		Name:    "host-other-than-sni",
		About:   "HOST accepts another name than the one in the TLS handshake (with Config.TLS).",
		Catches: []string{"HOST-009"},
		apply: hostAccepts(func(s *session, arg string) bool {
			known, _ := s.knownHost(arg)
			return known && s.protected() && s.otherHost(arg)
		}),
	},
	{
		Name:    "host-unlisted",
		About:   "HOST works, and FEAT does not list it (with Config.Hosts).",
		Catches: []string{"HOST-010", "FEAT-004"},
		apply: edit("FEAT", 211, func(_ *session, r *reply) {
			r.lines = slices.DeleteFunc(r.lines, func(line string) bool { return line == " HOST" })
		}),
	},
	{
		Name:    "host-survives-rein",
		About:   "After REIN a HOST is answered 503 (with Config.Hosts).",
		Catches: []string{"HOST-011"},
		apply: func(h *hooks) {
			again := remember[bool](h)
			edit("REIN", 220, func(s *session, _ *reply) { again.set(s, true) })(h)
			instead("HOST", func(s *session, _ string) bool { return again.get(s) }, answers(503, "There is a host already."))(h)
		},
	},
}

// hostAccepts answers HOST with 220 where when holds.
func hostAccepts(when func(s *session, arg string) bool) func(*hooks) {
	return instead("HOST", func(s *session, arg string) bool { return len(s.srv.cfg.Hosts) > 0 && when(s, arg) },
		answers(220, "That host is ready."))
}

// spoilLogin makes passwords wrong after a HOST that was answered so.
func spoilLogin(code int) func(*hooks) {
	return func(h *hooks) {
		spoiled := remember[bool](h)
		edit("HOST", code, func(s *session, _ *reply) { spoiled.set(s, true) })(h)
		instead("PASS", func(s *session, _ string) bool { return spoiled.get(s) }, answers(530, "Login incorrect."))(h)
	}
}
