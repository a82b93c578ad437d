package ftptest

import (
	"io"
	"path"
	"strings"
)

// directoryFaults concern directories, and the names of files.
var directoryFaults = []Fault{
	{
		Name:    "pwd-text-first",
		About:   "The 257 reply to PWD has words before the path.",
		Catches: []string{"DIR-001"},
		apply:   edit("PWD", 257, func(_ *session, r *reply) { r.lines[0] = "You are in " + r.lines[0] }),
	},
	{
		Name:    "pwd-single-quotes",
		About:   "Quotes within the path of a 257 reply to PWD are not doubled.",
		Catches: []string{"DIR-002"},
		apply: edit("PWD", 257, func(_ *session, r *reply) {
			r.lines[0] = strings.ReplaceAll(r.lines[0], `""`, `"`)
		}),
	},
	{
		Name:    "pwd-relative",
		About:   "The path of PWD has no slash at its beginning.",
		Catches: []string{"DIR-003"},
		apply: edit("PWD", 257, func(s *session, r *reply) {
			if s.dir != "/" {
				r.lines[0] = strings.Replace(r.lines[0], `"/`, `"`, 1)
			}
		}),
	},
	{
		Name:    "cwd-stays",
		About:   "CWD with a relative name of a directory that is not empty is answered 250 and does nothing.",
		Catches: []string{"DIR-004", "XFER-020"},
		apply: instead("CWD", func(s *session, arg string) bool {
			full, ok := s.resolve(arg)
			list, err := s.srv.cfg.FS.ReadDir(full)
			return ok && err == nil && s.loggedIn() && len(list) > 0 && !strings.HasPrefix(arg, "/") && !strings.HasPrefix(arg, ".")
		}, answers(250, "Directory changed.")),
	},
	{
		Name:    "cwd-file",
		About:   "CWD with the name of a file is answered 250.",
		Catches: []string{"DIR-005"},
		apply:   instead("CWD", isFile, answers(250, "Directory changed.")),
	},
	{
		Name:    "cwd-missing",
		About:   "CWD to a missing directory is answered 250 and does nothing.",
		Catches: []string{"DIR-005"},
		apply:   instead("CWD", missing, answers(250, "Directory changed.")),
	},
	{
		Name:    "cdup-stays",
		About:   "CDUP is answered 250 and does nothing.",
		Catches: []string{"DIR-006"},
		apply:   instead("CDUP", afterLogin, answers(250, "Directory changed.")),
	},
	{
		Name:    "cdup-leaves-root",
		About:   "CDUP at the root leads out of it, to a directory above.",
		Catches: []string{"DIR-007"},
		apply: instead("CDUP", func(s *session, _ string) bool { return s.loggedIn() && s.dir == "/" }, func(s *session, _ string) {
			s.dir = "/.."
			s.reply(250, "Directory changed.")
		}),
	},
	{
		Name:    "mkd-no-name",
		About:   "The 257 reply to MKD has no path.",
		Catches: []string{"DIR-008"},
		apply:   edit("MKD", 257, func(_ *session, r *reply) { *r = answer(257, "Directory created.") }),
	},
	{
		Name:    "mkd-start-directory",
		About:   "MKD with a bare name makes the directory where the session began.",
		Catches: []string{"DIR-008"},
		apply: wrap("MKD", func(_ *session, arg string, run func(string)) {
			if !strings.Contains(arg, "/") {
				arg = "/" + arg
			}
			run(arg)
		}),
	},
	{
		Name:    "mkd-relative",
		About:   "The 257 reply to MKD has the path as it was sent.",
		Catches: []string{"DIR-009"},
		apply: func(h *hooks) {
			sent := remember[string](h)
			h.around("MKD", func(s *session, arg string, run func(string)) {
				sent.set(s, arg)
				run(arg)
			})
			edit("MKD", 257, func(s *session, r *reply) { *r = answer(257, "%s created.", quoted(sent.get(s))) })(h)
		},
	},
	{
		Name:    "mkd-existing",
		About:   "MKD of a directory that exists is answered 257.",
		Catches: []string{"DIR-010"},
		apply:   instead("MKD", isDir, func(s *session, arg string) { full, _ := s.resolve(arg); s.reply(257, "%s created.", quoted(full)) }),
	},
	{
		Name:    "rmd-nothing",
		About:   "RMD of an empty directory is answered 250 and does nothing.",
		Catches: []string{"DIR-011"},
		apply: instead("RMD", func(s *session, arg string) bool {
			full, _ := s.resolve(arg)
			list, err := s.srv.cfg.FS.ReadDir(full)
			return s.loggedIn() && err == nil && len(list) == 0
		}, answers(250, "Removed.")),
	},
	{
		Name:    "rmd-file",
		About:   "RMD of a file is answered 250.",
		Catches: []string{"DIR-012"},
		apply:   instead("RMD", isFile, answers(250, "Removed.")),
	},
	{
		Name:    "rmd-tree",
		About:   "RMD removes a directory with everything in it.",
		Catches: []string{"DIR-012"},
		apply: wrap("RMD", func(s *session, arg string, run func(string)) {
			if full, ok := s.resolve(arg); ok && isDir(s, arg) {
				s.empty(full)
			}
			run(arg)
		}),
	},
	{
		Name:    "dele-nothing",
		About:   "DELE of a file is answered 250 and does nothing.",
		Catches: []string{"DIR-013"},
		apply:   instead("DELE", isFile, answers(250, "Removed.")),
	},
	{
		Name:    "dele-missing",
		About:   "DELE of a missing file is answered 250.",
		Catches: []string{"DIR-014"},
		apply: instead("DELE", func(s *session, arg string) bool { return arg != "" && missing(s, arg) },
			answers(250, "Removed.")),
	},
	{
		Name:    "dele-directory",
		About:   "DELE removes empty directories, too.",
		Catches: []string{"DIR-014"},
		apply:   instead("DELE", isDir, (*session).rmd),
	},
	{
		Name:    "rnto-copies",
		About:   "RNTO leaves the file under its old name, too.",
		Catches: []string{"DIR-015"},
		apply: wrap("RNTO", func(s *session, arg string, run func(string)) {
			from := s.renaming
			run(arg)
			to, _ := s.resolve(arg)
			file, err := s.srv.cfg.FS.Open(to)
			if from == "" || err != nil || !missing(s, from) {
				return
			}
			defer file.Close()
			if u, err := s.srv.cfg.FS.Create(from, 0); err == nil {
				_, _ = io.Copy(struct{ io.Writer }{u}, file)
				_ = u.Commit()
			}
		}),
	},
	{
		Name:    "rnfr-missing",
		About:   "RNFR of a missing file is answered 350.",
		Catches: []string{"DIR-016"},
		apply: instead("RNFR", func(s *session, arg string) bool { return arg != "" && missing(s, arg) },
			answers(350, "Please send RNTO.")),
	},
	{
		Name:    "rnto-alone",
		About:   "RNTO without RNFR is answered 250.",
		Catches: []string{"DIR-017", "SEC-013"},
		apply: func(h *hooks) {
			last := rememberReplies(h)
			instead("RNTO", func(s *session, _ string) bool {
				return s.loggedIn() && s.renaming == "" && last.get(s).verb != "RNTO"
			}, answers(250, "Renamed."))(h)
		},
	},
	{
		Name:    "rnto-again",
		About:   "After a failed RNTO another RNTO works without RNFR.",
		Catches: []string{"DIR-018"},
		apply: wrap("RNTO", func(s *session, arg string, run func(string)) {
			from := s.renaming
			run(arg)
			if to, ok := s.resolve(arg); from != "" && (!ok || missing(s, path.Dir(to))) {
				s.renaming = from
			}
		}),
	},
	{
		Name:    "dele-pattern",
		About:   "DELE takes * and ? for patterns and deletes every file that they match.",
		Catches: []string{"DIR-019"},
		apply: instead("DELE", func(s *session, arg string) bool { return s.loggedIn() && strings.ContainsAny(arg, "*?") }, func(s *session, arg string) {
			full, _ := s.resolve(arg)
			list, _ := s.srv.cfg.FS.ReadDir(path.Dir(full))
			for _, info := range list {
				if match, _ := path.Match(path.Base(full), info.Name); match && !info.Dir {
					_ = s.srv.cfg.FS.Remove(path.Join(path.Dir(full), info.Name))
				}
			}
			s.reply(250, "Removed.")
		}),
	},
	{
		Name:    "cwd-sets-type",
		About:   "CWD sets TYPE A.",
		Catches: []string{"DIR-020", "REP-008"},
		apply: wrap("CWD", func(s *session, arg string, run func(string)) {
			run(arg)
			s.kind = ascii
		}),
	},
}

// empty removes what is in a directory.
func (s *session) empty(dir string) {
	list, _ := s.srv.cfg.FS.ReadDir(dir)
	for _, info := range list {
		full := path.Join(dir, info.Name)
		if info.Dir {
			s.empty(full)
		}
		_ = s.srv.cfg.FS.Remove(full)
	}
}
