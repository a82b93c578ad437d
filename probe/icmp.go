package probe

import (
	"fmt"
	"net/netip"
)

// ICMPError is the ICMP message that answered a connect instead of the host
// that was meant.
type ICMPError struct {
	// Type and Code are those of the message: RFC 792, or RFC 4443 where Router is
	// an IPv6 address.
	Type, Code uint8
	// Router sent the message: a router, a firewall, or the host itself.
	Router netip.Addr
}

// String is, for example, "ICMP 3/10 (host prohibited) from 192.0.2.1".
func (e *ICMPError) String() string {
	name, names := "ICMP", icmp4Names
	if e.Router.Is6() {
		name, names = "ICMPv6", icmp6Names
	}
	s := fmt.Sprintf("%s %d/%d", name, e.Type, e.Code)
	if meaning := names[[2]uint8{e.Type, e.Code}]; meaning != "" {
		s += " (" + meaning + ")"
	}
	return s + " from " + e.Router.String()
}

// icmp4Names are types and codes of RFC 792, RFC 1122 §3.2.2.1 and RFC 1812 §5.2.7.1.
var icmp4Names = map[[2]uint8]string{
	{3, 0}: "net unreachable", {3, 1}: "host unreachable", {3, 2}: "protocol unreachable", {3, 3}: "port unreachable",
	{3, 4}: "fragmentation needed", {3, 5}: "source route failed", {3, 6}: "net unknown", {3, 7}: "host unknown",
	{3, 9}: "net prohibited", {3, 10}: "host prohibited", {3, 13}: "administratively prohibited",
	{11, 0}: "time to live exceeded",
}

// icmp6Names are types and codes of RFC 4443 §3.
var icmp6Names = map[[2]uint8]string{
	{1, 0}: "no route", {1, 1}: "administratively prohibited", {1, 2}: "beyond the scope of the source", {1, 3}: "address unreachable",
	{1, 4}: "port unreachable", {1, 5}: "source address failed policy", {1, 6}: "reject route",
	{3, 0}: "hop limit exceeded",
}
