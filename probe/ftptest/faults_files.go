package ftptest

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync"
)

// fileFaults concern files, directories and listings: they show only in another
// directory than the first, with a second file, or later than at once.
var fileFaults = []Fault{
	{
		Name:    "retr-complete-first",
		About:   "The 226 for a download comes with its mark, before the data.",
		Catches: []string{"XFER-049"},
		apply: func(h *hooks) {
			const sent, kept = 1, 2
			told := remember[int](h)
			h.started = append(h.started, func(t *transfer) {
				if t.s.verb == "RETR" {
					told.set(t.s, sent)
					t.s.sendFor("RETR", answer(226, "Transfer complete."))
				}
			})
			h.onReply(func(s *session, verb string, r *reply) bool {
				switch state := told.get(s); {
				case verb != "RETR" || r.code < 200 || state == 0:
					return true
				case state == sent:
					told.set(s, kept)
					return true
				}
				told.forget(s)
				return false
			})
		},
	},
	{
		Name:    "stor-corrupt-far",
		About:   "Of an upload the octet at 10 MiB is stored wrong.",
		Catches: []string{"XFER-042"},
		apply: upload(func(_ *transfer, r io.Reader) io.Reader {
			at := 0
			return readerFunc(func(p []byte) (int, error) {
				n, err := r.Read(p)
				if i := 10<<20 - at; i >= 0 && i < n {
					p[i] = ^p[i]
				}
				at += n
				return n, err
			})
		}),
	},
	{
		Name:    "list-ignores-argument",
		About:   "LIST of a path that exists lists the current directory.",
		Catches: []string{"XFER-050"},
		apply: wrap("LIST", func(s *session, arg string, run func(string)) {
			if _, ok := s.exists(s.options(arg)); ok {
				arg = ""
			}
			run(arg)
		}),
	},
	{
		Name:    "list-two-returns",
		About:   "In TYPE A the lines of LIST end in CR CR LF.",
		Catches: []string{"XFER-021"},
		apply: lists("LIST", func(s *session, _ string, lines []string) []string {
			if s.kind == image {
				return lines
			}
			return each(func(line string) string { return line + "\r" })(s, "", lines)
		}),
	},
	{
		Name:    "nlst-ignores-argument",
		About:   "NLST of a path that exists lists the current directory.",
		Catches: []string{"XFER-027"},
		apply: wrap("NLST", func(s *session, arg string, run func(string)) {
			if _, ok := s.exists(s.options(arg)); ok {
				arg = ""
			}
			run(arg)
		}),
	},
	{
		Name:    "mlsd-ignores-argument",
		About:   "MLSD of a directory lists the current one.",
		Catches: []string{"MLS-003"},
		apply: wrap("MLSD", func(s *session, arg string, run func(string)) {
			if isDir(s, arg) {
				arg = ""
			}
			run(arg)
		}),
	},
	{
		Name:    "mlsd-local-time",
		About:   "Times are those of a zone that is two hours ahead of UTC, and MDTM is not known.",
		Catches: []string{"MLS-011"},
		apply:   together(lacking("MDTM"), configured(func(c *Config) { c.FS = zonedFS{c.FS} })),
	},
	{
		Name:    "rest-far-ignored",
		About:   "Offsets beyond 65535 count from there anew.",
		Catches: []string{"REST-002"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			if s.kind == image && s.restart < 1<<24 {
				s.restart &= 1<<16 - 1
			}
			run(arg)
		}),
	},
	{
		Name:    "rest-survives-refusal",
		About:   "The offset of REST is kept when the RETR after it is refused.",
		Catches: []string{"REST-003"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			offset := s.restart
			if run(arg); missing(s, arg) {
				s.restart = offset
			}
		}),
	},
	{
		Name:    "type-image-late",
		About:   "TYPE I after TYPE A is answered 200 and changes nothing.",
		Catches: []string{"REP-008"},
		apply: func(h *hooks) {
			text := remember[bool](h)
			wrap("TYPE", func(s *session, arg string, run func(string)) {
				if arg == "I" && text.get(s) {
					s.reply(200, "TYPE is I.")
					return
				}
				text.set(s, arg == "A")
				run(arg)
			})(h)
		},
	},
	{
		Name:    "list-sets-image",
		About:   "LIST sets TYPE I.",
		Catches: []string{"REP-008"},
		apply: wrap("LIST", func(s *session, arg string, run func(string)) {
			run(arg)
			s.kind = image
		}),
	},
	{
		Name:    "type-ascii-no-end",
		About:   "A download in TYPE A lacks what stands behind the last line end.",
		Catches: []string{"REP-005"},
		apply: func(h *hooks) {
			h.download = func(t *transfer, w io.Writer) io.Writer {
				if t.s.kind != ascii || t.s.verb != "RETR" {
					return w
				}
				var rest []byte // behind the last line end so far
				return writerFunc(func(p []byte) (int, error) {
					all := append(rest, p...)
					end := bytes.LastIndexByte(all, '\n') + 1
					rest = bytes.Clone(all[end:])
					if _, err := w.Write(all[:end]); err != nil {
						return 0, err
					}
					return len(p), nil
				})
			}
		},
	},
	{
		Name:    "cwd-from-root",
		About:   "CWD takes every path for one from the root.",
		Catches: []string{"DIR-004"},
		apply:   fromRoot("CWD"),
	},
	{
		Name:    "dele-from-root",
		About:   "DELE takes every path for one from the root.",
		Catches: []string{"DIR-013"},
		apply:   fromRoot("DELE"),
	},
	{
		Name:    "rnto-from-root",
		About:   "RNTO takes every path for one from the root.",
		Catches: []string{"DIR-015"},
		apply:   fromRoot("RNTO"),
	},
	{
		Name:    "size-from-root",
		About:   "SIZE takes every path for one from the root.",
		Catches: []string{"META-005"},
		apply:   fromRoot("SIZE"),
	},
	{
		Name:    "mdtm-from-root",
		About:   "MDTM takes every path for one from the root.",
		Catches: []string{"META-001"},
		apply:   fromRoot("MDTM"),
	},
	{
		Name:    "mkd-names-parent",
		About:   "The 257 reply to MKD names the directory that the new one is in.",
		Catches: []string{"DIR-009"},
		apply: func(h *hooks) {
			made := remember[string](h)
			wrap("MKD", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				made.set(s, full)
				run(arg)
			})(h)
			edit("MKD", 257, func(s *session, r *reply) { *r = answer(257, "%s has it.", quoted(path.Dir(made.get(s)))) })(h)
		},
	},
	{
		Name:    "rmd-files",
		About:   "RMD removes a directory with the files in it, unless there are directories, too.",
		Catches: []string{"DIR-012"},
		apply: wrap("RMD", func(s *session, arg string, run func(string)) {
			if full, ok := s.resolve(arg); ok && isDir(s, arg) {
				list, _ := s.srv.cfg.FS.ReadDir(full)
				dirs := 0
				for _, info := range list {
					if info.Dir {
						dirs++
					}
				}
				if dirs == 0 {
					s.empty(full)
				}
			}
			run(arg)
		}),
	},
	{
		Name:    "rmd-refuses-late",
		About:   "RMD of a directory that is not empty is refused, and what is in it removed.",
		Catches: []string{"DIR-012"},
		apply: wrap("RMD", func(s *session, arg string, run func(string)) {
			full, ok := s.resolve(arg)
			run(arg)
			if ok && isDir(s, arg) {
				s.empty(full)
			}
		}),
	},
	{
		Name:    "size-stale",
		About:   "SIZE goes on to tell the first size that it has told of a file.",
		Catches: []string{"META-005"},
		apply: func(h *hooks) {
			type asked struct {
				path string
				kind kind
			}
			var mu sync.Mutex
			told := map[asked]string{}
			about := remember[asked](h)
			wrap("SIZE", func(s *session, arg string, run func(string)) {
				full, _ := s.resolve(arg)
				about.set(s, asked{full, s.kind})
				run(arg)
			})(h)
			edit("SIZE", 213, func(s *session, r *reply) {
				mu.Lock()
				defer mu.Unlock()
				question := about.get(s)
				if first, ok := told[question]; ok {
					r.lines[0] = first
				} else {
					told[question] = r.lines[0]
				}
			})(h)
		},
	},
	{
		Name:    "mdtm-month",
		About:   "The month in the time of MDTM is the one before.",
		Catches: []string{"META-002"},
		apply: edit("MDTM", 213, func(_ *session, r *reply) {
			stamp := r.lines[0]
			if month, err := strconv.Atoi(stamp[4:6]); err == nil {
				r.lines[0] = fmt.Sprintf("%s%02d%s", stamp[:4], (month+10)%12+1, stamp[6:])
			}
		}),
	},
}

// fromRoot has verb take every path for one from the root.
func fromRoot(verb string) func(*hooks) {
	return wrap(verb, func(_ *session, arg string, run func(string)) {
		if arg != "" && !strings.HasPrefix(arg, "/") {
			arg = "/" + arg
		}
		run(arg)
	})
}
