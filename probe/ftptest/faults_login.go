package ftptest

// loginFaults concern USER, PASS, ACCT, REIN and QUIT, and what may be done before.
var loginFaults = []Fault{
	{
		Name:    "login-refused",
		About:   "Every password is wrong.",
		Catches: []string{"login-refused"},
		apply: func(h *hooks) {
			h.override("PASS", func(s *session, _ string) {
				s.login = login{}
				s.reply(530, "Login incorrect.")
			})
		},
	},
	{
		Name:    "login-password-again",
		About:   "The right password is answered 331, as if it had not come.",
		Catches: []string{"LOG-002"},
		apply:   edit("PASS", 230, func(s *session, r *reply) { s.login, *r = login{}, answer(331, "Please send the password.") }),
	},
	{
		Name:    "login-user-mark",
		About:   "USER gets a preliminary reply, 120, before its 331.",
		Catches: []string{"LOG-001"},
		apply: wrap("USER", func(s *session, arg string, run func(string)) {
			s.reply(120, "Looking that name up.")
			run(arg)
		}),
	},
	{
		Name:    "login-despite-wrong-password",
		About:   "A wrong password is answered 530, and the session is logged in all the same.",
		Catches: []string{"LOG-003"},
		apply: wrap("PASS", func(s *session, arg string, run func(string)) {
			asked := s.login.stage == wantPassword
			run(arg)
			if asked && s.login.stage == wantUser {
				s.login.stage = in
			}
		}),
	},
	{
		Name:    "login-pass-first",
		About:   "PASS without USER is answered 230.",
		Catches: []string{"LOG-004"},
		apply: instead("PASS", func(s *session, _ string) bool { return s.login.name == "" && s.login.stage == wantUser },
			answers(230, "Logged in.")),
	},
	{
		Name:    "login-second-pass",
		About:   "After a wrong password PASS may be repeated without USER.",
		Catches: []string{"LOG-005"},
		apply: wrap("PASS", func(s *session, arg string, run func(string)) {
			if s.login.stage == wantUser && s.login.name != "" {
				s.login.stage = wantPassword
			}
			run(arg)
		}),
	},
	{
		Name:    "login-not-needed",
		About:   "CWD works before login.",
		Catches: []string{"LOG-006"},
		apply:   instead("CWD", beforeLogin, (*session).cwd),
	},
	{
		Name:    "login-help-refused",
		About:   "HELP before login is answered 530.",
		Catches: []string{"LOG-007"},
		apply:   instead("HELP", beforeLogin, answers(530, "Please log in.")),
	},
	{
		Name:    "login-noop-refused",
		About:   "NOOP before login is answered 530.",
		Catches: []string{"LOG-008"},
		apply:   instead("NOOP", beforeLogin, answers(530, "Please log in.")),
	},
	{
		Name:    "login-user-closes",
		About:   "USER in a session that is logged in closes it without a reply.",
		Catches: []string{"LOG-009"},
		apply:   instead("USER", afterLogin, hangUp),
	},
	{
		Name:    "login-user-keeps-identity",
		About:   "USER in a session that is logged in is answered 331, and the old user stays logged in.",
		Catches: []string{"LOG-010"},
		apply:   instead("USER", afterLogin, answers(331, "Please send the password.")),
	},
	{
		Name:    "login-rein-class",
		About:   "REIN is answered 350.",
		Catches: []string{"LOG-011"},
		apply:   edit("REIN", 220, func(_ *session, r *reply) { r.code = 350 }),
	},
	{
		Name:    "login-rein-keeps-type",
		About:   "REIN leaves TYPE as it was.",
		Catches: []string{"LOG-012"},
		apply: wrap("REIN", func(s *session, arg string, run func(string)) {
			kind := s.kind
			run(arg)
			s.kind = kind
		}),
	},
	{
		Name:    "login-rein-keeps-user",
		About:   "After REIN the user is logged in still.",
		Catches: []string{"LOG-012"},
		apply: wrap("REIN", func(s *session, arg string, run func(string)) {
			user := s.login
			run(arg)
			s.login = user
		}),
	},
	{
		Name:    "login-quit-stays",
		About:   "QUIT is answered 221, and the control connection stays open.",
		Catches: []string{"LOG-013"},
		apply: wrap("QUIT", func(s *session, arg string, run func(string)) {
			run(arg)
			s.closing = false
		}),
	},
	{
		Name:    "login-quit-cuts",
		About:   "QUIT during a transfer aborts it.",
		Catches: []string{"LOG-014"},
		apply: func(h *hooks) {
			h.during = append(h.during, func(t *transfer, verb string) bool {
				if verb == "QUIT" {
					t.abort()
				}
				return false
			})
		},
	},
	{
		Name:    "login-acct-unimplemented",
		About:   "ACCT after login is answered 502, by a server that asks for accounts (Config.Accounts).",
		Catches: []string{"LOG-015"},
		apply:   instead("ACCT", afterLogin, (*session).unimplemented),
	},
	{
		Name:    "login-acct-refused",
		About:   "ACCT is answered 530, whatever PASS was answered (with Config.Accounts).",
		Catches: []string{"LOG-016"},
		apply:   instead("ACCT", func(s *session, _ string) bool { return s.login.stage == wantAccount }, answers(530, "Login incorrect.")),
	},
	{
		Name:    "login-failed-for-good",
		About:   "After a wrong password the right one is wrong as well.",
		Catches: []string{"LOG-017"},
		apply: func(h *hooks) {
			failed := remember[bool](h)
			edit("PASS", 530, func(s *session, _ *reply) { failed.set(s, true) })(h)
			instead("PASS", func(s *session, _ string) bool { return s.login.stage == wantPassword && failed.get(s) },
				func(s *session, _ string) {
					s.login.stage = wantUser
					s.reply(530, "Login incorrect.")
				})(h)
		},
	},
}
