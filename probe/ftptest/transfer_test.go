package ftptest_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// trees are the specs that both kinds of tree must pass.
func trees(body func(files func() ftptest.FS)) {
	Describe("in memory", func() { body(func() ftptest.FS { return ftptest.NewMemory() }) })
	Describe("in a directory", func() { body(directory) })
}

// directory is a copy of the fixtures in a temporary directory.
func directory() ftptest.FS {
	GinkgoHelper()
	root := GinkgoT().TempDir()
	Expect(os.MkdirAll(filepath.Join(root, "pub/empty"), 0o700)).To(Succeed())
	Expect(os.Mkdir(filepath.Join(root, "pub/sub"), 0o700)).To(Succeed())
	for name, content := range map[string]string{
		"hello.txt":     "Hello, this is a text file.\nIts lines end in LF.\nGoodbye.\n",
		"4k.bin":        strings.Repeat("\x00\r\n\xff\xff", 4<<10)[:4<<10],
		"1m.bin":        strings.Repeat("megabyte", 1<<17),
		"empty.bin":     "",
		"sub/inner.txt": "This file is in a subdirectory.\n",
	} {
		Expect(os.WriteFile(filepath.Join(root, "pub", name), []byte(content), 0o600)).To(Succeed())
	}
	d, err := ftptest.Dir(root)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(d.Close)
	return d
}

