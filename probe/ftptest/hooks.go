package ftptest

import (
	"io"
	"net"
	"net/netip"
	"time"
)

// hooks are the decisions of a server that a fault may change. All are empty in a server
// without faults. Those that are slices add up; of the others the last fault wins.
type hooks struct {
	maxSessions int // Config.MaxSessions

	// connected takes the place of the whole session.
	connected func(c net.Conn)
	// commands take the place of verbs, whether they are known or not. Their features are
	// not in FEAT.
	commands map[string]func(s *session, arg string)
	// replies see each reply before it is sent, may change it, and withhold it by false.
	// The verb is that of the command, greeting for a reply that answers none.
	replies []func(s *session, verb string, r *reply) bool

	// listen opens what PASV or EPSV (verb) announces.
	listen func(s *session, verb string) (listener, error)
	// replace is called by a new PASV or EPSV with what the old one has left open and what
	// it has opened itself.
	replace func(old, new listener) listener
	// announce changes what the 227 reply names.
	announce func(s *session, ap netip.AddrPort) netip.AddrPort
	// passive phrases the 227 reply, extended the 229 reply.
	passive  func(ap netip.AddrPort) reply
	extended func(port uint16) reply
	// early and late refuse a data connection that was opened before the transfer command,
	// or was not.
	refuseEarly, refuseLate bool

	// download goes between the file and its data connection (RETR only).
	download func(t *transfer, w io.Writer) io.Writer
	// loseUploads throws uploads away.
	loseUploads bool
}

// override adds a command to h.commands.
func (h *hooks) override(verb string, run func(s *session, arg string)) {
	if h.commands == nil {
		h.commands = make(map[string]func(*session, string))
	}
	h.commands[verb] = run
}

// onReply adds to h.replies.
func (h *hooks) onReply(f func(s *session, verb string, r *reply) bool) {
	h.replies = append(h.replies, f)
}

// listener is where one PASV or EPSV waits for its data connection. *net.TCPListener is one.
type listener interface {
	Accept() (net.Conn, error)
	SetDeadline(time.Time) error
	Addr() net.Addr
	Close() error
}
