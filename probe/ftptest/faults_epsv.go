package ftptest

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// epsvFaults concern EPSV, and both passive commands together.
var epsvFaults = []Fault{
	{
		Name:    "passive-disabled",
		About:   "PASV and EPSV are answered 502.",
		Catches: []string{"PASV-001", "MIN-001", "EPSV-001", "passive-disabled"},
		apply: func(h *hooks) {
			h.override("PASV", (*session).unimplemented)
			h.override("EPSV", (*session).unimplemented)
		},
	},
	{
		Name:    "epsv-unsupported",
		About:   "EPSV is answered 502 and is not in FEAT.",
		Catches: []string{"EPSV-001", "epsv-unsupported"},
		apply:   func(h *hooks) { h.override("EPSV", (*session).unimplemented) },
	},
	{
		Name:    "epsv-mangled",
		About:   "The 229 reply has two delimiters instead of three before the port: no client can read it.",
		Catches: []string{"EPSV-002", "epsv-mangled"},
		apply:   phrase229("(||%d|)"),
	},
	{
		Name:    "epsv-address-in-reply",
		About:   "The 229 reply names a protocol and an address before the port.",
		Catches: []string{"EPSV-003", "EPSV-002"},
		apply:   phrase229("(|1|127.0.0.1|%d|)"),
	},
	{
		Name:    "epsv-delimiter",
		About:   "The 229 reply has exclamation marks for bars.",
		Catches: []string{"EPSV-004"},
		apply:   phrase229("(!!!%d!)"),
	},
	{
		Name:    "epsv-late-listener",
		About:   "The server begins to listen 300 ms after the 229 reply.",
		Catches: []string{"EPSV-005"},
		apply:   lateListening("EPSV"),
	},
	{
		Name:    "epsv-no-download",
		About:   "RETR after EPSV is answered 425; after PASV it works.",
		Catches: []string{"EPSV-006"},
		apply: func(h *hooks) {
			by := offeredBy(h)
			h.around("RETR", func(s *session, arg string, run func(string)) {
				if s.passive != nil && by.get(s) == "EPSV" {
					s.dropEndpoint()
					s.reply(425, "No data connection.")
					return
				}
				run(arg)
			})
		},
	},
	{
		Name:    "epsv-own-protocol-refused",
		About:   "EPSV with the protocol of the control connection is answered 522.",
		Catches: []string{"EPSV-007"},
		apply: instead("EPSV", func(s *session, arg string) bool { return s.loggedIn() && arg == s.protocol() },
			func(s *session, _ string) { s.reply(522, "Network protocol not supported, use (%s)", s.protocol()) }),
	},
	{
		Name:    "epsv-any-protocol",
		About:   "EPSV accepts every number of a protocol.",
		Catches: []string{"EPSV-008"},
		apply:   epsvIgnoring(number),
	},
	{
		Name:    "epsv-no-protocol-list",
		About:   "The 522 reply to EPSV does not list the protocols.",
		Catches: []string{"EPSV-009"},
		apply:   edit("EPSV", 522, func(_ *session, r *reply) { *r = answer(522, "Network protocol not supported.") }),
	},
	{
		Name:    "epsv-any-argument",
		About:   "EPSV with a word for an argument is treated as EPSV alone.",
		Catches: []string{"EPSV-010"},
		apply: epsvIgnoring(func(arg string) bool {
			return arg != "" && !number(arg) && !strings.EqualFold(arg, "ALL")
		}),
	},
	{
		Name:    "epsv-all-refused",
		About:   "EPSV ALL is answered 501.",
		Catches: []string{"EPSV-011"},
		apply:   instead("EPSV", exactly("ALL"), answers(501, "EPSV takes no argument.")),
	},
	{
		Name:    "epsv-all-allows-pasv",
		About:   "After EPSV ALL PASV still works.",
		Catches: []string{"EPSV-012"},
		apply:   despiteEPSVAll("PASV"),
	},
	{
		Name:    "epsv-all-allows-port",
		About:   "After EPSV ALL PORT still works.",
		Catches: []string{"EPSV-013"},
		apply:   despiteEPSVAll("PORT"),
	},
	{
		Name:    "epsv-all-allows-eprt",
		About:   "After EPSV ALL EPRT still works.",
		Catches: []string{"EPSV-014"},
		apply:   despiteEPSVAll("EPRT"),
	},
	{
		Name:    "epsv-all-blocks-epsv",
		About:   "After EPSV ALL EPSV is refused, too.",
		Catches: []string{"EPSV-015"},
		apply: instead("EPSV", func(s *session, _ string) bool { return s.extendedOnly },
			answers(501, "EPSV is not allowed.")),
	},
	{
		Name:    "epsv-beside-pasv",
		About:   "PASV leaves the port of EPSV open, and EPSV that of PASV; the older connection is served.",
		Catches: []string{"EPSV-016"},
		apply: func(h *hooks) {
			by := remember[string](h)
			h.replace = func(s *session, old, new listener) listener {
				if by.get(s) != s.verb {
					return &listeners{old: old, new: new}
				}
				old.Close()
				return new
			}
			for _, verb := range []string{"PASV", "EPSV"} {
				h.around(verb, func(s *session, arg string, run func(string)) {
					run(arg)
					by.set(s, verb)
				})
			}
		},
	},
	{
		Name:    "epsv-before-login",
		About:   "EPSV before login opens a port.",
		Catches: []string{"EPSV-017", "LOG-006"},
		apply:   instead("EPSV", beforeLogin, (*session).epsv),
	},
	{
		Name:    "epsv-other-family",
		About:   "On an IPv6 control connection EPSV listens on IPv4 only.",
		Catches: []string{"EPSV-018", "EPSV-005"},
		apply: func(h *hooks) {
			h.listen = func(s *session, verb string) (listener, error) {
				if verb == "EPSV" && s.local.Addr().Is6() {
					return net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
				}
				return s.listen()
			}
		},
	},
}

// phrase229 phrases the 229 reply.
func phrase229(format string) func(*hooks) {
	return func(h *hooks) {
		h.extended = func(port uint16) reply {
			return answer(229, "Entering Extended Passive Mode %s", fmt.Sprintf(format, port))
		}
	}
}

// epsvIgnoring treats EPSV with such an argument as EPSV alone.
func epsvIgnoring(such func(arg string) bool) func(*hooks) {
	return wrap("EPSV", func(_ *session, arg string, run func(string)) {
		if such(arg) {
			arg = ""
		}
		run(arg)
	})
}

func despiteEPSVAll(verb string) func(*hooks) {
	return wrap(verb, func(s *session, arg string, run func(string)) {
		only := s.extendedOnly
		s.extendedOnly = false
		run(arg)
		s.extendedOnly = only
	})
}

// lateListening makes what verb announces listen too late.
func lateListening(verb string) func(*hooks) {
	return func(h *hooks) {
		h.listen = func(s *session, v string) (listener, error) {
			if v != verb {
				return s.listen()
			}
			return newLateListener(s, 300*time.Millisecond)
		}
	}
}

// offeredBy remembers which of PASV and EPSV a session has used last.
func offeredBy(h *hooks) *perSession[string] {
	by := remember[string](h)
	for _, verb := range []string{"PASV", "EPSV"} {
		h.around(verb, func(s *session, arg string, run func(string)) {
			by.set(s, verb)
			run(arg)
		})
	}
	return by
}
