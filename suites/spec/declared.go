package spec

import (
	"net/netip"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// Declared is what only the operator can know about a server: how it was
// configured. A requirement that is about a setting is judged when the setting
// is declared.
type Declared struct {
	// TLSRequired: logging in without TLS is refused.
	TLSRequired bool
	// TLSRequiredData: data connections without TLS are refused.
	TLSRequiredData bool
	// Account is a user who has to send ACCT.
	Account Account
	// Quota is the number of octets that an upload may have at most.
	Quota int64
	// Confined: the account cannot leave its directory.
	Confined bool
	// Hosts are the virtual host names (RFC 7151) at which the account can log in.
	Hosts []string
	// IdleTimeout is after how long the server ends an idle session; 1800 seconds
	// are waited for when it is not known.
	IdleTimeout time.Duration
	// Source2 is a second address of this machine. On a loopback connection
	// another loopback address serves when none is declared.
	Source2 netip.Addr
}

// Account is a user, a password, and what ACCT is to be sent with (RFC 959 §4.1.1).
type Account struct {
	User    string
	Pass    probe.Secret
	Account probe.Secret
}

// source2 is a second address to connect from, if there is one.
func (j *Judge) source2() netip.Addr {
	peer := j.facts.peer.Addr()
	switch {
	case j.Declared.Source2.IsValid():
		return j.Declared.Source2
	case peer.Is4() && peer.IsLoopback():
		if other := netip.AddrFrom4([4]byte{127, 0, 0, 9}); other != j.Dialer.Source {
			return other
		}
	}
	return netip.Addr{}
}
