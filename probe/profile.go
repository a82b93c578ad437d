package probe

import "net/netip"

// Profile is how a client of the field, left to its defaults, comes to a
// passive data connection. A server can work with one and fail with another.
type Profile struct {
	// Name is the client's, for example "curl".
	Name string
	// IPv4 and IPv6 are the commands that it tries, in this order, on a control
	// connection of that family. The next is tried where one is refused.
	IPv4, IPv6 []string
	// Address is what it does with the address of a 227.
	Address AddressTrust
}

// AddressTrust is which address of a 227 a client believes. Where it does not,
// it takes the control connection's.
type AddressTrust uint8

const (
	// TrustAdvertised: always.
	TrustAdvertised AddressTrust = iota
	// TrustNone: never.
	TrustNone
	// TrustAlike: an address that is neither 0.0.0.0 nor, other than the
	// server's own, private or loopback, nor the other way round.
	TrustAlike
	// TrustRoutable: an address that is neither 0.0.0.0 nor private nor 127.0.0.1.
	TrustRoutable
)

// Profiles returns the clients that are known, as of the versions in the comments.
func Profiles() []Profile {
	pasv, epsv, both := []string{"PASV"}, []string{"EPSV"}, []string{"EPSV", "PASV"}
	return []Profile{
		// 7.74 and later: CURLOPT_FTP_SKIP_PASV_IP is on. There is no way back from EPSV on IPv6.
		{Name: "curl", IPv4: both, IPv6: epsv, Address: TrustNone},
		// 4.x: ftp:prefer-epsv is off, ftp:fix-pasv-address is on.
		{Name: "lftp", IPv4: pasv, IPv6: epsv, Address: TrustAlike},
		// ftplib of 3.9.3 and later: trust_server_pasv_ipv4_address is off.
		{Name: "python", IPv4: pasv, IPv6: epsv, Address: TrustNone},
		// 3.9 and later: useEPSVwithIPv4 and ipAddressFromPasvResponse are off.
		{Name: "commons-net", IPv4: pasv, IPv6: epsv, Address: TrustNone},
		// AutoPassive.
		{Name: "fluentftp", IPv4: both, IPv6: epsv, Address: TrustRoutable},
	}
}

// Commands is what the client asks with on a control connection to peer.
func (p Profile) Commands(peer netip.AddrPort) []string {
	if peer.Addr().Unmap().Is4() {
		return p.IPv4
	}
	return p.IPv6
}

// Dial is the place the client connects to when it got the offer on a control
// connection to peer. A 229 names no address, so the peer's is meant (RFC 2428 §3).
func (p Profile) Dial(offer Offer, peer netip.AddrPort) netip.AddrPort {
	addr := offer.Advertised.Addr.Unmap()
	if control := peer.Addr().Unmap(); !addr.IsValid() || !p.Address.trusts(addr, control) {
		addr = control
	}
	return netip.AddrPortFrom(addr, offer.Advertised.Port)
}

// trusts tells whether addr is dialled by a client whose control connection goes to control.
func (t AddressTrust) trusts(addr, control netip.Addr) bool {
	switch t {
	case TrustNone:
		return false
	case TrustAlike:
		return !addr.IsUnspecified() && addr.IsPrivate() == control.IsPrivate() && addr.IsLoopback() == control.IsLoopback()
	case TrustRoutable:
		return !addr.IsUnspecified() && !addr.IsPrivate() && addr != netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return true
}
