package ftptest

import (
	"fmt"
	"io"
	"net"
	"time"
)

// controlFaults concern the control connection and the login.
var controlFaults = []Fault{
	{
		Name:    "greeting-garbage",
		About:   "The server speaks HTTP: it greets with a status line and closes.",
		Catches: []string{"CTL-001", "CTL-003", "not-ftp"},
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
		Catches: []string{"CTL-001", "not-ftp"},
		apply: func(h *hooks) {
			h.connected = func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
		},
	},
	{
		Name:    "login-refused",
		About:   "Every password is wrong.",
		Catches: []string{"LOG-002", "login-refused"},
		apply: func(h *hooks) {
			h.override("PASS", func(s *session, _ string) {
				s.login = login{}
				s.reply(530, "Login incorrect.")
			})
		},
	},
	{
		Name:    "session-limit",
		About:   "More than four sessions at once are greeted with 421.",
		Catches: []string{"session-limit"},
		apply:   func(h *hooks) { h.maxSessions = 4 },
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
