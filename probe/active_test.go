package probe_test

import (
	"context"
	"net"
	"runtime"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("active mode", func() {
	var s *probe.Session
	var l *probe.Listener
	BeforeEach(func(ctx SpecContext) {
		s = serve(embedded, "127.0.0.1", false).open(ctx, 0)
		var err error
		l, err = s.Active(ctx)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		Expect(l.Offer.Command).To(Equal("EPRT"))
		Expect(l.Offer.Advertised.Addr).To(Equal(s.Local().Addr()))
	})

	It("gives up when the server does not come", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, err := l.Accept(short)
		Expect(probe.CauseOf(err)).To(Equal(probe.Filtered))
	})

	It("ends when the caller does", func(ctx SpecContext) {
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err := l.Accept(over)
		Expect(probe.CauseOf(err)).To(Equal(probe.Canceled))
	})

	It("takes no connection but the server's", func(ctx SpecContext) {
		if runtime.GOOS != "linux" {
			Skip("another loopback address is needed")
		}
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		stranger, err := d.DialContext(ctx, "tcp", l.Offer.Advertised.String())
		Expect(err).NotTo(HaveOccurred())
		defer stranger.Close()
		Expect(s.Do(ctx, "NLST")).To(HaveField("Code", 150))
		c, err := l.Accept(ctx)
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		Expect(c.Addr().Addr()).To(Equal(s.Peer().Addr()))
		Expect(stranger.SetDeadline(time.Now().Add(patience))).To(Succeed())
		_, err = stranger.Read(make([]byte, 1))
		Expect(probe.CauseOf(err)).To(Equal(probe.Closed))
	})

	It("does without EPRT where the server does", func(ctx SpecContext) {
		Expect(s.EPSVAll(ctx)).To(Succeed()) // now it refuses EPRT, and PORT as well
		_, err := s.Active(ctx)
		Expect(probe.CauseOf(err)).To(Equal(probe.Refusal))
		Expect(s.Last().Raw).To(ContainSubstring("PORT"))
	})
})
