package ftptest_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// shortWhile is how long specs look whether nothing happens.
const shortWhile = 100 * time.Millisecond

var _ = Describe("A login", func() {
	It("is that of a user or anonymous", func() {
		srv := start(ftptest.Config{Users: map[string]string{"a": "secret a"}})
		c := dial(srv)
		c.do("USER a", 331)
		c.do("PASS secret a", 230)
		c = dial(srv)
		c.do("USER anonymous", 331)
		c.do("PASS", 230)
		c = dial(srv)
		c.do("USER ftp", 331)
		c.do("PASS me@example.com", 230)
	})

	It("can be kept to users", func() {
		c := dial(start(ftptest.Config{UsersOnly: true}))
		c.do("USER anonymous", 331)
		c.do("PASS x", 530)
		c.do("PWD", 530)
	})

	It("does not tell a wrong name from a wrong password, nor repeats either", func() {
		c := dial(start(ftptest.Config{}))
		known := c.do("USER pasv", 331)
		wrong := c.do("PASS xyzzy", 530)
		Expect(c.do("USER nobody", 331)).To(Equal(known))
		Expect(c.do("PASS xyzzy", 530)).To(Equal(wrong))
		Expect(wrong).NotTo(ContainSubstring("xyzzy"))
		Expect(c.do("PASS xyzzy", 503)).NotTo(ContainSubstring("xyzzy"))
	})

	It("starts again at USER after a wrong password", func() {
		c := dial(start(ftptest.Config{}))
		c.do("USER pasv", 331)
		c.do("PASS wrong", 530)
		c.do("PASS embedded", 503)
		c.enter()
	})

	It("ends the session after five wrong passwords", func() {
		c := dial(start(ftptest.Config{}))
		for range 4 {
			c.do("USER pasv", 331)
			c.do("PASS wrong", 530)
		}
		c.do("USER pasv", 331)
		c.do("PASS wrong", 421)
		c.expectEnd()
	})

	It("holds the answer to a wrong password back", func() {
		c := dial(start(ftptest.Config{LoginDelay: 3 * shortWhile}))
		c.do("USER pasv", 331)
		c.send("PASS wrong")
		c.expectSilence(shortWhile)
		c.expect(530)
	})

	It("asks for the account where one is configured", func() {
		srv := start(ftptest.Config{Accounts: map[string]string{"pasv": "books"}})
		c := dial(srv)
		c.do("USER pasv", 331)
		c.do("PASS embedded", 332)
		c.do("PWD", 530)
		c.do("ACCT books", 230)
		c.do("PWD", 257)
		c = dial(srv)
		c.do("USER pasv", 331)
		c.do("PASS embedded", 332)
		c.do("ACCT wrong", 530)
		c.do("ACCT books", 503)
	})

	It("ends with USER", func() {
		c := login(start(ftptest.Config{}))
		c.do("USER other", 331)
		c.do("PWD", 530)
	})

	It("ends with REIN, like everything else", func() {
		c := login(start(ftptest.Config{}))
		c.do("TYPE I", 200)
		c.do("CWD pub", 250)
		c.do("OPTS MLST size;", 200)
		c.do("EPSV ALL", 200)
		waiting := c.passive()
		c.do("REIN", 220)
		expectClosed(waiting)
		c.do("PWD", 530)
		c.enter()
		Expect(c.do("PWD", 257)).To(HavePrefix(`"/" `))
		Expect(c.do("MLST", 250)).To(ContainSubstring("type=dir;"))
		c.pasv()
		Expect(c.get("RETR pub/hello.txt")).To(HavePrefix("Hello, this is a text file.\r\n"))
	})

	It("ends with QUIT, 221 and the close by the server", func() {
		c := login(start(ftptest.Config{}))
		addr := c.pasv()
		waiting := tcp(addr)
		c.do("QUIT", 221)
		c.expectEnd()
		expectClosed(waiting)
		expectRefused(addr)
	})

	It("is its own: sessions do not share state", func() {
		srv := start(ftptest.Config{})
		a, b := login(srv), login(srv)
		a.do("CWD pub/sub", 250)
		a.do("TYPE I", 200)
		a.do("OPTS MLST size;", 200)
		a.do("REST 100", 350)
		a.do("RNFR inner.txt", 350)
		Expect(b.do("PWD", 257)).To(HavePrefix(`"/" `))
		b.do("RNTO g", 503)
		b.do("TYPE I", 200)
		Expect(b.get("RETR pub/sub/inner.txt")).To(Equal("This file is in a subdirectory.\n"))
	})
})

var _ = Describe("Limits", func() {
	It("of sessions greet with 421", func() {
		srv := start(ftptest.Config{MaxSessions: 2})
		first, second := dial(srv), dial(srv)
		third := connect(srv.Addr())
		third.expect(421)
		third.expectEnd()
		first.do("QUIT", 221)
		Eventually(func() int64 { return srv.Stats().OpenSessions }).Should(BeEquivalentTo(1))
		dial(srv)
		second.do("NOOP", 200)
	})

	It("of sessions per address greet with 421", func() {
		srv := start(ftptest.Config{MaxSessionsPerIP: 1})
		dial(srv)
		c := connect(srv.Addr())
		c.expect(421)
		c.expectEnd()
	})

	It("of idleness end the session with 421, but not a transfer", func() {
		srv := start(ftptest.Config{IdleTimeout: 10 * shortWhile, FS: memory()})
		c := login(srv)
		data := c.passive()
		c.do("RETR big.bin", 150)
		c.expectSilence(15 * shortWhile)
		drainTo(data, bigSize)
		c.expect(226)
		c.do("NOOP", 200)
		c.expect(421)
		c.expectEnd()
	})

	It("of silence on the data connection end the transfer", func() {
		srv := start(ftptest.Config{StallTimeout: 2 * shortWhile, FS: memory()})
		c := login(srv)
		c.passive()
		c.do("RETR big.bin", 150)
		c.expect(426)
		c.passive()
		c.do("STOR new", 150)
		c.expect(426)
		c.do("SIZE new", 550)
	})

	It("of waiting for the data connection end the command with 425", func() {
		srv := start(ftptest.Config{AcceptTimeout: 2 * shortWhile})
		c := login(srv)
		addr := c.pasv()
		c.do("LIST", 150)
		c.expect(425)
		expectRefused(addr)
		c.do("NOOP", 200)
	})

	It("of the length of an upload end it with 552", func() {
		srv := start(ftptest.Config{MaxUpload: 1000})
		c := login(srv)
		c.put("STOR small", string(make([]byte, 1000)))
		data := c.passive()
		c.do("STOR large", 150)
		_, _ = data.Write(make([]byte, 1001))
		c.expect(552)
		c.do("SIZE large", 550)
	})

	It("of the passive ports are told with 425, and pass", func() {
		srv := start(ftptest.Config{PassivePorts: freePorts(2)})
		a, b, c := login(srv), login(srv), login(srv)
		Expect(a.pasv()).NotTo(Equal(b.pasv()))
		c.do("PASV", 425)
		a.do("QUIT", 221)
		a.expectEnd()
		c.pasv()
	})
})
