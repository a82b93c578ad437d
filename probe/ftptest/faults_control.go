package ftptest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// controlFaults concern the control connection: lines, replies and time limits. Those that would
// make any dialogue impossible show in the reply to HELP with an argument only.
var controlFaults = []Fault{
	{
		Name:    "greeting-garbage",
		About:   "The server speaks HTTP: it greets with a status line and closes.",
		Catches: []string{"not-ftp"},
		apply: func(h *hooks) {
			h.connected = func(c net.Conn) {
				const body = "This is not an FTP server.\n"
				fmt.Fprintf(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
				c.(*net.TCPConn).CloseWrite()
				drain(c.(*net.TCPConn))
			}
		},
	},
	{
		Name:    "silent-greeting",
		About:   "The server accepts control connections and never says anything.",
		Catches: []string{"not-ftp"},
		apply: func(h *hooks) {
			h.connected = func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
		},
	},
	{
		Name:    "ctl-greeting-refusal",
		About:   "The greeting has the code 500.",
		Catches: []string{"CTL-001"},
		apply:   edit(greeting, 220, func(_ *session, r *reply) { r.code = 500 }),
	},
	{
		Name:    "session-limit",
		About:   "More than four sessions at once are greeted with 421.",
		Catches: []string{"session-limit"},
		apply:   func(h *hooks) { h.maxSessions = 4 },
	},
	{
		Name:    "ctl-open-after-closing",
		About:   "The control connection stays open after a 421.",
		Catches: []string{"CTL-002", "CTL-024", "SEC-004"},
		apply: func(h *hooks) {
			h.onReply(func(s *session, _ string, r *reply) bool {
				if r.code == 421 {
					s.control.send(r.encode())
					s.control.within(0)
					_, _ = io.Copy(io.Discard, s.control.conn)
				}
				return r.code != 421
			})
		},
	},
	{
		Name:    "ctl-code-colon",
		About:   "The reply to HELP with an argument has a colon after its code.",
		Catches: []string{"CTL-003"},
		apply:   helpLine(func(b []byte) []byte { return slices.Concat(b[:3], []byte{':'}, b[4:]) }),
	},
	{
		Name:    "ctl-wrong-end",
		About:   "The reply to HELP with an argument begins with 214- and ends with 211.",
		Catches: []string{"CTL-004"},
		apply: helpLine(func(b []byte) []byte {
			return []byte("214-That is known.\r\n211 End\r\n")
		}),
	},
	{
		Name:    "ctl-number-in-reply",
		About:   "HELP with an argument gets a multi-line reply with a line that begins with 200 and a space.",
		Catches: []string{"CTL-005"},
		apply: helpLine(func(b []byte) []byte {
			return []byte("214-That is known.\r\n200 is what it is answered.\r\n214 End\r\n")
		}),
	},
	{
		Name:    "ctl-no-crlf",
		About:   "Reply lines end in LF alone.",
		Catches: []string{"CTL-006"},
		apply: func(h *hooks) {
			h.onWire(func(_ *session, _ string, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) })
		},
	},
	{
		Name:    "ctl-unknown-ignored",
		About:   "An unknown command gets no reply.",
		Catches: []string{"CTL-007", "CTL-012"},
		apply:   unknown(func(*session) {}),
	},
	{
		Name:    "ctl-two-marks",
		About:   "NLST gets two preliminary replies.",
		Catches: []string{"CTL-008"},
		apply:   edit("NLST", 150, func(s *session, r *reply) { s.control.send(r.encode()) }),
	},
	{
		Name:    "ctl-spontaneous-reply",
		About:   "After a hundredth of Config.IdleTimeout without a command a 200 comes that answers none.",
		Catches: []string{"CTL-009"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.IdleTimeout /= 100 })
			h.idled = func(s *session) bool {
				s.reply(200, "Still there.")
				return true
			}
		},
	},
	{
		Name:    "ctl-code-class",
		About:   "HELP with an argument is answered 314.",
		Catches: []string{"CTL-010"},
		apply:   helpLine(func(b []byte) []byte { return append([]byte("3"), b[1:]...) }),
	},
	{
		Name:    "ctl-code-range",
		About:   "HELP with an argument is answered 714.",
		Catches: []string{"CTL-011", "CTL-010"},
		apply:   helpLine(func(b []byte) []byte { return append([]byte("7"), b[1:]...) }),
	},
	{
		Name:    "ctl-unknown-accepted",
		About:   "An unknown command is answered 200.",
		Catches: []string{"CTL-012"},
		apply:   unknown(func(s *session) { s.reply(200, "Whatever that is.") }),
	},
	{
		Name:    "ctl-case-sensitive",
		About:   "Commands in lower case are unknown.",
		Catches: []string{"CTL-013"},
		apply: func(h *hooks) {
			h.lines = append(h.lines, func(s *session, line string) (string, bool) {
				verb, _, _ := strings.Cut(line, " ")
				if verb == strings.ToUpper(verb) {
					return line, true
				}
				s.reply(500, "Command not understood.")
				return "", false
			})
		},
	},
	{
		Name:    "ctl-parameter-case",
		About:   "TYPE refuses its letters in lower case.",
		Catches: []string{"CTL-014"},
		apply: instead("TYPE", func(_ *session, arg string) bool { return arg != strings.ToUpper(arg) },
			answers(504, "This TYPE is not supported.")),
	},
	{
		Name:    "ctl-one-space",
		About:   "TYPE with two spaces before its argument is refused.",
		Catches: []string{"CTL-015"},
		apply: instead("TYPE", func(_ *session, arg string) bool { return strings.HasPrefix(arg, " ") },
			answers(501, "TYPE needs an argument.")),
	},
	{
		Name:    "ctl-argument-optional",
		About:   "MODE without an argument is answered 200.",
		Catches: []string{"CTL-016"},
		apply:   instead("MODE", bare, answers(200, "MODE is S.")),
	},
	{
		Name:    "ctl-hasty",
		About:   "A few octets without an end of line are taken for a whole command.",
		Catches: []string{"CTL-017"},
		apply: octets(func(b []byte) []byte {
			if n := len(b); n < 2 || n > 16 || bytes.ContainsAny(b, "\r\n") || b[0] == iac {
				return b
			}
			return append(b, "\r\n"...)
		}),
	},
	{
		Name:    "ctl-single-octets-lost",
		About:   "A printable octet that comes in a segment of its own is lost.",
		Catches: []string{"CTL-018"},
		apply: octets(func(b []byte) []byte {
			if len(b) == 1 && b[0] > ' ' && b[0] < iac {
				return nil
			}
			return b
		}),
	},
	{
		Name:    "ctl-one-command-a-segment",
		About:   "Of several commands in one segment only the first is noticed.",
		Catches: []string{"CTL-019"},
		apply: octets(func(b []byte) []byte {
			if i := bytes.IndexByte(b, '\n'); i >= 0 {
				return b[:i+1]
			}
			return b
		}),
	},
	{
		Name:    "ctl-long-line-split",
		About:   "An over-long command line is executed in pieces.",
		Catches: []string{"CTL-020"},
		apply: func(h *hooks) {
			h.octets = append(h.octets, func() func([]byte) []byte {
				n := 0
				return func(b []byte) []byte {
					if bytes.IndexByte(b, '\n') >= 0 {
						n = 0
						return b
					}
					if n += len(b); n > maxLine/2 {
						n = 0
						return append(b, "\r\n"...)
					}
					return b
				}
			})
		},
	},
	{
		Name:    "ctl-telnet-as-text",
		About:   "Telnet negotiation is taken for a part of the command that follows.",
		Catches: []string{"CTL-021"},
		apply:   octets(func(b []byte) []byte { return literal(b, will, wont, do, dont) }),
	},
	{
		Name:    "ctl-telnet-negotiates",
		About:   "The server begins a Telnet negotiation before its greeting.",
		Catches: []string{"CTL-022"},
		apply: func(h *hooks) {
			h.onWire(func(_ *session, verb string, b []byte) []byte {
				if verb == greeting && bytes.HasPrefix(b, []byte("220")) {
					return append([]byte{iac, will, 3}, b...)
				}
				return b
			})
		},
	},
	{
		Name:    "ctl-idle-short",
		About:   "A session may be idle for a tenth of Config.IdleTimeout: one minute by default.",
		Catches: []string{"CTL-023"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.IdleTimeout /= 10 })
		},
	},
	{
		Name:    "ctl-idle-forever",
		About:   "An idle session is never ended, whatever Config.IdleTimeout says.",
		Catches: []string{"CTL-024"},
		apply: func(h *hooks) {
			h.configure = append(h.configure, func(c *Config) { c.IdleTimeout = 365 * 24 * time.Hour })
		},
	},
	{
		Name:    "ctl-idle-in-transfer",
		About:   "Config.IdleTimeout runs during a transfer, too, and ends the session in its midst.",
		Catches: []string{"CTL-025"},
		apply: func(h *hooks) {
			h.started = append(h.started, func(t *transfer) {
				t.s.srv.group.Go(func() {
					select {
					case <-t.ctx.Done():
					case <-time.After(t.s.srv.cfg.IdleTimeout):
						t.s.control.tcp.Close()
					}
				})
			})
		},
	},
	{
		Name:    "ctl-lone-line-feed",
		About:   "An LF in a segment of its own is not noticed before more octets come.",
		Catches: []string{"CTL-026"},
		apply: func(h *hooks) {
			h.octets = append(h.octets, func() func([]byte) []byte {
				held := false
				return func(b []byte) []byte {
					if string(b) == "\n" {
						held = true
						return nil
					}
					if held && len(b) > 0 {
						held = false
						return append([]byte{'\n'}, b...)
					}
					return b
				}
			})
		},
	},
	{
		Name:    "slow-reply",
		About:   "Every reply comes 50 ms late.",
		Catches: nil,
		apply: func(h *hooks) {
			h.onReply(func(s *session, _ string, _ *reply) bool { return s.srv.sleep(50 * time.Millisecond) })
		},
	},
}