var _ = Describe("A transfer", func() {
	trees(func(files func() ftptest.FS) {
		var c *client
		BeforeEach(func() { c = login(start(ftptest.Config{FS: files()})) })

		binary := "\x00\r\n\r\r\n\n\xff\xff\xf4\r" + string(make([]byte, 300<<10)) + "end"

		It("of TYPE I keeps every octet", func() {
			c.do("TYPE I", 200)
			c.put("STOR new", binary)
			Expect(c.get("RETR new") == binary).To(BeTrue())
			Expect(c.do("SIZE new", 213)).To(Equal("307214"))
			Expect(c.get("RETR pub/1m.bin")).To(HaveLen(1 << 20))
			Expect(c.get("RETR pub/empty.bin")).To(BeEmpty())
		})

		It("of TYPE A has CR LF line ends", func() {
			Expect(c.get("RETR pub/hello.txt")).To(Equal("Hello, this is a text file.\r\nIts lines end in LF.\r\nGoodbye.\r\n"))
			Expect(c.do("SIZE pub/hello.txt", 213)).To(Equal("61"))
			c.put("STOR t", "a\r\nb\r\n\r\r\nc\rd\r")
			c.do("TYPE I", 200)
			Expect(c.get("RETR t")).To(Equal("a\nb\n\r\nc\rd\r"))
			c.do("TYPE A", 200)
			Expect(c.get("RETR t")).To(Equal("a\r\nb\r\n\r\r\nc\rd\r"))
		})

		It("restarts where REST says", func() {
			c.do("TYPE I", 200)
			whole := c.get("RETR pub/4k.bin")
			for _, offset := range []string{"0", "100", "4096"} {
				c.do("REST "+offset, 350)
				part := c.get("RETR pub/4k.bin")
				Expect(whole).To(HaveSuffix(part))
				Expect(map[string]int{"0": 4096, "100": 3996, "4096": 0}[offset]).To(Equal(len(part)))
			}
			Expect(c.get("RETR pub/4k.bin")).To(Equal(whole), "REST is good for one transfer")
			c.do("REST 100", 350)
			c.do("REST 0", 350)
			Expect(c.get("RETR pub/4k.bin")).To(Equal(whole))
			c.do("REST 100", 350)
			c.get("NLST")
			Expect(c.get("RETR pub/4k.bin")).To(Equal(whole), "a listing uses it up")
			c.do("REST 100", 350)
			c.passive()
			c.do("RETR nosuch", 550)
			Expect(c.get("RETR pub/4k.bin")).To(Equal(whole), "a refused command uses it up")

			c.put("STOR new", "first half, ")
			c.do("REST 12", 350)
			c.put("STOR new", "second half")
			Expect(c.get("RETR new")).To(Equal("first half, second half"))

			c.do("TYPE A", 200)
			c.do("REST 28", 350)
			Expect(c.get("RETR pub/hello.txt")).To(HavePrefix("\nIts lines"))
		})

		It("replaces by STOR, appends by APPE, and never overwrites by STOU", func() {
			c.do("TYPE I", 200)
			c.put("STOR a", strings.Repeat("x", 1000))
			c.put("STOR a", "ten octets")
			Expect(c.get("RETR a")).To(Equal("ten octets"))
			c.put("APPE a", ", more")
			c.put("APPE b", "new")
			Expect(c.get("RETR a")).To(Equal("ten octets, more"))
			Expect(c.get("RETR b")).To(Equal("new"))
			c.put("STOR e", "")
			Expect(c.do("SIZE e", 213)).To(Equal("0"))

			c.do("CWD pub/empty", 250)
			one, ok := strings.CutPrefix(c.put("STOU", "one"), "FILE: ")
			Expect(ok).To(BeTrue())
			two, ok := strings.CutPrefix(c.put("STOU", "two"), "FILE: ")
			Expect(ok).To(BeTrue())
			Expect(one).NotTo(Equal(two))
			Expect(c.get("RETR " + one)).To(Equal("one"))
			Expect(c.get("RETR " + two)).To(Equal("two"))
			Expect(strings.Fields(c.get("NLST"))).To(ConsistOf(one, two))
		})

		It("lists", func() {
			Expect(strings.Fields(c.get("NLST pub"))).To(Equal([]string{"pub/1m.bin", "pub/4k.bin", "pub/empty", "pub/empty.bin", "pub/hello.txt", "pub/sub"}))
			Expect(c.get("NLST pub/sub/")).To(Equal("pub/sub/inner.txt\r\n"))
			Expect(c.get("NLST pub/*.bin")).To(Equal("pub/1m.bin\r\npub/4k.bin\r\npub/empty.bin\r\n"))
			Expect(c.get("NLST pub/4k.bin")).To(Equal("pub/4k.bin\r\n"))
			Expect(c.get("NLST -a pub/sub")).To(Equal("pub/sub/inner.txt\r\n"))
			Expect(c.get("NLST pub/empty")).To(BeEmpty())
			Expect(c.get("LIST pub/empty")).To(BeEmpty())
			Expect(c.get("MLSD pub/empty")).To(BeEmpty())
			for line := range strings.Lines(c.get("LIST -la pub")) {
				Expect(line).To(MatchRegexp(`^[d-]r.{8} \d ftp ftp +\d+ [A-Z][a-z]{2} [ 1-3]\d ( \d{4}|\d\d:\d\d) [a-z0-9.]+\r\n$`))
			}
			for line := range strings.Lines(c.get("MLSD pub")) {
				Expect(line).To(MatchRegexp(`^type=(file;size=\d+|dir);modify=\d{14};perm=[a-z]+;unique=\w+; [a-z0-9.]+\r\n$`))
			}
			c.do("PASV", 227)
			c.do("NLST *.nosuch", 450)
			c.do("LIST */nosuch*/*", 450)
		})

		It("does not change TYPE by a listing", func() {
			c.do("TYPE I", 200)
			c.get("LIST")
			c.get("MLSD")
			Expect(c.get("RETR pub/hello.txt")).To(HaveLen(58))
			c.do("TYPE A", 200)
			c.get("MLSD")
			Expect(c.get("RETR pub/hello.txt")).To(HaveLen(61))
		})

		It("stores nothing when it is aborted, cut or refused", func() {
			c.do("TYPE I", 200)
			c.put("STOR a", "old")

			data := c.passive()
			c.do("STOR a", 150)
			_, _ = io.WriteString(data, "new")
			c.do("ABOR", 426)
			c.expect(226)
			expectClosed(data)
			Expect(c.get("RETR a")).To(Equal("old"))

			data = c.passive()
			c.do("STOR a", 150)
			_, _ = io.WriteString(data, "new")
			data.(*net.TCPConn).SetLinger(0)
			data.Close()
			c.expect(426)
			Expect(c.get("RETR a")).To(Equal("old"))
			Expect(strings.Fields(c.get("NLST"))).To(ConsistOf("a", "pub"))
		})

		It("keeps what a reader has opened", func() {
			c.do("TYPE I", 200)
			content := strings.Repeat("old content ", 2<<20)
			c.put("STOR a", content)
			data := c.passive()
			c.do("RETR a", 150)
			other := wrap(tcp(c.RemoteAddr().(*net.TCPAddr).AddrPort()))
			other.expect(220)
			other.enter()
			other.do("TYPE I", 200)
			other.put("STOR a", "new")
			Expect(other.get("RETR a")).To(Equal("new"))
			b, err := io.ReadAll(data)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(b) == content).To(BeTrue())
			c.expect(226)
		})

		It("finds unique facts for unique files", func() {
			unique := func(path string) string {
				_, after, _ := strings.Cut(c.do("MLST "+path, 250), "unique=")
				value, _, _ := strings.Cut(after, ";")
				return value
			}
			Expect(unique("pub/4k.bin")).To(Equal(unique("/pub/sub/../4k.bin")))
			Expect(unique("pub/4k.bin")).NotTo(Equal(unique("pub/1m.bin")))
		})
	})

	Describe("that is running", func() {
		var c *client
		var srv *ftptest.Server
		var data net.Conn
		BeforeEach(func() {
			srv = start(ftptest.Config{FS: memory()})
			c = login(srv)
			c.do("TYPE I", 200)
			data = c.passive()
			c.do("RETR big.bin", 150)
			drainTo(data, 64<<10)
		})

		finish := func() {
			GinkgoHelper()
			drainTo(data, bigSize-64<<10)
			expectClosed(data)
		}

		DescribeTable("is stopped by ABOR", func(abor string) {
			c.raw(abor)
			c.expect(426)
			c.expect(226)
			n, err := io.Copy(io.Discard, data)
			Expect(err).To(HaveOccurred(), "a reset tells it from the end of the file")
			Expect(n).To(BeNumerically("<", bigSize-64<<10))
			c.do("NOOP", 200)
			c.do("LIST", 425)
		},
			Entry("alone", "ABOR\r\n"),
			Entry("after Telnet IP and Synch", "\xff\xf4\xff\xf2ABOR\r\n"),
			Entry("in small letters", "abor\r\n"),
		)

		It("answers commands in order when it has ended", func() {
			c.raw("NOOP\r\nPWD\r\nSTAT\r\n")
			c.expectSilence(shortWhile)
			finish()
			c.expect(226)
			c.expect(200)
			c.expect(257)
			c.expect(211)
		})

		It("answers the commands before ABOR first", func() {
			c.raw("NOOP\r\nABOR\r\nPWD\r\n")
			c.expect(426)
			c.expect(200)
			c.expect(226)
			c.expect(257)
		})

		It("answers STAT at once", func() {
			Expect(c.do("STAT", 211)).To(MatchRegexp(`A transfer is running: \d+ octets so far`))
			finish()
			c.expect(226)
		})

		It("goes on after QUIT, even if the client has nothing more to say", func() {
			c.send("QUIT")
			Expect(c.Conn.(*net.TCPConn).CloseWrite()).To(Succeed())
			finish()
			c.expect(226)
			c.expect(221)
			c.expectEnd()
		})

		It("refuses over-long lines in their turn", func() {
			c.raw(strings.Repeat("x", 10000) + "\r\nNOOP\r\n")
			finish()
			c.expect(226)
			c.expect(500)
			c.expect(200)
		})

		It("takes no more commands than it can remember, and loses none", func() {
			go func() { _, _ = io.WriteString(c.Conn, strings.Repeat("NOOP\r\n", 1000)) }()
			finish()
			c.expect(226)
			for range 1000 {
				c.expect(200)
			}
		})

		DescribeTable("ends with the control connection", func(end func()) {
			end()
			n, err := io.Copy(io.Discard, data)
			Expect(err).To(HaveOccurred())
			Expect(n).To(BeNumerically("<", bigSize-64<<10))
			Eventually(func() int64 { return srv.Stats().OpenSessions }).Should(BeZero())
		},
			Entry("closed", func() { c.Close() }),
			Entry("reset", func() { c.Conn.(*net.TCPConn).SetLinger(0); c.Close() }),
		)

		It("gets 426 when the client closes the data connection", func() {
			data.Close()
			c.expect(426)
			c.do("NOOP", 200)
		})

		It("does not keep the server from closing", func() {
			Expect(srv.Close()).To(Succeed())
		})
	})

	It("can be aborted while it waits for the data connection", func() {
		c := login(start(ftptest.Config{}))
		c.do("PASV", 227)
		c.do("LIST", 150)
		c.send("ABOR")
		c.expect(426)
		c.expect(226)
	})

	It("works beyond 4 GiB", func() {
		m := ftptest.NewMemory()
		Expect(m.WriteZeros("/huge", 1<<32+1000)).To(Succeed())
		c := login(start(ftptest.Config{FS: m}))
		c.do("TYPE I", 200)
		Expect(c.do("SIZE huge", 213)).To(Equal("4294968296"))
		c.do("REST 4294967296", 350)
		Expect(c.get("RETR huge")).To(HaveLen(1000))
		c.do("TYPE A", 200)
		c.do("SIZE huge", 550)
	})

	It("to the sink is counted and forgotten", func() {
		srv := start(ftptest.Config{Discard: "/sink/"})
		c := login(srv)
		c.put("STOR /sink/a", "anything")
		Expect(srv.Stats().BytesIn).To(BeEquivalentTo(8))
		c.do("SIZE /sink/a", 550)
		c.put("STOR kept", "anything")
		c.do("SIZE kept", 213)
	})

	It("is refused where it would change a read-only tree", func() {
		c := login(start(ftptest.Config{ReadOnly: true}))
		c.do("PASV", 227)
		for line, code := range map[string]int{"STOR x": 553, "APPE x": 553, "STOU": 553, "MKD x": 550, "RMD pub/empty": 550, "DELE pub/4k.bin": 550, "RNFR pub/4k.bin": 550} {
			c.do(line, code)
		}
		Expect(c.do("MLST pub/4k.bin", 250)).To(ContainSubstring("perm=r;"))
		Expect(c.get("NLST")).To(Equal("pub\r\n"))
	})

	It("is counted", func() {
		srv := start(ftptest.Config{})
		c := login(srv)
		c.do("TYPE I", 200)
		c.get("RETR pub/4k.bin")
		c.put("STOR x", "12345")
		c.do("QUIT", 221)
		Eventually(func() ftptest.Stats { return srv.Stats() }).Should(Equal(ftptest.Stats{Sessions: 1, Commands: 8, Listeners: 2, DataConns: 2, BytesIn: 5, BytesOut: 4096}))
	})
})

