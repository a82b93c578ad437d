package scenarios

import (
	"io"
	"net"
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The sockets in TIME_WAIT", func() {
	for _, host := range []string{"127.0.0.1", "::1"} {
		It("are counted at "+host, func() {
			l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
			if err != nil && host == "::1" {
				Skip("this machine has no IPv6")
			}
			Expect(err).NotTo(HaveOccurred())
			defer l.Close()
			listening := l.Addr().(*net.TCPAddr).AddrPort()

			const n = 3
			here := map[netip.AddrPort]bool{}
			for range n {
				c, err := net.Dial("tcp", l.Addr().String())
				Expect(err).NotTo(HaveOccurred())
				peer, err := l.Accept()
				Expect(err).NotTo(HaveOccurred())
				// Who closes first has the socket in TIME_WAIT.
				here[c.LocalAddr().(*net.TCPAddr).AddrPort()] = true
				Expect(c.(*net.TCPConn).CloseWrite()).To(Succeed())
				_, err = io.ReadAll(peer)
				Expect(err).NotTo(HaveOccurred())
				Expect(peer.Close()).To(Succeed())
				_, err = io.ReadAll(c)
				Expect(err).NotTo(HaveOccurred())
				Expect(c.Close()).To(Succeed())
			}
			Eventually(func() int64 {
				count, known := inTimeWait(listening.Addr().Is4(), listening.Addr().Is6(), func(local, remote netip.AddrPort) bool { return here[local] && remote == listening })
				Expect(known).To(BeTrue())
				return count
			}).Should(Equal(int64(n)))
			count, _ := inTimeWait(listening.Addr().Is4(), listening.Addr().Is6(), func(local, _ netip.AddrPort) bool { return local == listening })
			Expect(count).To(BeZero(), "the other side did not close first")
		})
	}

	It("of a message that is cut short are none", func() {
		_, _, ok := socketEnds(make([]byte, answerSize-1))
		Expect(ok).To(BeFalse())
	})
})