// helpLine changes the octets of the reply to HELP with an argument.
func helpLine(f func(b []byte) []byte) func(*hooks) {
	return func(h *hooks) {
		h.onWire(func(_ *session, verb string, b []byte) []byte {
			if verb == "HELP" && bytes.HasPrefix(b, []byte("214 ")) {
				return f(b)
			}
			return b
		})
	}
}

// unknown has f answer unknown verbs.
func unknown(f func(*session)) func(*hooks) {
	return func(h *hooks) {
		h.lines = append(h.lines, func(s *session, line string) (string, bool) {
			_, known := commands[s.verb]
			if known || !s.loggedIn() {
				return line, true
			}
			f(s)
			return "", false
		})
	}
}

// octets changes each piece of octets that is received.
func octets(f func([]byte) []byte) func(*hooks) {
	return func(h *hooks) {
		h.octets = append(h.octets, func() func([]byte) []byte { return f })
	}
}

// literal doubles each IAC before one of codes, which makes a part of the text of it.
func literal(b []byte, codes ...byte) []byte {
	var out []byte
	for i, c := range b {
		if c == iac && i+1 < len(b) && bytes.IndexByte(codes, b[i+1]) >= 0 {
			out = append(out, iac)
		}
		out = append(out, c)
	}
	return out
}
