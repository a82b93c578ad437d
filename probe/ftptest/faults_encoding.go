package ftptest

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// encodingFaults concern the octets of names, and LANG.
var encodingFaults = []Fault{
	{
		Name:    "utf-lost-in-pwd",
		About:   "PWD replaces letters beyond ASCII by question marks.",
		Catches: []string{"UTF-001"},
		apply: edit("PWD", 257, func(_ *session, r *reply) {
			if utf8.ValidString(r.lines[0]) {
				r.lines[0] = strings.Map(func(c rune) rune {
					if c > 126 {
						return '?'
					}
					return c
				}, r.lines[0])
			}
		}),
	},
	{
		Name:    "utf-lost-in-listings",
		About:   "MLSD and NLST replace octets beyond ASCII by question marks.",
		Catches: []string{"UTF-001", "UTF-004"},
		apply:   together(lists("MLSD", each(questionMarks)), lists("NLST", each(questionMarks))),
	},
	{
		Name:    "utf-feature-name",
		About:   "FEAT lists UTF-8 instead of UTF8.",
		Catches: []string{"UTF-002"},
		apply:   feature("UTF8", " UTF-8"),
	},
	{
		Name:    "utf-spaces-stripped",
		About:   "STOR strips spaces from both ends of a name.",
		Catches: []string{"UTF-003"},
		apply:   wrap("STOR", func(_ *session, arg string, run func(string)) { run(strings.Trim(arg, " ")) }),
	},
	{
		Name:    "utf-only",
		About:   "STOR refuses names that are not valid UTF-8.",
		Catches: []string{"UTF-004"},
		apply: instead("STOR", func(s *session, arg string) bool { return s.loggedIn() && !utf8.ValidString(arg) },
			answers(553, "Names have to be UTF-8.")),
	},
	{
		Name:    "utf-octet-not-doubled",
		About:   "Octet FF is not doubled in replies.",
		Catches: []string{"UTF-005"},
		apply: func(h *hooks) {
			h.onWire(func(_ *session, _ string, b []byte) []byte {
				return bytes.ReplaceAll(b, []byte{iac, iac}, []byte{iac})
			})
		},
	},
	{
		Name:    "utf-cut-at-nul",
		About:   "A name with CR, sent as CR NUL, ends before it.",
		Catches: []string{"UTF-006"},
		apply: func(h *hooks) {
			h.lines = append(h.lines, func(_ *session, line string) (string, bool) {
				line, _, _ = strings.Cut(line, "\r")
				return line, true
			})
		},
	},
	{
		Name:    "utf-carriage-return-closes",
		About:   "A name with CR, sent as CR NUL, closes the session.",
		Catches: []string{"UTF-006"},
		apply: func(h *hooks) {
			h.lines = append(h.lines, func(s *session, line string) (string, bool) {
				s.closing = s.closing || strings.Contains(strings.ReplaceAll(line, "\r\n", ""), "\r")
				return line, !s.closing
			})
		},
	},
	{
		Name:    "lang-needs-argument",
		About:   "LANG is in FEAT, and without an argument it is answered 501.",
		Catches: []string{"UTF-007"},
		apply: together(listing("LANG EN*"), wrap("LANG", func(s *session, arg string, _ func(string)) {
			switch {
			case strings.EqualFold(arg, "EN"):
				s.reply(200, "Replies are in English.")
			case arg == "" || len(arg) > 8:
				s.reply(501, "LANG needs a tag.")
			default:
				s.reply(504, "There is no such language here.")
			}
		})),
	},
	{
		Name:    "lang-star-stays",
		About:   "The star in FEAT stays on the default language (Config.Languages) after LANG.",
		Catches: []string{"UTF-007"},
		apply: edit("FEAT", 211, func(s *session, r *reply) {
			for i, line := range r.lines {
				if strings.HasPrefix(line, " LANG ") {
					first, rest, _ := strings.Cut(strings.ReplaceAll(line, "*", ""), ";")
					r.lines[i] = first + "*;" + rest
				}
			}
		}),
	},
}

// questionMarks takes the place of octets beyond ASCII.
func questionMarks(line string) string {
	return string(mapBytes(line, func(c byte) byte {
		if c > 126 {
			return '?'
		}
		return c
	}))
}
