//go:build unix

package ftptest_test

import (
	"net"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

var _ = Describe("ABOR with a Telnet Synch", func() {
	// synch sends IAC IP, IAC DM with the last octet urgent, and ABOR.
	synch := func(c *client) {
		GinkgoHelper()
		raw, err := c.Conn.(*net.TCPConn).SyscallConn()
		Expect(err).NotTo(HaveOccurred())
		var failure error
		Expect(raw.Write(func(fd uintptr) bool {
			failure = syscall.Sendto(int(fd), []byte("\xff\xf4\xff\xf2"), syscall.MSG_OOB, nil)
			return true
		})).To(Succeed())
		Expect(failure).NotTo(HaveOccurred())
		c.send("ABOR")
	}

	It("is understood when nothing is transferred", func() {
		c := login(start(ftptest.Config{}))
		synch(c)
		c.expect(226)
		c.do("NOOP", 200)
	})

	It("is understood during a transfer", func() {
		c := login(start(ftptest.Config{FS: memory()}))
		data := c.passive()
		c.do("RETR big.bin", 150)
		drainTo(data, 64<<10)
		synch(c)
		c.expect(426)
		c.expect(226)
		c.do("NOOP", 200)
	})
})
