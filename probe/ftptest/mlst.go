package ftptest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// facts are the facts of RFC 3659 §7.5 that a session gets, in the order of factNames.
type facts [5]bool

var (
	factNames = [len(facts{})]string{"type", "size", "modify", "perm", "unique"}
	allFacts  = facts{true, true, true, true, true}
)

// starred is the list of the MLST line in FEAT.
func (f facts) starred() string {
	var b strings.Builder
	for i, name := range factNames {
		b.WriteString(name)
		if f[i] {
			b.WriteByte('*')
		}
		b.WriteByte(';')
	}
	return b.String()
}

// entry is what MLSD sends for one file: facts, a space, and the name.
func (f facts) entry(info Info, name string, writable bool) string {
	values := [len(facts{})]string{"file", fmt.Sprint(info.Size), timeVal(info.ModTime), perm(info, writable), info.Unique}
	if info.Dir {
		values[0], values[1] = "dir", ""
	}
	var b strings.Builder
	for i, name := range factNames {
		if f[i] && (values[i] != "" || name == "perm") {
			b.WriteString(name + "=" + values[i] + ";")
		}
	}
	return b.String() + " " + name
}

// perm is the perm fact (RFC 3659 §7.5.5).
func perm(info Info, writable bool) string {
	switch {
	case info.Dir && !writable:
		return "el"
	case info.Dir && info.Name == "/":
		return "celmp"
	case info.Dir:
		return "cdeflmp"
	case !writable:
		return "r"
	}
	return "adfrw"
}

// timeVal is a time-val of RFC 3659 §2.3, in UTC.
func timeVal(t time.Time) string { return t.UTC().Format("20060102150405") }

// optsMLST selects facts (RFC 3659 §7.9): a list in which each name ends in a semicolon. Names
// that are not known are left out.
func (s *session) optsMLST(list string) {
	if list != "" && !strings.HasSuffix(list, ";") || strings.ContainsAny(list, " *=") || strings.HasPrefix(list, ";") || strings.Contains(list, ";;") {
		s.reply(501, "OPTS MLST needs a list of facts that each end in a semicolon.")
		return
	}
	wanted := strings.Split(strings.ToLower(list), ";")
	selected := ""
	for i, name := range factNames {
		if s.facts[i] = slices.Contains(wanted, name); s.facts[i] {
			selected += name + ";"
		}
	}
	s.reply(200, "%s", strings.TrimRight("MLST OPTS "+selected, " "))
}

func (s *session) mlst(name string) {
	full, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	s.send(reply{250, []string{
		"Facts:",
		" " + s.facts.entry(info, full, !s.srv.cfg.ReadOnly),
		"End",
	}})
}

// mlsd sends names as they are stored, whatever TYPE says (RFC 3659 §7.2).
func (s *session) mlsd(name string) {
	s.offset()
	if !s.ready() {
		return
	}
	full, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	if !info.Dir {
		s.reply(501, "%s: not a directory.", printable(name))
		return
	}
	list, err := s.srv.cfg.FS.ReadDir(full)
	if err != nil {
		s.reply(550, "%s: %s.", printable(name), reason(err))
		return
	}
	var lines []string
	for _, info := range s.unbroken(list) {
		lines = append(lines, s.facts.entry(info, info.Name, !s.srv.cfg.ReadOnly))
	}
	s.sendLines(name, lines, "Here come the facts.")
}
