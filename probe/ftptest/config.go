package ftptest

import (
	"crypto/tls"
	"net/netip"
	"time"
)

// Config says how a server is to behave. The zero value works: loopback, a free
// port, an in-memory tree, the user "pasv" with the password "embedded", and
// anonymous logins.
type Config struct {
	// Addr is where to listen: "127.0.0.1:0" when empty; "[::1]:0" and ":2121" work, too.
	Addr string
	// FS is what is served; NewMemory() when nil.
	FS FS
	// ReadOnly refuses everything that would change FS.
	ReadOnly bool
	// Discard is a path prefix, such as "/sink/": what is uploaded below it is counted and
	// thrown away, for load tests. Empty: everything is stored.
	Discard string
	// MaxUpload is the number of octets above which an upload ends with 552; zero: no limit.
	MaxUpload int64

	// Users maps names to passwords; {"pasv": "embedded"} when nil.
	Users map[string]string
	// UsersOnly refuses anonymous logins.
	UsersOnly bool
	// Accounts maps names of users to the account that ACCT must name after PASS (RFC 959 §4.1.1).
	// Users that are not in it need none.
	Accounts map[string]string
	// LoginAttempts is the number of wrong passwords that end the session with 421
	// (RFC 2577 §5); 5 when zero.
	LoginAttempts int
	// LoginDelay is how long the answer to a wrong password is held back (RFC 2577 §5
	// suggests 5 seconds); one second when zero, none when negative.
	LoginDelay time.Duration

	// PassivePorts are the ports for data connections; any free port when zero.
	PassivePorts Range
	// Advertise is the address that the 227 reply names. Zero: the local address of the
	// control connection. When it is set the data listeners take connections on every local
	// address, because the one that is announced may not be one of this host.
	Advertise netip.Addr

	// TLS offers AUTH TLS with this configuration; no TLS when nil. SelfSigned makes one.
	TLS *tls.Config
	// Implicit starts every control connection with a TLS handshake.
	Implicit bool
	// RequireTLS refuses to log in on an unprotected control connection.
	RequireTLS bool
	// RequireDataTLS refuses transfers on unprotected data connections (521).
	RequireDataTLS bool
	// RequireReuse refuses protected data connections that do not resume the TLS session of
	// their control connection (522; RFC 4217 §10.2). Sessions are resumed by ticket; a client
	// that relies on the session identifiers of TLS 1.2 cannot.
	RequireReuse bool

	// MaxSessions and MaxSessionsPerIP limit the sessions at once; more are greeted with 421.
	// Zero: no limit.
	MaxSessions, MaxSessionsPerIP int

	// IdleTimeout ends a session that sends no command (421); 10 minutes when zero
	// (RFC 1123 §4.1.3.2 wants at least five).
	IdleTimeout time.Duration
	// AcceptTimeout is how long a transfer command waits for its data connection before
	// it is answered 425; 30 seconds when zero.
	AcceptTimeout time.Duration
	// StallTimeout ends a transfer on which no byte moves (426); 5 minutes when zero.
	StallTimeout time.Duration
	// HandshakeTimeout limits TLS handshakes; 30 seconds when zero.
	HandshakeTimeout time.Duration

	// Hosts are the virtual hosts that HOST accepts (RFC 7151), all with the same files and
	// users. Empty: HOST is not implemented.
	Hosts []string
	// Languages are the tags that LANG accepts (RFC 2640 §4), the default first. The words of
	// replies do not depend on it, so kinds of English are right. Empty: LANG is not implemented.
	Languages []string

	// Faults break the server.
	Faults []Fault
	// Variants make it unusual, and leave it right.
	Variants []Variant

	// Log gets one line per connection, command and reply, without passwords. Nil: silent.
	Log func(format string, args ...any)
}

// Range is a range of ports, both ends included. The zero Range stands for any free port.
type Range struct{ First, Last uint16 }

// withDefaults fills in what is zero.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.FS == nil {
		c.FS = NewMemory()
	}
	if c.Users == nil {
		c.Users = map[string]string{"pasv": "embedded"}
	}
	if c.LoginAttempts == 0 {
		c.LoginAttempts = 5
	}
	if c.LoginDelay == 0 {
		c.LoginDelay = time.Second
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = 10 * time.Minute
	}
	if c.AcceptTimeout == 0 {
		c.AcceptTimeout = 30 * time.Second
	}
	if c.StallTimeout == 0 {
		c.StallTimeout = 5 * time.Minute
	}
	if c.HandshakeTimeout == 0 {
		c.HandshakeTimeout = 30 * time.Second
	}
	return c
}
