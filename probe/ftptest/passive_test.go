package ftptest_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// expectClosed expects the end of a data connection on which nothing came.
func expectClosed(conn net.Conn) {
	GinkgoHelper()
	n, err := conn.Read(make([]byte, 1))
	Expect(n).To(BeZero())
	Expect(err).To(HaveOccurred())
	Expect(err).NotTo(MatchError(ContainSubstring("timeout")))
}

// expectRefused expects that nobody listens on a port, or that nobody will take the connection.
func expectRefused(addr netip.AddrPort) {
	GinkgoHelper()
	conn, err := net.DialTimeout("tcp", addr.String(), patience)
	if err == nil {
		defer conn.Close()
	}
	Expect(err).To(MatchError(ContainSubstring("refused")))
}

// freePorts finds n adjacent ports that nobody uses, below those that systems give to clients:
// there a connection in TIME_WAIT may be in the way at any time.
func freePorts(n uint16) ftptest.Range {
	GinkgoHelper()
	for range 1000 {
		first := uint16(15000 + rand.IntN(17000))
		if free(first, n) {
			return ftptest.Range{First: first, Last: first + n - 1}
		}
	}
	Fail("no free ports")
	return ftptest.Range{}
}

func free(first, n uint16) bool {
	for i := range n {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+i))
		if err != nil {
			return false
		}
		ln.Close()
	}
	return true
}

