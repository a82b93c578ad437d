package ftptest

import (
	"path"
	"strings"
)

// resolve makes an absolute path of a client's pathname. Names with CR, LF or NUL are refused:
// in a reply or a listing they would look like the end of a line.
func (s *session) resolve(name string) (string, bool) {
	if strings.ContainsAny(name, "\r\n\x00") && !s.hooks.brokenNames {
		return "", false
	}
	if !strings.HasPrefix(name, "/") {
		name = s.dir + "/" + name
	}
	return path.Clean(name), true
}

// look is resolve and Stat for commands that need an existing path; it has answered 550, or
// refusal, when it reports false.
func (s *session) look(name string, refusal int) (string, Info, bool) {
	full, ok := s.resolve(name)
	if ok {
		if info, err := s.srv.cfg.FS.Stat(full); err == nil {
			return full, info, true
		}
	}
	s.reply(refusal, "%s: no such file or directory.", printable(name))
	return "", Info{}, false
}

// change is resolve for commands that change the file system.
func (s *session) change(name string, refusal int) (string, bool) {
	full, ok := s.resolve(name)
	switch {
	case !ok:
		s.reply(refusal, "%s: names with CR, LF or NUL are not allowed.", printable(name))
	case s.srv.cfg.ReadOnly:
		s.reply(refusal, "%s: the server is read-only.", printable(name))
	default:
		return full, true
	}
	return "", false
}

func (s *session) pwd(string) { s.reply(257, "%s is the current directory.", quoted(s.dir)) }

func (s *session) cwd(name string) {
	full, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	if !info.Dir {
		s.reply(550, "%s: not a directory.", printable(name))
		return
	}
	s.dir = full
	s.reply(250, "Directory changed.")
}

func (s *session) cdup(string) { s.cwd("..") }

func (s *session) mkd(name string) {
	full, ok := s.change(name, 550)
	if !ok {
		return
	}
	if err := s.srv.cfg.FS.Mkdir(full); err != nil {
		s.reply(550, "%s: %s.", printable(name), reason(err))
		return
	}
	s.reply(257, "%s created.", quoted(full))
}

func (s *session) rmd(name string) { s.remove(name, true) }

func (s *session) dele(name string) { s.remove(name, false) }

func (s *session) remove(name string, dir bool) {
	full, ok := s.change(name, 550)
	if !ok {
		return
	}
	_, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	switch {
	case info.Dir && !dir:
		s.reply(550, "%s: is a directory.", printable(name))
		return
	case !info.Dir && dir:
		s.reply(550, "%s: not a directory.", printable(name))
		return
	}
	if err := s.srv.cfg.FS.Remove(full); err != nil {
		s.reply(550, "%s: %s.", printable(name), reason(err))
		return
	}
	s.reply(250, "Removed.")
}

func (s *session) rnfr(name string) {
	if _, ok := s.change(name, 550); !ok {
		return
	}
	full, _, ok := s.look(name, 550)
	if !ok {
		return
	}
	s.renaming = full
	s.reply(350, "Please send RNTO.")
}

func (s *session) rnto(name string) {
	from := s.renaming
	s.renaming = ""
	if from == "" {
		s.reply(503, "Please send RNFR first.")
		return
	}
	to, ok := s.change(name, 553)
	if !ok {
		return
	}
	if err := s.srv.cfg.FS.Rename(from, to); err != nil {
		s.reply(553, "%s: %s.", printable(name), reason(err))
		return
	}
	s.reply(250, "Renamed.")
}

func (s *session) mdtm(name string) {
	_, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	if info.Dir {
		s.reply(550, "%s: not a file.", printable(name))
		return
	}
	s.reply(213, "%s", timeVal(info.ModTime))
}

// sizeLimit is the longest file that SIZE reads to count the octets of an ASCII transfer.
const sizeLimit = 64 << 20

// size is exact or refused (RFC 3659 §4), so in TYPE A the file has to be read.
func (s *session) size(name string) {
	full, info, ok := s.look(name, 550)
	if !ok {
		return
	}
	switch {
	case info.Dir:
		s.reply(550, "%s: not a file.", printable(name))
	case s.kind == image:
		s.reply(213, "%d", info.Size)
	case info.Size > sizeLimit:
		s.reply(550, "%s: too long to count in TYPE A.", printable(name))
	default:
		n, err := asciiSize(s.srv.cfg.FS, full)
		if err != nil {
			s.reply(550, "%s: %s.", printable(name), reason(err))
			return
		}
		s.reply(213, "%d", n)
	}
}
