package ftptest_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

var _ = Describe("A command", func() {
	DescribeTable("before login", func(line string, code int) {
		dial(start(ftptest.Config{})).do(line, code)
	},
		Entry(nil, "NOOP", 200),
		Entry(nil, "HELP", 214),
		Entry(nil, "SYST", 215),
		Entry(nil, "FEAT", 211),
		Entry(nil, "STAT", 211),
		Entry(nil, "STAT /", 530),
		Entry(nil, "QUIT", 221),
		Entry(nil, "REIN", 220),
		Entry(nil, "XYZZ", 500),
		Entry(nil, "", 500),
		Entry(nil, "USER nobody", 331),
		Entry(nil, "USER", 501),
		Entry(nil, "PASS x", 503),
		Entry(nil, "ACCT x", 503),
		Entry(nil, "AUTH TLS", 502),
		Entry(nil, "PBSZ 0", 503),
		Entry(nil, "PROT P", 503),
		Entry(nil, "CCC", 533),
		Entry(nil, "HOST example.com", 502),
		Entry(nil, "LANG en", 502),
		Entry(nil, "OPTS UTF8 ON", 200),
		Entry(nil, "PASV", 530), Entry(nil, "EPSV", 530), Entry(nil, "PORT 127,0,0,1,200,200", 530),
		Entry(nil, "CWD /", 530), Entry(nil, "PWD", 530), Entry(nil, "LIST", 530), Entry(nil, "MLSD", 530),
		Entry(nil, "RETR x", 530), Entry(nil, "STOR x", 530), Entry(nil, "DELE x", 530), Entry(nil, "MKD x", 530),
		Entry(nil, "RNFR x", 530), Entry(nil, "SIZE x", 530), Entry(nil, "TYPE I", 530), Entry(nil, "SITE CPFR /etc/passwd", 530),
	)

	DescribeTable("after login", func(code int, lines ...string) {
		c := login(start(ftptest.Config{}))
		for _, line := range lines[:len(lines)-1] {
			c.send(line)
			c.read()
		}
		c.do(lines[len(lines)-1], code)
		c.do("NOOP", 200)
	},
		Entry(nil, 257, "PWD"), Entry(nil, 257, "XPWD"), Entry(nil, 501, "PWD x"),
		Entry(nil, 250, "CWD pub"), Entry(nil, 250, "XCWD pub"), Entry(nil, 250, "cwd /pub/sub"),
		Entry(nil, 550, "CWD nosuch"), Entry(nil, 550, "CWD pub/hello.txt"), Entry(nil, 501, "CWD"),
		Entry(nil, 250, "CDUP"), Entry(nil, 250, "XCUP"), Entry(nil, 501, "CDUP x"),
		Entry(nil, 257, "MKD new"), Entry(nil, 257, "XMKD new"), Entry(nil, 550, "MKD pub"), Entry(nil, 550, "MKD nosuch/a"), Entry(nil, 501, "MKD"),
		Entry(nil, 250, "RMD pub/empty"), Entry(nil, 250, "XRMD pub/empty"), Entry(nil, 550, "RMD pub"), Entry(nil, 550, "RMD pub/hello.txt"), Entry(nil, 550, "RMD nosuch"), Entry(nil, 550, "RMD /"), Entry(nil, 501, "RMD"),
		Entry(nil, 250, "DELE pub/hello.txt"), Entry(nil, 550, "DELE pub/empty"), Entry(nil, 550, "DELE nosuch"), Entry(nil, 501, "DELE"),
		Entry(nil, 350, "RNFR pub/hello.txt"), Entry(nil, 550, "RNFR nosuch"), Entry(nil, 501, "RNFR"),
		Entry(nil, 250, "RNFR pub/hello.txt", "RNTO pub/moved.txt"),
		Entry(nil, 250, "RNFR pub/sub", "RNTO /moved"),
		Entry(nil, 503, "RNTO x"),
		Entry(nil, 503, "RNFR pub/hello.txt", "NOOP", "RNTO x"),
		Entry(nil, 553, "RNFR pub/hello.txt", "RNTO nosuch/dir/x"),
		Entry(nil, 503, "RNFR pub/hello.txt", "RNTO nosuch/dir/x", "RNTO x"),
		Entry(nil, 553, "RNFR pub", "RNTO pub/sub/pub"),
		Entry(nil, 553, "RNFR pub/hello.txt", "RNTO pub/sub"),
		Entry(nil, 200, "TYPE A"), Entry(nil, 200, "TYPE A N"), Entry(nil, 200, "TYPE A T"), Entry(nil, 200, "TYPE I"), Entry(nil, 200, "TYPE L 8"),
		Entry(nil, 200, "TYPE i"), Entry(nil, 200, "TYPE a"), Entry(nil, 200, "TYPE  I"), Entry(nil, 200, "type  l   8"),
		Entry(nil, 504, "TYPE X"), Entry(nil, 504, "TYPE E"), Entry(nil, 504, "TYPE A C"), Entry(nil, 504, "TYPE L 7"), Entry(nil, 501, "TYPE L"), Entry(nil, 501, "TYPE"), Entry(nil, 501, "TYPE A N N"),
		Entry(nil, 504, "TYPE AB"), Entry(nil, 504, "TYPE I N"),
		Entry(nil, 200, "MODE S"), Entry(nil, 200, "mode s"), Entry(nil, 504, "MODE B"), Entry(nil, 504, "MODE C"), Entry(nil, 504, "MODE X"), Entry(nil, 501, "MODE"),
		Entry(nil, 200, "STRU F"), Entry(nil, 200, "STRU f"), Entry(nil, 504, "STRU R"), Entry(nil, 504, "STRU P"), Entry(nil, 501, "STRU"),
		Entry(nil, 202, "ALLO 1000"), Entry(nil, 202, "ALLO 1000 R 80"), Entry(nil, 501, "ALLO x"), Entry(nil, 501, "ALLO 1 R"), Entry(nil, 501, "ALLO"),
		Entry(nil, 350, "REST 100"), Entry(nil, 350, "REST 4294967296"), Entry(nil, 501, "REST abc"), Entry(nil, 501, "REST -1"), Entry(nil, 501, "REST +1"), Entry(nil, 501, "REST"),
		Entry(nil, 501, "PASV x"), Entry(nil, 229, "EPSV 1"), Entry(nil, 522, "EPSV 2"), Entry(nil, 522, "EPSV 99"), Entry(nil, 501, "EPSV foo"), Entry(nil, 501, "EPSV -1"),
		Entry(nil, 200, "EPSV ALL"), Entry(nil, 200, "EPSV all"),
		Entry(nil, 501, "EPSV ALL", "PASV"), Entry(nil, 501, "EPSV ALL", "PORT 127,0,0,1,200,200"), Entry(nil, 501, "EPSV ALL", "EPRT |1|127.0.0.1|50000|"), Entry(nil, 229, "EPSV ALL", "EPSV"),
		Entry(nil, 200, "PORT 127,0,0,1,200,200"), Entry(nil, 501, "PORT 192,0,2,1,78,33"), Entry(nil, 504, "PORT 127,0,0,1,0,25"),
		Entry(nil, 501, "PORT 127,0,0,1,200"), Entry(nil, 501, "PORT 127,0,0,256,200,200"), Entry(nil, 501, "PORT 127,0,0,-1,200,200"), Entry(nil, 501, "PORT a,b,c,d,e,f"), Entry(nil, 501, "PORT 127,0,0,1,200,200,7"), Entry(nil, 501, "PORT"),
		Entry(nil, 200, "EPRT |1|127.0.0.1|50000|"), Entry(nil, 200, "EPRT !1!127.0.0.1!50000!"), Entry(nil, 501, "EPRT |1|192.0.2.1|20001|"), Entry(nil, 504, "EPRT |1|127.0.0.1|25|"), Entry(nil, 522, "EPRT |2|::1|50000|"), Entry(nil, 522, "EPRT |9|x|1|"), Entry(nil, 501, "EPRT |1|::1|50000|"), Entry(nil, 501, "EPRT |1|127.0.0.1|99999|"), Entry(nil, 501, "EPRT 1|127.0.0.1|5000|"), Entry(nil, 501, "EPRT"),
		Entry(nil, 226, "ABOR"), Entry(nil, 226, "PASV", "ABOR"), Entry(nil, 425, "PASV", "ABOR", "LIST"),
		Entry(nil, 425, "LIST"), Entry(nil, 425, "RETR pub/hello.txt"), Entry(nil, 425, "STOR x"), Entry(nil, 501, "RETR"), Entry(nil, 501, "PASV", "RETR"), Entry(nil, 501, "STOR"), Entry(nil, 501, "APPE"),
		Entry(nil, 550, "PASV", "RETR nosuch"), Entry(nil, 550, "PASV", "RETR pub"), Entry(nil, 450, "PASV", "LIST nosuch"), Entry(nil, 450, "PASV", "NLST nosuch"),
		Entry(nil, 501, "PASV", "MLSD pub/hello.txt"), Entry(nil, 550, "PASV", "MLSD nosuch"),
		Entry(nil, 553, "PASV", "STOR nosuch/x"), Entry(nil, 553, "PASV", "STOR pub"), Entry(nil, 553, "PASV", "STOR /"), Entry(nil, 553, "PASV", "APPE pub"),
		Entry(nil, 554, "TYPE I", "PASV", "REST 1000000000", "RETR pub/hello.txt"), Entry(nil, 554, "PASV", "REST 1000000000", "RETR pub/hello.txt"),
		Entry(nil, 554, "TYPE I", "PASV", "REST 1000000000", "STOR pub/hello.txt"), Entry(nil, 554, "TYPE I", "PASV", "REST 1", "STOR new"), Entry(nil, 554, "PASV", "REST 1", "STOR pub/hello.txt"),
		Entry(nil, 213, "SIZE pub/4k.bin"), Entry(nil, 550, "SIZE nosuch"), Entry(nil, 550, "SIZE pub"), Entry(nil, 550, "SIZE *"), Entry(nil, 501, "SIZE"),
		Entry(nil, 213, "MDTM pub/4k.bin"), Entry(nil, 550, "MDTM nosuch"), Entry(nil, 550, "MDTM pub/*.txt"), Entry(nil, 550, "MDTM 19990929043300 pub/4k.bin"), Entry(nil, 501, "MDTM"),
		Entry(nil, 250, "MLST"), Entry(nil, 250, "MLST pub/4k.bin"), Entry(nil, 550, "MLST nosuch"), Entry(nil, 550, "MLST *"),
		Entry(nil, 211, "FEAT"), Entry(nil, 501, "FEAT x"), Entry(nil, 501, "OPTS"), Entry(nil, 501, "OPTS XYZZ"), Entry(nil, 200, "OPTS utf8 on"), Entry(nil, 501, "OPTS UTF8 OFF"),
		Entry(nil, 211, "STAT"), Entry(nil, 212, "STAT pub"), Entry(nil, 213, "STAT pub/4k.bin"), Entry(nil, 450, "STAT nosuch"),
		Entry(nil, 214, "HELP"), Entry(nil, 214, "HELP retr"), Entry(nil, 501, "HELP xyzz"), Entry(nil, 215, "SYST"),
		Entry(nil, 501, "SITE"), Entry(nil, 200, "SITE HELP"), Entry(nil, 501, "SITE EXEC id"),
		Entry(nil, 502, "SMNT x"), Entry(nil, 502, "ADAT x"), Entry(nil, 502, "MIC x"), Entry(nil, 502, "CONF x"), Entry(nil, 502, "ENC x"), Entry(nil, 502, "LANG"),
		Entry(nil, 202, "ACCT x"), Entry(nil, 503, "PASS x"), Entry(nil, 500, "XYZZ"), Entry(nil, 500, " NOOP"),
		Entry(nil, 200, "noop"), Entry(nil, 200, "NoOp"), Entry(nil, 257, "pWd"),
		Entry(nil, 550, "CWD %n%n%s%s"),
		Entry(nil, 550, "CWD ../../../../etc"), Entry(nil, 550, `CWD ..\..`), Entry(nil, 250, "CWD ../../.."),
	)

	It("is refused as a whole when it is too long", func() {
		c := login(start(ftptest.Config{}))
		c.raw("CWD " + strings.Repeat("A", 64<<10) + "\r\nNOOP\r\n")
		c.expect(500)
		c.expect(200)
		c.expectSilence(shortWhile)
	})

	It("is not executed before its end of line", func() {
		c := login(start(ftptest.Config{}))
		c.raw("NOO")
		c.expectSilence(shortWhile)
		c.raw("P\r")
		c.expectSilence(shortWhile)
		c.raw("\n")
		c.expect(200)
	})

	It("may come octet by octet, or several in one piece", func() {
		c := login(start(ftptest.Config{}))
		for _, b := range []byte("PWD\r\n") {
			c.raw(string(rune(b)))
		}
		c.expect(257)
		c.raw("NOOP\r\nPWD\r\nNOOP\r\n")
		c.expect(200)
		c.expect(257)
		c.expect(200)
	})

	It("gets the Telnet options out of its way", func() {
		c := login(start(ftptest.Config{}))
		c.raw("\xff\xfd\x01\xff\xfb\x03NO\xff\xf1OP\r\n\xff\xfa\x18\r\n\xff\xff\xff\xf0NOOP\r\n")
		refused := make([]byte, 6)
		Expect(c.r.Read(refused)).To(Equal(6))
		Expect(refused).To(Equal([]byte("\xff\xfc\x01\xff\xfe\x03")))
		c.expect(200)
		c.expect(200)
		c.raw("\xff\xfe\x01\xff\xfc\x03\xff\xf4\xff\xf2ABOR\r\n")
		c.expect(226)
	})

	It("keeps the octets of its pathname", func() {
		c := login(start(ftptest.Config{}))
		Expect(c.do("MKD a\xff\xffb", 257)).To(HavePrefix("\"/a\xff\xffb\" "))
		Expect(c.get("NLST")).To(ContainSubstring("a\xffb\r\n"))
		c.do("CWD a\xff\xffb", 250)
		for _, name := range []string{" x", "y ", "é漢字😀", "e\u0301", "\xe9", `q"q`, "a b;c=d'e(1).txt", "-l", "213 End"} {
			c.put("STOR "+name, "content of "+name)
			Expect(c.get("RETR " + name)).To(Equal("content of " + name))
			Expect(c.get("NLST")).To(ContainSubstring(name + "\r\n"))
			Expect(c.get("MLSD")).To(ContainSubstring("; " + name + "\r\n"))
			Expect(c.do("STAT .", 212)).To(ContainSubstring(" " + name + "\n"))
			c.do("RNFR "+name, 350)
			c.do("RNTO "+name+".moved", 250)
			c.do("DELE "+name+".moved", 250)
		}
		Expect(c.do(`MKD q"q`, 257)).To(ContainSubstring(`/q""q" `))
		c.do(`CWD q"q`, 250)
		Expect(c.do("PWD", 257)).To(ContainSubstring(`/q""q" `))
	})

	It("cannot forge a reply or a line", func() {
		c := login(start(ftptest.Config{}))
		c.do("CWD x\r\x00\n226 fake", 550)
		c.do("MKD a\r\x00\n257 b", 550)
		c.do("MKD a\n550 b", 550)
		c.do("RNFR pub/4k.bin", 350)
		c.do("RNTO a\r\x00\nb", 553)
		c.do("PASV", 227)
		c.do("STOR a\r\x00\ntype=file; forged", 553)
		c.do("STOR a\r\x00b", 553)
		c.do("\x1b[31mXYZZ", 500)
		c.do("NOOP", 200)
	})

	It("selects the facts of MLST and MLSD", func() {
		c := login(start(ftptest.Config{}))
		Expect(c.do("FEAT", 211)).To(ContainSubstring("\n MLST type*;size*;modify*;perm*;unique*;\n"))
		Expect(c.do("MLST pub/4k.bin", 250)).To(MatchRegexp(`\n type=file;size=4096;modify=20240229123045;perm=adfrw;unique=\w+; /pub/4k.bin\n`))
		Expect(c.do("MLST pub", 250)).To(MatchRegexp(`\n type=dir;modify=20240229123045;perm=cdeflmp;unique=\w+; /pub\n`))
		Expect(c.do("OPTS MLST Type;size;frogs;", 200)).To(Equal("MLST OPTS type;size;"))
		Expect(c.do("FEAT", 211)).To(ContainSubstring("\n MLST type*;size*;modify;perm;unique;\n"))
		c.do("OPTS MLST type size;", 501)
		c.do("OPTS MLST type", 501)
		Expect(c.get("MLSD pub")).To(ContainSubstring("type=file;size=4096; 4k.bin\r\n"))
		Expect(c.do("OPTS MLST", 200)).To(Equal("MLST OPTS"))
		Expect(c.do("MLST pub", 250)).To(ContainSubstring("\n  /pub\n"))
		Expect(c.get("MLSD pub")).To(HavePrefix(" 1m.bin\r\n 4k.bin\r\n"))
	})

	It("speaks the languages that it lists, and tells which by a star", func() {
		c := dial(start(ftptest.Config{Languages: []string{"en-GB", "en-US"}, Hosts: []string{"a.example"}}))
		c.do("FEAT", 211)
		Expect(c.last).To(ContainSubstring("\n LANG en-GB*;en-US\n"))
		c.do("LANG EN-us", 200)
		c.do("FEAT", 211)
		Expect(c.last).To(ContainSubstring("\n LANG en-GB;en-US*\n"))
		c.do("LANG fr", 504)
		c.do("LANG 123456789", 501)
		c.do("FEAT", 211)
		Expect(c.last).To(ContainSubstring("\n LANG en-GB;en-US*\n"))
		for _, back := range []struct {
			line string
			code int
		}{{"LANG", 200}, {"HOST a.example", 220}, {"REIN", 220}} {
			c.do("LANG en-US", 200)
			c.do(back.line, back.code)
			c.do("FEAT", 211)
			Expect(c.last).To(ContainSubstring("\n LANG en-GB*;en-US\n"), back.line)
		}
	})

	It("lists its features the same in every state", func() {
		t, _, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		c := dial(start(ftptest.Config{TLS: t, Hosts: []string{"a.example"}}))
		before := c.do("FEAT", 211)
		Expect(strings.Split(before, "\n")).To(Equal([]string{"Extensions:", " AUTH TLS", " CCC", " EPRT", " EPSV", " HOST", " MDTM",
			" MLST type*;size*;modify*;perm*;unique*;", " PBSZ", " PROT", " REST STREAM", " SIZE", " TVFS", " UTF8", "End"}))
		c.enter()
		Expect(c.do("FEAT", 211)).To(Equal(before))
	})

	It("tells the state of the session by STAT", func() {
		c := login(start(ftptest.Config{}))
		Expect(c.do("STAT", 211)).To(And(ContainSubstring("Logged in as pasv"), ContainSubstring("TYPE: ASCII Non-print; STRU: File; MODE: Stream")))
		c.do("TYPE I", 200)
		Expect(c.do("STAT", 211)).To(ContainSubstring("TYPE: Image"))
	})
})
