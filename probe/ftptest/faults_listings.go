package ftptest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync/atomic"
)

// listingFaults concern LIST, NLST, MLST and MLSD.
var listingFaults = []Fault{
	{
		Name:    "list-incomplete",
		About:   "LIST without an argument leaves out the last entry, unless there are more than 1000.",
		Catches: []string{"XFER-020"},
		apply: lists("LIST", func(_ *session, arg string, lines []string) []string {
			if arg == "" && len(lines) > 0 && len(lines) <= 1000 {
				return lines[:len(lines)-1]
			}
			return lines
		}),
	},
	{
		Name:    "list-no-crlf",
		About:   "In TYPE I the lines of LIST and NLST end in LF alone.",
		Catches: []string{"XFER-021"},
		apply:   together(bareLines("LIST", image), bareLines("NLST", image)),
	},
	{
		Name:    "list-sets-type",
		About:   "LIST sets TYPE A.",
		Catches: []string{"XFER-022", "REP-008"},
		apply: wrap("LIST", func(s *session, arg string, run func(string)) {
			run(arg)
			s.kind = ascii
		}),
	},
	{
		Name:    "list-empty-refused",
		About:   "LIST of an empty directory is answered 550.",
		Catches: []string{"XFER-023"},
		apply: instead("LIST", func(s *session, arg string) bool {
			full, _ := s.resolve(s.options(arg))
			list, err := s.srv.cfg.FS.ReadDir(full)
			return s.loggedIn() && s.passive != nil && err == nil && len(list) == 0
		}, answers(550, "There is nothing in it.")),
	},
	{
		Name:    "list-missing",
		About:   "LIST of a missing path sends nothing, and is answered 226.",
		Catches: []string{"XFER-024"},
		apply: instead("LIST", func(s *session, arg string) bool {
			return s.passive != nil && !strings.ContainsAny(arg, "*?[") && missing(s, s.options(arg))
		}, func(s *session, _ string) {
			s.transfer("Here comes the listing.", func(t *transfer) error { return t.send(strings.NewReader("")) })
		}),
	},
	{
		Name:    "list-own-format",
		About:   "The lines of LIST are a name, a colon and a size.",
		Catches: []string{"XFER-025"},
		apply: lists("LIST", each(func(line string) string {
			return lastFields(line, 9) + ": " + strings.Fields(line)[4] + " octets"
		})),
	},
	{
		Name:    "nlst-header",
		About:   "NLST begins with a line that is no name.",
		Catches: []string{"XFER-026"},
		apply: lists("NLST", func(_ *session, _ string, lines []string) []string {
			return append([]string{fmt.Sprintf("total %d", len(lines))}, lines...)
		}),
	},
	{
		Name:    "nlst-bare-names",
		About:   "NLST of another directory sends names without the path to it.",
		Catches: []string{"XFER-027"},
		apply:   lists("NLST", each(func(line string) string { return line[strings.LastIndexByte(line, '/')+1:] })),
	},
	{
		Name:    "nlst-incomplete",
		About:   "NLST without an argument leaves out the first name, unless it is the only one.",
		Catches: []string{"XFER-048"},
		apply: lists("NLST", func(_ *session, arg string, lines []string) []string {
			if arg == "" && len(lines) > 1 {
				return lines[1:]
			}
			return lines
		}),
	},
	{
		Name:    "list-cut",
		About:   "Listings end after 500 entries.",
		Catches: []string{"MLS-019"},
		apply: func(h *hooks) {
			h.onListing(func(_ *session, _, _ string, lines []string) []string { return lines[:min(len(lines), 500)] })
		},
	},

	{
		Name:    "mlst-no-space",
		About:   "The entry of MLST has no space before its facts.",
		Catches: []string{"MLS-001"},
		apply:   mlst(func(_ *session, entry string) string { return entry[1:] }),
	},
	{
		Name:    "mlst-no-semicolon",
		About:   "The last fact of MLST has no semicolon.",
		Catches: []string{"MLS-002"},
		apply:   mlst(func(_ *session, entry string) string { return strings.Replace(entry, "; ", " ", 1) }),
	},
	{
		Name:    "mlsd-no-crlf",
		About:   "The lines of MLSD end in LF alone.",
		Catches: []string{"MLS-003"},
		apply:   together(bareLines("MLSD", image), bareLines("MLSD", ascii)),
	},
	{
		Name:    "mlsd-blank-line",
		About:   "MLSD ends with an empty line.",
		Catches: []string{"MLS-004"},
		apply:   lists("MLSD", func(_ *session, _ string, lines []string) []string { return append(lines, "") }),
	},
	{
		Name:    "mlsd-total-line",
		About:   "MLSD begins with a line that has the number of entries.",
		Catches: []string{"MLS-004"},
		apply: lists("MLSD", func(_ *session, _ string, lines []string) []string {
			return append([]string{fmt.Sprintf("total %d", len(lines))}, lines...)
		}),
	},
	{
		Name:    "mlsd-file",
		About:   "MLSD of a file sends its facts.",
		Catches: []string{"MLS-005"},
		apply: instead("MLSD", func(s *session, arg string) bool { return s.passive != nil && isFile(s, arg) }, func(s *session, arg string) {
			info, _ := s.exists(arg)
			s.sendLines(arg, []string{s.facts.entry(info, info.Name, true)}, "Here come the facts.")
		}),
	},
	{
		Name:    "mlsd-missing",
		About:   "MLSD of a missing path sends nothing, and is answered 226.",
		Catches: []string{"MLS-006"},
		apply: instead("MLSD", func(s *session, arg string) bool { return s.passive != nil && missing(s, arg) }, func(s *session, arg string) {
			s.sendLines(arg, nil, "Here come the facts.")
		}),
	},
	{
		Name:    "mlsd-sets-type",
		About:   "MLSD sets TYPE I.",
		Catches: []string{"MLS-007"},
		apply: wrap("MLSD", func(s *session, arg string, run func(string)) {
			run(arg)
			s.kind = image
		}),
	},
	{
		Name:    "mlsd-text-lines",
		About:   "In TYPE A the lines of MLSD end in CR CR LF.",
		Catches: []string{"MLS-007"},
		apply: func(h *hooks) {
			h.onListing(func(s *session, verb, _ string, lines []string) []string {
				if verb == "MLSD" && s.kind == ascii {
					lines = each(func(line string) string { return line + "\r" })(s, "", lines)
				}
				return lines
			})
		},
	},
	{
		Name:    "mlsd-type-value",
		About:   "MLSD describes directories as type=folder.",
		Catches: []string{"MLS-008"},
		apply:   lists("MLSD", each(func(line string) string { return strings.Replace(line, "type=dir;", "type=folder;", 1) })),
	},
	{
		Name:    "mlst-cdir",
		About:   "MLST of a directory says type=cdir.",
		Catches: []string{"MLS-009"},
		apply:   mlst(func(_ *session, entry string) string { return strings.Replace(entry, "type=dir;", "type=cdir;", 1) }),
	},
	{
		Name:    "mlsd-parent-untyped",
		About:   "MLSD lists . and .. with and without the type fact.",
		Catches: []string{"MLS-009"},
		apply: lists("MLSD", func(s *session, _ string, lines []string) []string {
			cdir, pdir := " .", " .."
			if s.facts[0] {
				cdir, pdir = "type=cdir; .", "type=pdir; .."
			}
			return append([]string{cdir, pdir}, lines...)
		}),
	},
	{
		Name:    "mlsd-perm",
		About:   "The perm fact has a hyphen in it.",
		Catches: []string{"MLS-010"},
		apply:   entries(func(entry string) string { return strings.Replace(entry, "perm=", "perm=-", 1) }),
	},
	{
		Name:    "mlsd-modify",
		About:   "The modify fact ends in Z.",
		Catches: []string{"MLS-011"},
		apply:   entries(func(entry string) string { return modified.ReplaceAllString(entry, "${0}Z") }),
	},
	{
		Name:    "mlsd-unique",
		About:   "The unique fact is another one each time.",
		Catches: []string{"MLS-012"},
		apply: func(h *hooks) {
			var n atomic.Int64
			entries(func(entry string) string {
				return strings.Replace(entry, "unique=", fmt.Sprintf("unique=%dx", n.Add(1)), 1)
			})(h)
		},
	},
	{
		Name:    "mlsd-no-perm",
		About:   "There is no perm fact.",
		Catches: []string{"MLS-013"},
		apply: together(
			entries(func(entry string) string { return permitted.ReplaceAllString(entry, "") }),
			edit("FEAT", 211, func(_ *session, r *reply) {
				for i, line := range r.lines {
					if strings.HasPrefix(line, " MLST ") {
						r.lines[i] = strings.NewReplacer("perm*;", "", "perm;", "").Replace(line)
					}
				}
			}),
		),
	},
	{
		Name:    "mlst-unknown-fact",
		About:   "FEAT offers a fact with a name of its own, sizd.",
		Catches: []string{"MLS-014"},
		apply:   feature("MLST", " MLST$sizd;"),
	},
	{
		Name:    "mlsd-paths",
		About:   "MLSD of another directory sends names with the path to it.",
		Catches: []string{"MLS-015"},
		apply: lists("MLSD", func(_ *session, arg string, lines []string) []string {
			if arg == "" {
				return lines
			}
			return each(func(line string) string { return strings.Replace(line, "; ", "; "+strings.TrimSuffix(arg, "/")+"/", 1) })(nil, arg, lines)
		}),
	},
	{
		Name:    "mlst-feature-form",
		About:   "The MLST line of FEAT has no semicolon at its end.",
		Catches: []string{"MLS-016"},
		apply: edit("FEAT", 211, func(_ *session, r *reply) {
			for i, line := range r.lines {
				if strings.HasPrefix(line, " MLST ") {
					r.lines[i] = strings.TrimSuffix(line, ";")
				}
			}
		}),
	},
	{
		Name:    "mlst-options-stars",
		About:   "FEAT goes on to star all facts after OPTS MLST.",
		Catches: []string{"MLS-017"},
		apply:   feature("MLST", " MLST "+allFacts.starred()),
	},
	{
		Name:    "mlst-options-ignored",
		About:   "OPTS MLST is answered 200, and all facts are sent as before.",
		Catches: []string{"MLS-017", "MLS-018"},
		apply: instead("OPTS", func(_ *session, arg string) bool { return arg == "MLST" || strings.HasPrefix(arg, "MLST ") },
			answers(200, "MLST OPTS type;size;modify;perm;unique;")),
	},
	{
		Name:    "mlst-options-malformed",
		About:   "OPTS MLST accepts a list with spaces for semicolons.",
		Catches: []string{"MLS-018"},
		apply: instead("OPTS", func(_ *session, arg string) bool {
			return strings.Count(arg, " ") > 1 && strings.HasPrefix(arg, "MLST ")
		},
			answers(200, "MLST OPTS type;size;")),
	},
	{
		Name:    "mlsd-start-directory",
		About:   "MLSD without an argument lists the directory that the session began in.",
		Catches: []string{"MLS-021"},
		apply: wrap("MLSD", func(s *session, arg string, run func(string)) {
			if arg == "" && s.dir != "/" {
				arg = "/"
			}
			run(arg)
		}),
	},
	{
		Name:    "mlsd-broken-names",
		About:   "File names may have CR and LF, and MLSD and NLST send them as they are.",
		Catches: []string{"MLS-020"},
		apply:   func(h *hooks) { h.brokenNames = true },
	},
}

