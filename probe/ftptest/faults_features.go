package ftptest

import "strings"

// featureFaults concern FEAT and OPTS.
var featureFaults = []Fault{
	{
		Name:    "feat-class",
		About:   "FEAT after login is answered 350.",
		Catches: []string{"FEAT-001"},
		apply:   instead("FEAT", afterLogin, answers(350, "Which features?")),
	},
	{
		Name:    "feat-indent",
		About:   "FEAT has two spaces before TVFS.",
		Catches: []string{"FEAT-002"},
		apply:   feature("TVFS", "  TVFS"),
	},
	{
		Name:    "feat-last-line",
		About:   "FEAT ends with another word than End, which only strict judging minds.",
		Catches: []string{"FEAT-003"},
		apply:   edit("FEAT", 211, func(_ *session, r *reply) { r.lines[len(r.lines)-1] = "That is all" }),
	},
	{
		Name:    "feat-incomplete",
		About:   "FEAT does not list MDTM, although it works.",
		Catches: []string{"FEAT-004"},
		apply:   without("MDTM"),
	},
	{
		Name:    "feat-dead-entry",
		About:   "FEAT lists LANG, which is answered 502.",
		Catches: []string{"FEAT-005", "UTF-007"},
		apply:   listing("LANG EN*"),
	},
	{
		Name:    "feat-no-epsv",
		About:   "FEAT lists neither EPSV nor EPRT.",
		Catches: []string{"FEAT-006"},
		apply:   without("EPSV", "EPRT"),
	},
	{
		Name:    "feat-after-login",
		About:   "FEAT before login is answered 530.",
		Catches: []string{"FEAT-007"},
		apply:   instead("FEAT", beforeLogin, answers(530, "Please log in.")),
	},
	{
		Name:    "opts-any",
		About:   "OPTS XYZZ is answered 200.",
		Catches: []string{"FEAT-008"},
		apply:   instead("OPTS", exactly("XYZZ"), answers(200, "Whatever that is.")),
	},
	{
		Name:    "opts-no-utf",
		About:   "OPTS UTF8 ON is answered 501.",
		Catches: []string{"FEAT-009"},
		apply:   instead("OPTS", exactly("UTF8 ON"), answers(501, "There are no options of that name.")),
	},
	{
		Name:    "feat-dead-draft",
		About:   "FEAT lists MFMT, which is answered 500.",
		Catches: []string{"FEAT-010"},
		apply:   listing("MFMT"),
	},
}

// without takes features out of FEAT.
func without(features ...string) func(*hooks) {
	return edit("FEAT", 211, func(_ *session, r *reply) {
		var kept []string
		for _, line := range r.lines {
			drop := false
			for _, f := range features {
				drop = drop || strings.HasPrefix(line, " "+f)
			}
			if !drop {
				kept = append(kept, line)
			}
		}
		r.lines = kept
	})
}

// feature changes the line of one feature; $ in it stands for what follows the name now.
func feature(name, line string) func(*hooks) {
	return edit("FEAT", 211, func(_ *session, r *reply) {
		for i, l := range r.lines {
			if l == " "+name || strings.HasPrefix(l, " "+name+" ") {
				r.lines[i] = strings.ReplaceAll(line, "$", strings.TrimPrefix(l, " "+name))
			}
		}
	})
}

// listing adds a feature to FEAT.
func listing(name string) func(*hooks) {
	return edit("FEAT", 211, func(_ *session, r *reply) {
		last := len(r.lines) - 1
		r.lines = append(r.lines[:last:last], " "+name, r.lines[last])
	})
}
