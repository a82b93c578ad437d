package ftptest

import (
	"path"
	"regexp"
	"strings"
	"time"
)

// metadataFaults concern MDTM and SIZE.
var metadataFaults = []Fault{
	{
		Name:    "mdtm-zone",
		About:   "The time of MDTM is followed by UTC.",
		Catches: []string{"META-001"},
		apply:   edit("MDTM", 213, func(_ *session, r *reply) { r.lines[0] += " UTC" }),
	},
	{
		Name:    "mdtm-local-time",
		About:   "Times are those of a zone that is two hours ahead of UTC.",
		Catches: []string{"META-002"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.FS = zonedFS{c.FS} })
		},
	},
	{
		Name:    "size-directory",
		About:   "SIZE of a directory is answered 213.",
		Catches: []string{"META-003"},
		apply:   instead("SIZE", isDir, answers(213, "4096")),
	},
	{
		Name:    "mdtm-sets-time",
		About:   "MDTM takes 14 digits before a name for a time to set, and refuses that.",
		Catches: []string{"META-004"},
		apply: instead("MDTM", func(s *session, arg string) bool { return s.loggedIn() && fourteenDigits.MatchString(arg) },
			answers(550, "Times cannot be set.")),
	},
	{
		Name:    "size-unit",
		About:   "The 213 reply to SIZE in TYPE I says octets after the number.",
		Catches: []string{"META-005"},
		apply: edit("SIZE", 213, func(s *session, r *reply) {
			if s.kind == image {
				r.lines[0] += " octets"
			}
		}),
	},
	{
		Name:    "size-ascii",
		About:   "SIZE in TYPE A counts the octets that are stored.",
		Catches: []string{"META-006"},
		apply: instead("SIZE", func(s *session, arg string) bool { return s.kind == ascii && isFile(s, arg) }, func(s *session, arg string) {
			info, _ := s.exists(arg)
			s.reply(213, "%d", info.Size)
		}),
	},
	{
		Name:    "size-wildcard",
		About:   "SIZE expands wildcards.",
		Catches: []string{"META-007"},
		apply: wrap("SIZE", func(s *session, arg string, run func(string)) {
			if strings.Contains(arg, "*") && missing(s, arg) {
				if prefix, list, _, ok := s.listing(arg); ok {
					for _, info := range list {
						if !info.Dir {
							arg = path.Join(prefix, info.Name)
						}
					}
				}
			}
			run(arg)
		}),
	},
	{
		Name:    "mdtm-now",
		About:   "The time of a file in MDTM is that of the question.",
		Catches: []string{"META-008"},
		apply: edit("MDTM", 213, func(_ *session, r *reply) {
			r.lines[0] = time.Now().UTC().Format("20060102150405.000")
		}),
	},
}

var fourteenDigits = regexp.MustCompile(`^[0-9]{14} `)

// zonedFS has times that are two hours late.
type zonedFS struct{ FS }

func (f zonedFS) Stat(path string) (Info, error) {
	info, err := f.FS.Stat(path)
	return zoned(info), err
}

func (f zonedFS) ReadDir(path string) ([]Info, error) {
	list, err := f.FS.ReadDir(path)
	for i := range list {
		list[i] = zoned(list[i])
	}
	return list, err
}

func zoned(info Info) Info {
	info.ModTime = info.ModTime.Add(2 * time.Hour)
	return info
}
