package gftp

import (
	"fmt"
	"net/netip"

	"github.com/onsi/gomega/types"
	"github.com/passiveftp/pasv/probe"
)

// AdvertiseAddress matches an endpoint that names the address of host, whatever
// the ports.
func AdvertiseAddress(host netip.AddrPort) types.GomegaMatcher {
	return matcher[probe.Endpoint]{
		fmt.Sprintf("the address %s of the control connection", host.Addr()),
		func(e probe.Endpoint) bool { return e.Addr == host.Addr() },
		probe.Endpoint.String,
	}
}
