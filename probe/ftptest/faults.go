package ftptest

import (
	"strings"
	"sync"
)

// This file has what faults are made of.

// together is several changes as one.
func together(changes ...func(*hooks)) func(*hooks) {
	return func(h *hooks) {
		for _, c := range changes {
			c(h)
		}
	}
}

// wrap is one wrapper.
func wrap(verb string, w wrapper) func(*hooks) {
	return func(h *hooks) { h.around(verb, w) }
}

// instead has then answer verb where when holds.
func instead(verb string, when func(s *session, arg string) bool, then func(s *session, arg string)) func(*hooks) {
	return wrap(verb, func(s *session, arg string, run func(string)) {
		if when(s, arg) {
			then(s, arg)
		} else {
			run(arg)
		}
	})
}

// answers is a command that does nothing but answer.
func answers(code int, text string) func(*session, string) {
	return func(s *session, _ string) { s.reply(code, "%s", text) }
}

// hangUp is a command that closes the control connection without an answer.
func hangUp(s *session, _ string) { s.closing = true }

// Conditions for instead.
func afterLogin(s *session, _ string) bool  { return s.loggedIn() }
func beforeLogin(s *session, _ string) bool { return !s.loggedIn() }
func bare(s *session, arg string) bool      { return s.loggedIn() && arg == "" }

func exactly(want string) func(*session, string) bool {
	return func(_ *session, arg string) bool { return strings.EqualFold(arg, want) }
}

// edit changes the replies of one code to verb.
func edit(verb string, code int, f func(s *session, r *reply)) func(*hooks) {
	return func(h *hooks) {
		h.onReply(func(s *session, v string, r *reply) bool {
			if v == verb && r.code == code {
				f(s, r)
			}
			return true
		})
	}
}

// recode sends another code to verb, where the text has a certain part.
func recode(verb string, from int, part string, to int) func(*hooks) {
	return edit(verb, from, func(_ *session, r *reply) {
		if strings.Contains(r.lines[0], part) {
			*r = answer(to, "All is well.")
		}
	})
}

// exists looks a pathname up.
func (s *session) exists(name string) (Info, bool) {
	full, ok := s.resolve(name)
	if !ok {
		return Info{}, false
	}
	info, err := s.srv.cfg.FS.Stat(full)
	return info, err == nil
}

func missing(s *session, name string) bool {
	_, ok := s.exists(name)
	return !ok && s.loggedIn()
}

func isDir(s *session, name string) bool {
	info, ok := s.exists(name)
	return ok && info.Dir && s.loggedIn()
}

func isFile(s *session, name string) bool {
	info, ok := s.exists(name)
	return ok && !info.Dir && s.loggedIn()
}

// perSession is what a fault remembers of each session.
type perSession[T any] struct {
	mu sync.Mutex
	of map[*session]T
}

func remember[T any](h *hooks) *perSession[T] {
	p := &perSession[T]{of: make(map[*session]T)}
	h.ended = append(h.ended, func(s *session) {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.of, s)
	})
	return p
}

func (p *perSession[T]) get(s *session) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[s]
}

func (p *perSession[T]) set(s *session, v T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[s] = v
}

// any reports whether a session has what f accepts.
func (p *perSession[T]) any(f func(s *session, v T) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, v := range p.of {
		if f(s, v) {
			return true
		}
	}
	return false
}

// count is the number of sessions that something is remembered of.
func (p *perSession[T]) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.of)
}

func (p *perSession[T]) forget(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, s)
}

// answered is the last reply of a session.
type answered struct {
	verb string
	code int
}

func rememberReplies(h *hooks) *perSession[answered] {
	last := remember[answered](h)
	h.onReply(func(s *session, verb string, r *reply) bool {
		last.set(s, answered{verb, r.code})
		return true
	})
	return last
}

// transferVerbs are the commands with a data connection.
var transferVerbs = []string{"RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD"}
