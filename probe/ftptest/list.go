package ftptest

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"
)

// listing finds what LIST, NLST and STAT are to list: the entries of a directory, a file, or the
// files that a pattern matches in the last element of its path. prefix comes before each name to
// make it a path that is good in the current directory. Names that would break a line are
// left out.
func (s *session) listing(arg string) (prefix string, list []Info, isDir, ok bool) {
	full, ok := s.resolve(arg)
	if !ok {
		return "", nil, false, false
	}
	info, err := s.srv.cfg.FS.Stat(full)
	switch {
	case err == nil && info.Dir:
		if list, err = s.srv.cfg.FS.ReadDir(full); err != nil {
			return "", nil, false, false
		}
		if prefix = arg; prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/"
		}
		return prefix, s.unbroken(list), true, true
	case err == nil:
		prefix, info.Name = path.Split(arg)
		return prefix, []Info{info}, false, true
	}
	prefix, pattern := path.Split(arg)
	if !strings.ContainsAny(pattern, "*?[") {
		return "", nil, false, false
	}
	if list, err = s.srv.cfg.FS.ReadDir(path.Dir(full)); err != nil {
		return "", nil, false, false
	}
	var some []Info
	for _, info := range s.unbroken(list) {
		if match, _ := path.Match(pattern, info.Name); match {
			some = append(some, info)
		}
	}
	return prefix, some, false, len(some) > 0
}

// unbroken leaves out names with octets that end lines.
func (s *session) unbroken(list []Info) []Info {
	if s.hooks.brokenNames {
		return list
	}
	kept := list[:0:0]
	for _, info := range list {
		if !strings.ContainsAny(info.Name, "\r\n\x00") {
			kept = append(kept, info)
		}
	}
	return kept
}

// options takes options of ls away, which many clients send although they are no pathname. A path
// that really begins with "-" goes first.
func (s *session) options(arg string) string {
	for strings.HasPrefix(arg, "-") {
		if full, ok := s.resolve(arg); ok {
			if _, err := s.srv.cfg.FS.Stat(full); err == nil {
				return arg
			}
		}
		_, arg, _ = strings.Cut(arg, " ")
	}
	return arg
}

func (s *session) list(arg string) {
	s.sendList(arg, func(_ string, info Info) string { return longLine(info) })
}

func (s *session) nlst(arg string) {
	s.sendList(arg, func(prefix string, info Info) string { return prefix + info.Name })
}

// sendList sends a listing, in TYPE A N whatever TYPE says (RFC 1123 §4.1.2.7).
func (s *session) sendList(arg string, line func(prefix string, info Info) string) {
	s.offset()
	if !s.ready() {
		return
	}
	prefix, list, _, ok := s.listing(s.options(arg))
	if !ok {
		s.reply(450, "%s: no such file or directory.", printable(arg))
		return
	}
	lines := make([]string, len(list))
	for i, info := range list {
		lines[i] = line(prefix, info)
	}
	s.sendLines(arg, lines, "Here comes the listing.")
}

// sendLines sends the lines that the running command has for arg.
func (s *session) sendLines(arg string, lines []string, mark string) {
	var b bytes.Buffer
	for _, line := range s.listed(s.verb, arg, lines) {
		b.WriteString(line + "\r\n")
	}
	s.transfer(mark, func(t *transfer) error { return t.send(&b) })
}

// longLine is a line of ls -l. Times of the last half year have an hour, others a year.
func longLine(info Info) string {
	mode, links := "-rw-r--r--", 1
	if info.Dir {
		mode, links = "drwxr-xr-x", 2
	}
	when := info.ModTime.UTC().Format("Jan _2 15:04")
	if age := time.Since(info.ModTime); age < -time.Hour || age > 182*24*time.Hour {
		when = info.ModTime.UTC().Format("Jan _2  2006")
	}
	return fmt.Sprintf("%s %d ftp ftp %12d %s %s", mode, links, info.Size, when, info.Name)
}
