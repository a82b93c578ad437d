package ftptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

var _ = Describe("TLS", func() {
	var serverTLS *tls.Config
	var trusted *x509.CertPool
	BeforeEach(func() {
		cfg, pem, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		serverTLS, trusted = cfg, pool(pem)
	})

	// handshake makes c a TLS connection; the TLS configuration is for data connections, too.
	handshake := func(c *client, version uint16, cache tls.ClientSessionCache) *tls.Conn {
		GinkgoHelper()
		c.tls = &tls.Config{RootCAs: trusted, ServerName: "localhost", MinVersion: version, MaxVersion: version, ClientSessionCache: cache}
		secure := tls.Client(c.Conn, c.tls)
		Expect(secure.Handshake()).To(Succeed())
		c.Conn = secure
		c.r.Reset(secure)
		return secure
	}
	private := func(c *client) {
		GinkgoHelper()
		c.do("PBSZ 0", 200)
		c.do("PROT P", 200)
	}
	// secured is a session with protected control and data connections.
	secured := func(srv *ftptest.Server, version uint16, cache tls.ClientSessionCache) *client {
		GinkgoHelper()
		c := dial(srv)
		c.do("AUTH TLS", 234)
		handshake(c, version, cache)
		c.enter()
		private(c)
		return c
	}

	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		Describe(tls.VersionName(version), func() {
			It("protects control and data connections", func() {
				c := secured(start(ftptest.Config{TLS: serverTLS}), version, nil)
				content := strings.Repeat("content\n", 100<<10)
				c.do("TYPE I", 200)
				c.put("STOR new", content)
				Expect(c.get("RETR new") == content).To(BeTrue())
				c.put("APPE new", "more")
				c.put("STOU", "unique")
				Expect(c.fetch("NLST pub/sub", tcp(c.pasv()))).To(Equal("pub/sub/inner.txt\r\n"))
				Expect(c.get("MLSD")).To(ContainSubstring(" new\r\n"))
				c.do("QUIT", 221)
				_, err := c.r.ReadByte()
				Expect(err).To(MatchError(io.EOF), "close_notify before the end")
			})

			It("accepts resumed data connections, and demands them with RequireReuse", func() {
				srv := start(ftptest.Config{TLS: serverTLS, RequireReuse: true})
				c := secured(srv, version, tls.NewLRUClientSessionCache(10))
				for range 20 {
					data := c.passive()
					c.do("RETR pub/hello.txt", 150)
					secure := tls.Client(data, c.tls)
					b, err := io.ReadAll(secure)
					Expect(err).NotTo(HaveOccurred())
					Expect(b).To(HaveLen(61))
					Expect(secure.ConnectionState().DidResume).To(BeTrue())
					data.Close()
					c.expect(226)
				}
				c.put("STOR x", "resumed upload")
				c.tls.ClientSessionCache = nil
				data := c.passive()
				c.do("NLST", 150)
				_ = tls.Client(data, c.tls).Handshake()
				c.expect(522)
				c.do("NOOP", 200)
			})

			It("demands the session of the same login", func() {
				srv := start(ftptest.Config{TLS: serverTLS, RequireReuse: true})
				other := secured(srv, version, tls.NewLRUClientSessionCache(10))
				c := secured(srv, version, tls.NewLRUClientSessionCache(10))
				c.tls.ClientSessionCache = other.tls.ClientSessionCache
				data := c.passive()
				c.do("NLST", 150)
				_ = tls.Client(data, c.tls).Handshake()
				c.expect(522)
			})

			It("lets a login go on with the session of an earlier one", func() {
				srv := start(ftptest.Config{TLS: serverTLS, RequireReuse: true})
				cache := tls.NewLRUClientSessionCache(10)
				secured(srv, version, cache).get("NLST")
				c := secured(srv, version, cache)
				Expect(c.Conn.(*tls.Conn).ConnectionState().DidResume).To(BeTrue())
				Expect(c.get("NLST")).To(Equal("pub\r\n"))
			})

			It("ends with CCC, and with REIN", func() {
				srv := start(ftptest.Config{TLS: serverTLS})
				for _, command := range []string{"CCC", "REIN"} {
					c := dial(srv)
					c.do("AUTH TLS", 234)
					clear := c.Conn
					limited := &recordLimit{Conn: c.Conn}
					c.Conn = limited
					secure := handshake(c, version, nil)
					c.enter()
					private(c)
					c.do(command, map[string]int{"CCC": 200, "REIN": 220}[command])
					_, err := c.r.ReadByte()
					Expect(err).To(MatchError(io.EOF), "close_notify")
					Expect(secure.CloseWrite()).To(Succeed())
					// CloseWrite makes later writes time out.
					Expect(clear.SetDeadline(time.Now().Add(patience))).To(Succeed())
					c.Conn = clear
					c.r.Reset(clear)
					c.do("NOOP", 200)
					if command == "REIN" {
						c.do("PWD", 530)
						c.enter()
						c.tls = nil
					} else {
						c.do("PROT C", 503)
						c.do("PBSZ 0", 503)
					}
					Expect(c.get("NLST")).To(Equal("pub\r\n"))
				}
			})
		})
	}

	It("refuses older versions", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS}))
		c.do("auth tls", 234)
		secure := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		Expect(secure.Handshake()).NotTo(Succeed())
		c.expectEnd()
	})

	It("ends with CCC also for a client that just goes on in clear text", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS}))
		clear := c.Conn
		c.do("AUTH TLS", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.enter()
		c.do("CCC", 200)
		_, err := c.r.ReadByte()
		Expect(err).To(MatchError(io.EOF), "close_notify")
		c.Conn = clear
		c.r.Reset(clear)
		c.raw("NOOP\r\nPWD\r\n")
		c.expect(200)
		c.expect(257)
	})

	It("can be there from the start", func() {
		srv := start(ftptest.Config{TLS: serverTLS, Implicit: true})
		Expect(srv.URL()).To(HavePrefix("ftps://"))
		c := connect(srv.Addr())
		handshake(c, tls.VersionTLS13, nil)
		c.expect(220)
		c.enter()
		private(c)
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
		c.do("AUTH TLS", 534)
		c.do("CCC", 534)
		c.do("REIN", 220)
		c.enter()
		private(c)
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("is negotiated with the codes of RFC 4217", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS}))
		c.do("AUTH XYZZY", 504)
		c.do("AUTH SSL", 504)
		c.do("AUTH", 501)
		c.do("NOOP", 200)
		c.do("PBSZ 0", 503)
		c.do("PROT P", 503)
		c.do("CCC", 533)
		c.do("AUTH tls-c", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.do("AUTH TLS", 534)
		c.do("PROT P", 503)
		c.do("PBSZ x", 501)
		Expect(c.do("PBSZ 16384", 200)).To(Equal("PBSZ=0"))
		c.do("PROT S", 536)
		c.do("PROT E", 536)
		c.do("PROT X", 504)
		c.do("PROT", 501)
		c.do("PROT p", 200)
		c.do("CCC", 530)
		c.enter()
		c.do("PROT X", 504)
		Expect(c.get("NLST")).To(Equal("pub\r\n"), "a refused PROT changes nothing")
		addr := c.epsv()
		c.do("PROT C", 200)
		c.tls = nil
		Expect(c.fetch("NLST", tcp(addr))).To(Equal("pub\r\n"))
	})

	It("protects no data without PROT", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS}))
		c.do("AUTH TLS", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.tls = nil
		c.enter()
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("drops clear text that came with AUTH", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS}))
		c.raw("AUTH TLS\r\nFEAT\r\nUSER pasv\r\nNO")
		c.expect(234)
		handshake(c, tls.VersionTLS13, nil)
		c.do("NOOP", 200)
		c.do("PASS embedded", 503)
	})

	It("resets a login that was there before", func() {
		c := login(start(ftptest.Config{TLS: serverTLS}))
		c.do("CWD pub", 250)
		c.do("AUTH TLS", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.do("PWD", 530)
		c.enter()
		Expect(c.do("PWD", 257)).To(HavePrefix(`"/" `))
	})

	It("ends the session when its handshake fails", func() {
		srv := start(ftptest.Config{TLS: serverTLS})
		c := dial(srv)
		c.do("AUTH TLS", 234)
		c.raw("NOOP\r\n")
		Eventually(func() int64 { return srv.Stats().OpenSessions }).Should(BeZero())
	})

	It("reports a failed handshake of the data connection with 522, and stores nothing", func() {
		c := secured(start(ftptest.Config{TLS: serverTLS}), tls.VersionTLS13, nil)
		data := c.passive()
		c.do("NLST", 150)
		_, _ = io.WriteString(data, "GARBAGE\r\n\r\n")
		c.expect(522)
		data = c.passive()
		c.do("STOR x", 150)
		_, _ = io.WriteString(data, "this is clear text")
		data.(*net.TCPConn).CloseWrite()
		c.expect(522)
		c.do("SIZE x", 550)
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("does not take a cut for the end of an upload", func() {
		c := secured(start(ftptest.Config{TLS: serverTLS}), tls.VersionTLS13, nil)
		data := c.passive()
		c.do("STOR x", 150)
		secure := tls.Client(data, c.tls)
		_, _ = io.WriteString(secure, "half of i")
		data.(*net.TCPConn).CloseWrite()
		c.expect(426)
		c.do("SIZE x", 550)
	})

	It("sends nothing before the handshake, and close_notify at the end", func() {
		c := secured(start(ftptest.Config{TLS: serverTLS}), tls.VersionTLS13, nil)
		data := c.passive()
		c.do("RETR pub/hello.txt", 150)
		Expect(silent(data, shortWhile)).To(BeTrue())
		secure := tls.Client(data, c.tls)
		b, err := io.ReadAll(secure)
		Expect(err).NotTo(HaveOccurred(), "an end without close_notify is an error")
		Expect(b).To(HaveLen(61))
		c.expect(226)
	})

	It("can be aborted", func() {
		c := secured(start(ftptest.Config{TLS: serverTLS, FS: memory()}), tls.VersionTLS13, nil)
		data := c.passive()
		c.do("RETR big.bin", 150)
		secure := tls.Client(data, c.tls)
		drainTo(secure, 64<<10)
		Expect(c.do("STAT", 211)).To(ContainSubstring("A transfer is running"))
		c.send("ABOR")
		c.expect(426)
		c.expect(226)
		_, err := io.Copy(io.Discard, secure)
		Expect(err).To(HaveOccurred())
		c.do("NOOP", 200)
	})

	It("can be demanded for the login", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS, RequireTLS: true}))
		c.do("USER pasv", 530)
		c.do("PASS embedded", 503)
		c.do("AUTH TLS", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.enter()
		c.do("CCC", 534)
	})

	It("can be demanded for data", func() {
		c := dial(start(ftptest.Config{TLS: serverTLS, RequireDataTLS: true}))
		c.do("AUTH TLS", 234)
		handshake(c, tls.VersionTLS13, nil)
		c.enter()
		c.do("PASV", 227)
		c.do("LIST", 521)
		private(c)
		c.do("PROT C", 534)
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("is refused by Start where it is demanded without a certificate", func() {
		_, err := ftptest.Start(ftptest.Config{RequireTLS: true})
		Expect(err).To(MatchError(ContainSubstring("Config.TLS is nil")))
	})

	Describe("and HOST", func() {
		It("selects a host of the configuration", func() {
			c := dial(start(ftptest.Config{Hosts: []string{"a.example", "b.example"}}))
			c.do("HOST a.example", 220)
			c.do("HOST B.EXAMPLE", 220)
			c.do("HOST no-such.invalid", 504)
			c.do("HOST -bad-", 501)
			c.do("HOST", 501)
			c.do("HOST 192.0.2.1:2112", 501)
			c.do("HOST [2001:db8::1]:2112", 501)
			c.do("HOST 192.0.2.1", 504)
			c.do("HOST [2001:db8::1]", 504)
			c.do("HOST 127.0.0.1", 220)
			c.do("HOST ::1", 501)
			c.do("USER pasv", 331)
			c.do("HOST a.example", 503)
			c.do("PASS embedded", 230)
			c.do("HOST a.example", 503)
		})

		It("agree", func() {
			c := dial(start(ftptest.Config{TLS: serverTLS, Hosts: []string{"localhost", "b.example"}}))
			c.do("AUTH TLS", 234)
			handshake(c, tls.VersionTLS13, nil)
			c.do("HOST b.example", 504)
			c.do("HOST localhost", 220)
		})
	})
})

// recordLimit keeps crypto/tls from reading more than the record that it needs, so that clear text
// after TLS stays where it is.
type recordLimit struct {
	net.Conn
	left int
	head []byte
}

func (r *recordLimit) Read(p []byte) (int, error) {
	if r.left == 0 && len(r.head) == 0 {
		head := make([]byte, 5)
		if _, err := io.ReadFull(r.Conn, head); err != nil {
			return 0, err
		}
		r.head, r.left = head, int(head[3])<<8|int(head[4])
	}
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	n, err := r.Conn.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
