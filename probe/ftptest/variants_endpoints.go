package ftptest

// endpointVariants are about how many sessions there may be, and how much of a client
// a server puts up with.
var endpointVariants = []Variant{
	{"one-login", "A user may be logged in once; any other login is answered 530.", logins(1)},
	{"few-logins", "A user may be logged in three times; any other login is answered 530.", logins(3)},
	{"three-strikes", "The third refusal of a session is 421, and the end of it.", func(h *hooks) {
		strikes := remember[int](h)
		h.onReply(func(s *session, _ string, r *reply) bool {
			if r.code/100 != 5 {
				return true
			}
			n := strikes.get(s) + 1
			strikes.set(s, n)
			if n == 3 {
				*r = answer(421, "That is enough.")
				s.closing = true
			}
			return true
		})
	}},
	{"curt-before-login", "What is refused before login is answered 530, and ends the session.", func(h *hooks) {
		h.onReply(func(s *session, verb string, r *reply) bool {
			if r.code == 530 && !s.loggedIn() && verb != "USER" && verb != "PASS" {
				s.closing = true
			}
			return true
		})
	}},
	{"host-closes", "HOST is not known, and ends the session (RFC 7151 §3.3).", together(lacking("HOST"), edit("HOST", 502, func(s *session, _ *reply) {
		s.closing = true
	}))},
}

// logins lets a user be logged in so many times at once.
func logins(most int) func(*hooks) {
	return func(h *hooks) {
		users := remember[string](h)
		instead("PASS", func(s *session, _ string) bool {
			same := 0
			users.any(func(_ *session, name string) bool {
				if name == s.login.name {
					same++
				}
				return false
			})
			return same >= most
		}, func(s *session, _ string) {
			s.login = login{}
			s.reply(530, "That user is logged in already.")
		})(h)
		for _, verb := range []string{"PASS", "USER", "REIN", "ACCT", "AUTH"} {
			h.around(verb, func(s *session, arg string, run func(string)) {
				run(arg)
				if s.loggedIn() {
					users.set(s, s.login.name)
				} else {
					users.forget(s)
				}
			})
		}
	}
}
