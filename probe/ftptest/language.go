package ftptest

import (
	"regexp"
	"slices"
	"strings"
)

// languageTag is a tag of RFC 2640 §4.3.
var languageTag = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z]{1,8})*$`)

// lang selects a language of Config.Languages, the first one when none is named (RFC 2640 §4.1).
func (s *session) lang(tag string) {
	languages := s.srv.cfg.Languages
	i := slices.IndexFunc(languages, func(l string) bool { return strings.EqualFold(l, tag) })
	switch {
	case len(languages) == 0:
		s.unimplemented("")
		return
	case tag == "":
		i = 0
	case !languageTag.MatchString(tag):
		s.reply(501, "LANG needs a language tag.")
		return
	case i < 0:
		s.reply(504, "That language is not spoken here.")
		return
	}
	s.language = i
	s.reply(200, "The language is %s.", languages[i])
}

// languages is the list of the LANG line in FEAT, with a star on the language that is selected.
func (s *session) languages() string {
	list := slices.Clone(s.srv.cfg.Languages)
	if len(list) > 0 {
		list[s.language] += "*"
	}
	return strings.Join(list, ";")
}