var _ = Describe("A directory", func() {
	It("cannot be left", func() {
		outside := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600)).To(Succeed())
		root := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(root, "inside"), []byte("inside"), 0o600)).To(Succeed())
		if err := os.Symlink(outside, filepath.Join(root, "out")); err != nil {
			Skip("NOT TESTED: no symbolic links here: " + err.Error())
		}
		Expect(os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "secret"))).To(Succeed())
		Expect(os.Symlink("inside", filepath.Join(root, "link"))).To(Succeed())
		Expect(os.Symlink("nowhere", filepath.Join(root, "dangling"))).To(Succeed())
		Expect(os.WriteFile(filepath.Join(root, "a\r\ntype=file; forged"), nil, 0o600)).To(Succeed())
		d, err := ftptest.Dir(root)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(d.Close)

		c := login(start(ftptest.Config{FS: d}))
		c.do("CWD ../../..", 250)
		Expect(c.get("NLST")).To(Equal("inside\r\nlink\r\n"))
		Expect(c.get("MLSD")).NotTo(ContainSubstring("forged"))
		Expect(c.do("STAT .", 212)).NotTo(ContainSubstring("forged"))
		Expect(c.get("RETR ../../link")).To(Equal("inside"))
		c.do("PASV", 227)
		for line, code := range map[string]int{
			"CWD out": 550, "RETR secret": 550, "RETR out/secret": 550, "RETR ../" + filepath.Base(outside) + "/secret": 550,
			"STOR out/new": 553, "STOR secret": 553, "MKD out/new": 550, "DELE out/secret": 550, "SIZE secret": 550, "LIST out": 450,
		} {
			c.do(line, code)
		}
		Expect(os.ReadFile(filepath.Join(outside, "secret"))).To(BeEquivalentTo("secret"))
		Expect(os.ReadDir(outside)).To(HaveLen(1))
	})

	It("must exist", func() {
		_, err := ftptest.Dir(filepath.Join(GinkgoT().TempDir(), "nosuch"))
		Expect(err).To(HaveOccurred())
	})
})
