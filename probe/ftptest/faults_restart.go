package ftptest

import (
	"bytes"
	"io"
	"strings"
)

// restartFaults concern REST.
var restartFaults = []Fault{
	{
		Name:    "rest-refused",
		About:   "REST is answered 503 while no PASV or EPSV is in effect.",
		Catches: []string{"REST-001"},
		apply: instead("REST", func(s *session, arg string) bool { return s.loggedIn() && s.passive == nil && number(arg) },
			answers(503, "Please send PASV first.")),
	},
	{
		Name:    "rest-ignored",
		About:   "RETR in TYPE I sends the whole file, whatever REST has said.",
		Catches: []string{"REST-002", "REST-007"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			if info, ok := s.exists(arg); ok && s.kind == image && s.restart <= info.Size && info.Size < 1<<32 {
				s.restart = 0
			}
			run(arg)
		}),
	},
	{
		Name:    "rest-sticks",
		About:   "The offset of REST is good for all downloads that follow.",
		Catches: []string{"REST-003"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			offset := s.restart
			run(arg)
			s.restart = offset
		}),
	},
	{
		Name:    "rest-ignored-by-stor",
		About:   "STOR after REST replaces the whole file.",
		Catches: []string{"REST-004"},
		apply: wrap("STOR", func(s *session, arg string, run func(string)) {
			s.restart = 0
			run(arg)
		}),
	},
	{
		Name:    "rest-beyond-end",
		About:   "RETR after REST beyond the end sends nothing, and is answered 226.",
		Catches: []string{"REST-005"},
		apply: instead("RETR", func(s *session, arg string) bool {
			info, ok := s.exists(arg)
			return ok && s.loggedIn() && s.passive != nil && !info.Dir && s.restart > 2*info.Size
		}, func(s *session, _ string) {
			s.offset()
			s.transfer("Sending the rest.", func(t *transfer) error { return t.send(strings.NewReader("")) })
		}),
	},
	{
		Name:    "rest-any-argument",
		About:   "REST with letters is answered 350.",
		Catches: []string{"REST-006"},
		apply: instead("REST", func(s *session, arg string) bool { return s.loggedIn() && arg != "" && !number(arg) },
			answers(350, "Restarting at 0.")),
	},
	{
		Name:    "rest-not-listed",
		About:   "FEAT does not list REST STREAM, although it works.",
		Catches: []string{"REST-007", "FEAT-004"},
		apply:   without("REST STREAM"),
	},
	{
		Name:    "rest-ascii",
		About:   "In TYPE A the offset of REST counts the octets that are stored.",
		Catches: []string{"REST-008"},
		apply: wrap("RETR", func(s *session, arg string, run func(string)) {
			full, ok := s.resolve(arg)
			if ok && s.loggedIn() && s.kind == ascii && s.restart > 0 {
				if file, err := s.srv.cfg.FS.Open(full); err == nil {
					defer file.Close()
					skipped, _ := io.ReadAll(io.LimitReader(file, s.restart))
					s.restart += int64(bytes.Count(skipped, []byte{'\n'}))
				}
			}
			run(arg)
		}),
	},
	{
		Name:    "rest-sticks-to-stor",
		About:   "The offset of REST is good for all uploads that follow.",
		Catches: []string{"REST-009"},
		apply: func(h *hooks) {
			stuck := remember[int64](h)
			wrap("STOR", func(s *session, arg string, run func(string)) {
				if s.restart == 0 {
					s.restart = stuck.get(s)
				}
				stuck.set(s, s.restart)
				run(arg)
			})(h)
		},
	},
	{
		Name:    "rest-at-end",
		About:   "RETR in TYPE I after REST with the size of the file is answered 554.",
		Catches: []string{"REST-010"},
		apply: instead("RETR", func(s *session, arg string) bool {
			info, ok := s.exists(arg)
			return ok && s.loggedIn() && s.passive != nil && s.kind == image && s.restart > 0 && s.restart == info.Size
		}, func(s *session, _ string) {
			s.offset()
			s.reply(554, "There is nothing left to send.")
		}),
	},
}
