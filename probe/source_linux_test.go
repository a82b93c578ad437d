package probe_test

import (
	"net"
	"net/netip"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("A source address", func() {
	It("has each of its ports once for every server", func(ctx SpecContext) {
		p := newRow()
		ip("-n " + p.client + " link set lo up")
		dialer := probe.Dialer{Source: netip.MustParseAddr("127.0.0.9")}
		within(p.client, func() error {
			// Two ports: kernels give away one half of a range first, by parity.
			if err := os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("40000 40001"), 0); err != nil {
				return err
			}
			for _, at := range []string{"127.0.0.1:2121", "127.0.0.1:2122", "127.0.0.2:2121"} {
				l, err := net.Listen("tcp", at)
				if err != nil {
					return err
				}
				DeferCleanup(l.Close)
				to := netip.MustParseAddrPort(at)
				for range 2 {
					s, err := dialer.Connect(ctx, probe.Target{Host: to.Addr().String(), Port: to.Port()})
					if err != nil {
						return err
					}
					DeferCleanup(s.Close)
				}
				_, err = dialer.Connect(ctx, probe.Target{Host: to.Addr().String(), Port: to.Port()})
				Expect(probe.CauseOf(err)).To(Equal(probe.Local))
			}
			return nil
		})
	})
})
