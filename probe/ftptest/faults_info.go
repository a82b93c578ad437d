package ftptest

import "strings"

// infoFaults concern SYST, STAT, HELP, NOOP and ALLO.
var infoFaults = []Fault{
	{
		Name:    "syst-refused",
		About:   "SYST is answered 504.",
		Catches: []string{"INFO-001"},
		apply:   instead("SYST", afterLogin, answers(504, "That is a secret.")),
	},
	{
		Name:    "stat-refused",
		About:   "STAT without an argument is answered 504.",
		Catches: []string{"INFO-002"},
		apply:   instead("STAT", bare, answers(504, "STAT needs an argument.")),
	},
	{
		Name:    "stat-no-entries",
		About:   "STAT of a directory has no entries.",
		Catches: []string{"INFO-003"},
		apply: func(h *hooks) {
			h.onListing(func(_ *session, verb, _ string, lines []string) []string {
				if verb == "STAT" {
					return nil
				}
				return lines
			})
		},
	},
	{
		Name:    "stat-bare-names",
		About:   "STAT of a directory has lines that begin with the names of its files.",
		Catches: []string{"INFO-004"},
		apply: func(h *hooks) {
			h.onListing(func(_ *session, verb, _ string, lines []string) []string {
				if verb != "STAT" {
					return lines
				}
				for i, line := range lines {
					lines[i] = lastFields(line, 9)
				}
				return lines
			})
		},
	},
	{
		Name:    "help-refused",
		About:   "HELP without an argument is answered 504 after login.",
		Catches: []string{"INFO-005"},
		apply:   instead("HELP", bare, answers(504, "HELP needs an argument.")),
	},
	{
		Name:    "noop-cancels",
		About:   "NOOP right after PASV or EPSV closes the port.",
		Catches: []string{"INFO-006", "PASV-018"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			h.around("NOOP", func(s *session, arg string, run func(string)) {
				if code := last.get(s).code; code == 227 || code == 229 {
					s.dropEndpoint()
				}
				run(arg)
			})
		},
	},
	{
		Name:    "allo-spoils",
		About:   "The STOR that follows ALLO is answered 452.",
		Catches: []string{"INFO-007"},
		apply: func(h *hooks) {
			asked := remember[bool](h)
			edit("ALLO", 202, func(s *session, _ *reply) { asked.set(s, true) })(h)
			instead("STOR", func(s *session, _ string) bool { return asked.get(s) }, func(s *session, _ string) {
				asked.forget(s)
				s.reply(452, "No space left.")
			})(h)
		},
	},
	{
		Name:    "syst-other-listing",
		About:   "SYST names UNIX, and LIST is in the form of DOS.",
		Catches: []string{"INFO-008"},
		apply: func(h *hooks) {
			h.onListing(func(_ *session, verb, _ string, lines []string) []string {
				if verb != "LIST" {
					return lines
				}
				for i, line := range lines {
					lines[i] = dosLine(line)
				}
				return lines
			})
		},
	},
}

// lastFields is what is left of line from its nth field on.
func lastFields(line string, n int) string {
	rest := strings.TrimLeft(line, " ")
	for range n - 1 {
		_, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimLeft(rest, " ")
	}
	return rest
}
