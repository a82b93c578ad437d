package ftptest

import (
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"time"
)

// hooks are the decisions of a server that a fault may change. All are empty in a server
// without faults. Those that are slices add up; of the others the last fault wins.
type hooks struct {
	maxSessions int // Config.MaxSessions
	// configure changes the configuration, its defaults filled in.
	configure []func(*Config)

	// connected takes the place of the whole session.
	connected func(c net.Conn)
	// commands take the place of verbs, whether they are known or not. Their features are
	// not in FEAT.
	commands map[string]func(s *session, arg string)
	// wrapped may act before, after and instead of a verb, before its checks.
	wrapped map[string][]wrapper
	// lines see each command line, may change it, and answer it themselves by false.
	lines []func(s *session, line string) (string, bool)
	// octets make for each session what sees, and may change, the octets that it receives.
	octets []func() func([]byte) []byte
	// during sees what comes during a transfer; it has dealt with that when it reports true.
	during []func(t *transfer, verb string) bool
	// lost sees the loss of the control connection during a transfer; by true the transfer goes on.
	lost []func(t *transfer) bool
	// idled is called when a session was idle for too long; by true it goes on.
	idled func(s *session) bool
	// ended are called at the end of each session.
	ended []func(s *session)

	// replies see each reply before it is sent, may change it, and withhold it by false.
	// The verb is that of the command, greeting for a reply that answers none.
	replies []func(s *session, verb string, r *reply) bool
	// wire sees the octets of each reply and may change them.
	wire []func(s *session, verb string, b []byte) []byte

	// deliver sends the octets of each reply.
	deliver func(s *session, b []byte)

	// listen opens what PASV or EPSV (verb) announces.
	listen func(s *session, verb string) (listener, error)
	// replace is called by a new PASV or EPSV with what the old one has left open and what
	// it has opened itself.
	replace func(s *session, old, new listener) listener
	// announce changes what the 227 reply names.
	announce func(s *session, ap netip.AddrPort) netip.AddrPort
	// passive phrases the 227 reply, extended the 229 reply.
	passive  func(ap netip.AddrPort) reply
	extended func(port uint16) reply
	// early and late refuse a data connection that was opened before the transfer command,
	// or was not.
	refuseEarly, refuseLate bool
	// preferActive connects to PORT although a later PASV was answered.
	preferActive bool
	// acceptAnybody takes data connections from other addresses.
	acceptAnybody bool

	// markLate sends the mark only when the data connection is there.
	markLate bool
	// started sees each transfer after its mark.
	started []func(t *transfer)
	// download goes between what is sent and its data connection.
	download func(t *transfer, w io.Writer) io.Writer
	// upload goes between the data connection and what is stored.
	upload func(t *transfer, r io.Reader) io.Reader
	// hangUp ends a data connection on which everything was sent; by false the usual end follows.
	hangUp func(t *transfer) bool
	// keepAborted leaves the data connection of an aborted transfer open.
	keepAborted bool
	// loseUploads throws uploads away.
	loseUploads bool

	// listing changes the lines of LIST, NLST, MLSD and STAT.
	listing []func(s *session, verb, arg string, lines []string) []string
	// brokenNames are names with CR, LF or NUL: allowed, and listed as they are.
	brokenNames bool

	// dataTLS changes the TLS configuration of data connections.
	dataTLS func(*tls.Config)
	// underTLS takes the place of the TCP connection below TLS; by true nothing is protected.
	underTLS func(t *transfer) (c net.Conn, clear bool)
	// shaken may refuse a data connection after its TLS handshake.
	shaken func(t *transfer, state tls.ConnectionState) error
}

// wrapper acts on one verb. It calls run or does not.
type wrapper func(s *session, arg string, run func(arg string))

// around adds to h.wrapped.
func (h *hooks) around(verb string, w wrapper) {
	if h.wrapped == nil {
		h.wrapped = make(map[string][]wrapper)
	}
	h.wrapped[verb] = append(h.wrapped[verb], w)
}

// onWire adds to h.wire.
func (h *hooks) onWire(f func(s *session, verb string, b []byte) []byte) { h.wire = append(h.wire, f) }

// onListing adds to h.listing.
func (h *hooks) onListing(f func(s *session, verb, arg string, lines []string) []string) {
	h.listing = append(h.listing, f)
}

// listed is lines as the hooks leave them: what verb lists for arg.
func (s *session) listed(verb, arg string, lines []string) []string {
	for _, f := range s.hooks.listing {
		lines = f(s, verb, arg, lines)
	}
	return lines
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
