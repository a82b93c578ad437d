package ftptest

import (
	"slices"
	"strings"
)

// protectionVariants are about refusals and protection.
var protectionVariants = []Variant{
	{"refused-after-mark", "Transfers are refused only after their mark.", func(h *hooks) {
		marked := remember[bool](h)
		for _, verb := range transferVerbs {
			h.around(verb, func(s *session, arg string, run func(string)) {
				marked.forget(s)
				run(arg)
			})
		}
		everyReply(func(s *session, verb string, r *reply) {
			if !slices.Contains(transferVerbs, verb) || !s.loggedIn() {
				return
			}
			if r.code >= 400 && r.code%100 >= 20 && r.code != 421 && !marked.get(s) && (s.passive != nil || s.active.IsValid()) {
				s.control.send([]byte("150 Let me see.\r\n"))
				s.dropEndpoint()
			}
			marked.set(s, true)
		})(h)
	}},
	{"tls-login-first", "PBSZ and PROT are refused before the login, and FEAT does not list them then.", together(
		instead("PBSZ", func(s *session, _ string) bool { return s.protected() && !s.loggedIn() }, answers(530, "Please log in with USER and PASS.")),
		instead("PROT", func(s *session, _ string) bool { return s.protected() && !s.loggedIn() }, answers(530, "Please log in with USER and PASS.")),
		edit("FEAT", 211, func(s *session, r *reply) {
			if s.loggedIn() {
				return
			}
			r.lines = slices.DeleteFunc(slices.Clone(r.lines), func(line string) bool {
				return strings.HasPrefix(line, " PBSZ") || strings.HasPrefix(line, " PROT")
			})
		}),
	)},
	{"tls-data-too", "Sessions under TLS have to protect their data as well.", func(h *hooks) {
		instead("PROT", func(s *session, arg string) bool { return s.protected() && s.sized && strings.EqualFold(arg, "C") },
			answers(534, "Data connections have to be private."))(h)
		for _, verb := range transferVerbs {
			instead(verb, func(s *session, _ string) bool { return s.protected() && s.loggedIn() && !s.private },
				answers(521, "The data connection has to be protected with PROT P."))(h)
		}
	}},
}