var (
	modified  = regexp.MustCompile(`modify=[0-9]+`)
	permitted = regexp.MustCompile(`perm=[^;]*;`)
)

// lists changes the lines that verb sends.
func lists(verb string, f func(s *session, arg string, lines []string) []string) func(*hooks) {
	return func(h *hooks) {
		h.onListing(func(s *session, v, arg string, lines []string) []string {
			if v == verb {
				return f(s, arg, lines)
			}
			return lines
		})
	}
}

// each changes lines one by one.
func each(f func(line string) string) func(*session, string, []string) []string {
	return func(_ *session, _ string, lines []string) []string {
		for i, line := range lines {
			lines[i] = f(line)
		}
		return lines
	}
}

// mlst changes the entry of MLST.
func mlst(f func(s *session, entry string) string) func(*hooks) {
	return edit("MLST", 250, func(s *session, r *reply) { r.lines[1] = f(s, r.lines[1]) })
}

// entries changes the entries of MLSD and MLST.
func entries(f func(entry string) string) func(*hooks) {
	return together(lists("MLSD", each(f)), mlst(func(_ *session, entry string) string { return f(entry) }))
}

// bareLines makes line ends LF.
func bareLines(verb string, kind kind) func(*hooks) {
	return func(h *hooks) {
		before := h.download
		h.download = func(t *transfer, w io.Writer) io.Writer {
			if before != nil {
				w = before(t, w)
			}
			if t.s.verb != verb || t.s.kind != kind {
				return w
			}
			return writerFunc(func(p []byte) (int, error) {
				_, err := w.Write(bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n")))
				return len(p), err
			})
		}
	}
}