var _ = Describe("Passive mode", func() {
	It("listens before it says so", func() {
		c := login(start(ftptest.Config{}))
		for range 50 {
			tcp(c.pasv())
			tcp(c.epsv())
		}
	})

	It("names the address of the control connection", func() {
		srv := start(ftptest.Config{Addr: "0.0.0.0:0"})
		c := connect(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), srv.Addr().Port()))
		c.expect(220)
		c.enter()
		addr := c.pasv()
		Expect(addr.Addr().String()).To(Equal("127.0.0.3"))
		Expect(c.fetch("NLST", tcp(addr))).To(Equal("pub\r\n"))
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("names the configured address, and takes connections on it", func() {
		srv := start(ftptest.Config{Advertise: netip.MustParseAddr("127.0.0.4")})
		c := login(srv)
		addr := c.pasv()
		Expect(addr.Addr().String()).To(Equal("127.0.0.4"))
		local := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
		data, err := local.Dial("tcp", addr.String())
		Expect(err).NotTo(HaveOccurred())
		Expect(c.fetch("NLST", data)).To(Equal("pub\r\n"))
	})

	It("uses the configured ports only, and not in a row", func() {
		ports := freePorts(20)
		srv := start(ftptest.Config{PassivePorts: ports})
		c := login(srv)
		seen := map[uint16]bool{}
		steps := 0
		last := uint16(0)
		for range 60 {
			port := c.pasv().Port()
			Expect(port).To(And(BeNumerically(">=", ports.First), BeNumerically("<=", ports.Last)))
			if port == last+1 {
				steps++
			}
			last, seen[port] = port, true
		}
		Expect(len(seen)).To(BeNumerically(">", 8))
		Expect(steps).To(BeNumerically("<", 30))
	})

	It("waits for a data connection that comes after the command", func() {
		c := login(start(ftptest.Config{}))
		addr := c.pasv()
		c.do("NLST", 150)
		c.expectSilence(shortWhile)
		data := tcp(addr)
		Expect(io.ReadAll(data)).To(BeEquivalentTo("pub\r\n"))
		c.expect(226)
	})

	It("keeps an early data connection open and silent", func() {
		c := login(start(ftptest.Config{}))
		data := tcp(c.pasv())
		Expect(silent(data, 3*shortWhile)).To(BeTrue())
		Expect(c.fetch("NLST", data)).To(Equal("pub\r\n"))
	})

	DescribeTable("is replaced by the next passive command", func(first, second func(*client) netip.AddrPort) {
		c := login(start(ftptest.Config{}))
		old := first(c)
		waiting := tcp(old)
		data := tcp(second(c))
		expectClosed(waiting)
		expectRefused(old)
		Expect(c.fetch("NLST", data)).To(Equal("pub\r\n"))
	},
		Entry("PASV PASV", (*client).pasv, (*client).pasv),
		Entry("PASV EPSV", (*client).pasv, (*client).epsv),
		Entry("EPSV PASV", (*client).epsv, (*client).pasv),
		Entry("EPSV EPSV", (*client).epsv, (*client).epsv),
	)

	It("stays in effect across other commands", func() {
		c := login(start(ftptest.Config{}))
		addr := c.pasv()
		c.do("TYPE I", 200)
		c.do("NOOP", 200)
		c.do("SIZE pub/hello.txt", 213)
		c.do("CWD .", 250)
		c.do("REST 0", 350)
		Expect(c.fetch("RETR pub/hello.txt", tcp(addr))).To(HaveLen(58))
	})

	It("serves one transfer on one connection", func() {
		c := login(start(ftptest.Config{}))
		addr := c.pasv()
		first, second := tcp(addr), tcp(addr)
		Expect(c.fetch("NLST", first)).To(Equal("pub\r\n"))
		expectClosed(second)
		expectRefused(addr)
		c.do("LIST", 425)
	})

	It("ends with ABOR, with QUIT and with the control connection", func() {
		srv := start(ftptest.Config{})
		for _, end := range []func(*client){
			func(c *client) { c.do("ABOR", 226) },
			func(c *client) { c.do("QUIT", 221) },
			func(c *client) { c.Close() },
			func(c *client) { c.Conn.(*net.TCPConn).SetLinger(0); c.Close() },
		} {
			c := login(srv)
			addr := c.pasv()
			waiting := tcp(addr)
			end(c)
			expectClosed(waiting)
			expectRefused(addr)
		}
	})

	It("gives its listeners back", func() {
		srv := start(ftptest.Config{})
		c := login(srv)
		for range 300 {
			c.pasv()
		}
		Expect(srv.Stats().OpenListeners).To(BeEquivalentTo(1))
		Expect(srv.Stats().Listeners).To(BeEquivalentTo(300))
		c.get("NLST")
		Eventually(func() int64 { return srv.Stats().OpenListeners }).Should(BeZero())
	})

	Describe("with a data connection from another address", func() {
		from := func(ip string, addr netip.AddrPort) net.Conn {
			GinkgoHelper()
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
			conn, err := d.Dial("tcp", addr.String())
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(func() { conn.Close() })
			return conn
		}

		It("refuses it with 425 and goes on", func() {
			srv := start(ftptest.Config{})
			c := login(srv)
			other := from("127.0.0.9", c.pasv())
			c.do("RETR pub/hello.txt", 150)
			c.expect(425)
			expectClosed(other)
			Expect(srv.Stats().ForeignConns).To(BeEquivalentTo(1))
			Expect(c.get("NLST")).To(Equal("pub\r\n"))
		})

		It("prefers the client's own", func() {
			c := login(start(ftptest.Config{}))
			addr := c.pasv()
			other := from("127.0.0.9", addr)
			Expect(c.fetch("NLST", tcp(addr))).To(Equal("pub\r\n"))
			expectClosed(other)
		})

		It("stores nothing of it", func() {
			c := login(start(ftptest.Config{}))
			other := from("127.0.0.9", c.pasv())
			_, _ = io.WriteString(other, "stolen")
			c.do("STOR x", 150)
			c.expect(425)
			c.do("SIZE x", 550)
		})
	})

	It("survives a client that leaves before the command", func() {
		c := login(start(ftptest.Config{FS: memory()}))
		data := c.passive()
		data.(*net.TCPConn).SetLinger(0)
		data.Close()
		c.do("RETR big.bin", 150)
		c.expect(426)
		c.do("NOOP", 200)
	})

	It("never mixes sessions up", func() {
		srv := start(ftptest.Config{})
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				defer GinkgoRecover()
				c := login(srv)
				c.do("TYPE I", 200)
				name, content := fmt.Sprintf("file-%d", i), strings.Repeat(fmt.Sprintf("content %d ", i), 5000)
				c.put("STOR "+name, content)
				for range 5 {
					Expect(c.get("RETR "+name) == content).To(BeTrue())
				}
			})
		}
		group.Wait()
	})

	Describe("over IPv6", func() {
		var srv *ftptest.Server
		BeforeEach(func() {
			if ln, err := net.Listen("tcp", "[::1]:0"); err != nil {
				Skip("NOT TESTED: this machine has no ::1")
			} else {
				ln.Close()
			}
			srv = start(ftptest.Config{Addr: "[::1]:0"})
		})

		It("is EPSV", func() {
			c := login(srv)
			Expect(c.get("NLST")).To(Equal("pub\r\n"))
			Expect(c.fetch("NLST", tcp(c.extended(c.do("EPSV 2", 229))))).To(Equal("pub\r\n"))
			Expect(c.do("EPSV 1", 522)).To(HaveSuffix("(2)"))
			c.do("PASV", 501)
			c.do("PORT 127,0,0,1,200,200", 501)
			c.do("EPRT |1|127.0.0.1|50000|", 522)
			c.do("EPRT |2|::1|50000|", 200)
			c.do("NOOP", 200)
		})

		It("knows its own address as a host", func() {
			Expect(srv.URL()).To(HavePrefix("ftp://pasv:embedded@[::1]:"))
		})
	})

	It("is left by PORT, and PORT by PASV", func() {
		c := login(start(ftptest.Config{}))
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer ln.Close()
		own := ln.Addr().(*net.TCPAddr).Port
		port := fmt.Sprintf("PORT 127,0,0,1,%d,%d", own>>8, own&255)

		addr := c.pasv()
		c.do(port, 200)
		expectRefused(addr)
		c.do("NLST", 150)
		data, err := ln.Accept()
		Expect(err).NotTo(HaveOccurred())
		Expect(io.ReadAll(data)).To(BeEquivalentTo("pub\r\n"))
		data.Close()
		c.expect(226)
		c.do("NLST", 425)

		c.do(port, 200)
		Expect(c.fetch("NLST", tcp(c.pasv()))).To(Equal("pub\r\n"))
	})
})
