package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/scenarios/library"
)

var _ = Describe("Wrong usage", func() {
	DescribeTable("ends with 2 and one clear line",
		func(message string, args ...string) {
			s := pasv(args...)
			Expect(s).To(gexec.Exit(2))
			Expect(string(s.Out.Contents())).To(BeEmpty())
			Expect(string(s.Err.Contents())).To(Equal("pasv: " + message + "\n"))
		},
		Entry("an unknown command", `unknown command "bogus" for "pasv"`, "bogus"),
		Entry("an unknown flag", "unknown flag: --bogus", "check", "--bogus"),
		Entry("two targets", "accepts at most 1 arg(s), received 2", "check", "a", "b"),
		Entry("no URL", "target: a target is a URL like ftp://user@host:21/dir", "check", "host"),
		Entry("another scheme", "target: the scheme is none of ftp, ftpes, ftps", "run", "http://host/"),
		Entry("an impossible port", `target: port "99999" is not between 1 and 65535`, "load", "ftp://u:hunter2@host:99999/"),
		Entry("an unknown requirement", `"PASV-999" is no requirement, finding, fault or variant; see "pasv list"`, "explain", "PASV-999"),
		Entry("a filter that matches nothing", `--filter: filter "PASV-999" matches no requirement`, "check", "--filter", "PASV-999"),
		Entry("a filter that is none", `--filter: filter "(PASV": Mismatched '(' - could not find matching ')'.`, "check", "--filter", "(PASV"),
		Entry("an unknown threshold", `--fail-on: "never" is none of fail, warn, warn:critical, warn:major`, "check", "--fail-on", "never"),
		Entry("no job at all", "--jobs must be at least 1", "check", "-j", "0"),
		Entry("no time at all", "--repeat must be at least 1", "check", "--repeat", "0"),
		Entry("a requirement that must not be skipped and does not exist", `--require: "PASV-999" is no requirement`, "check", "--require", "PASV-999"),
		Entry("an unreadable baseline", "--baseline: open does/not/exist.yaml: no such file or directory", "check", "--baseline", "does/not/exist.yaml"),
		Entry("a fact that cannot be declared", `invalid argument "moon=full" for "--declare" flag: what can be declared is `+declared, "check", "--declare", "moon=full"),
		Entry("a fact without its value", `invalid argument "quota" for "--declare" flag: quota is a number of octets`, "check", "--declare", "quota"),
		Entry("an impossible source", `--source: "here" is not an address`, "check", "--source", "here"),
		Entry("a source that is not of this machine", "--source: connections cannot come from 192.0.2.77: cannot assign requested address", "load", "--source", "192.0.2.77"),
		Entry("weights without targets", "--weight has 2 numbers, and there are 1 targets", "load", "--weight", "3,1", "ftp://u@host/"),
		Entry("a weight of nothing", "--weight: 0 is not between 1 and 100", "load", "--weight", "3,0", "ftp://u@host/", "ftp://u@other/"),
		Entry("a second target that is none", "target: a target is a URL like ftp://user@host:21/dir", "load", "ftp://u@host/", "other"),
		Entry("an unknown scenario", `scenario "nope" is neither built in (`+strings.Join(library.Names(), ", ")+`) nor a file`, "load", "--scenario", "nope"),
		Entry("an unreadable scenario", "open does/not/exist.yaml: no such file or directory", "load", "--scenario", "does/not/exist.yaml"),
		Entry("an unknown fault", `--fault: no fault is named "nope"; see "pasv list faults"`, "serve", "--fault", "nope"),
		Entry("an unknown variant", `--variant: no variant is named "nope"; see "pasv list variants"`, "serve", "--variant", "nope"),
		Entry("an impossible range", `--pasv-range: "9-1" is not a range of ports like 50000-50100`, "serve", "--pasv-range", "9-1"),
		Entry("no patience", "--timeout must be more than 0", "diagnose", "--timeout", "0"),
	)

	It("names line and column of an invalid scenario", func() {
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte("name: mine\nload:\n  model: closed\n  sessions: many\nsession:\n  - login\n"), 0o600)).To(Succeed())
		s := pasv("load", "--scenario", file)
		Expect(s).To(gexec.Exit(2))
		Expect(string(s.Err.Contents())).To(HavePrefix("pasv: " + file + ":4:13: "))
	})

	It("never repeats a password", func() {
		for _, url := range []string{"ftp://u:hunter2@host:99999/", "ftp://u:hunter%zz2@host/", "ftp://u:hunter/zz2@host/", "ftp://u:hunter2@[::1/", "ftp://u:hunter2@ho st/", "http://u:hunter2@host/"} {
			s := pasv("check", url)
			Expect(s).To(gexec.Exit(2), url)
			Expect(string(s.Err.Contents())).NotTo(Or(ContainSubstring("hunter"), ContainSubstring("zz")), url)
		}
	})
})

var _ = Describe("A target that cannot be judged", func() {
	// listen starts a service that answers every connection with some text
	// and keeps it open.
	listen := func(answer string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		done := make(chan struct{})
		go func() {
			defer close(done)
			var open []net.Conn
			for {
				c, err := l.Accept()
				if err != nil {
					break
				}
				_, _ = c.Write([]byte(answer))
				open = append(open, c)
			}
			for _, c := range open {
				_ = c.Close()
			}
		}()
		DeferCleanup(func() {
			_ = l.Close()
			<-done
		})
		return l.Addr().String()
	}

	DescribeTable("ends with 3 and one clear line",
		func(answer, message string) {
			address := listen(answer)
			if answer == "closed" {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				Expect(err).NotTo(HaveOccurred())
				address = l.Addr().String()
				Expect(l.Close()).To(Succeed())
			}
			for _, job := range []string{"check", "load", "diagnose", "run"} {
				s := pasv(job, "--timeout", "500ms", "ftp://user:hunter2@"+address+"/")
				Expect(s).To(gexec.Exit(3), job)
				said := string(s.Err.Contents()) + string(s.Out.Contents())
				Expect(strings.Join(strings.Fields(said), " ")).To(ContainSubstring(message), job)
				Expect(said).NotTo(ContainSubstring("hunter2"))
				Expect(said).NotTo(ContainSubstring("goroutine"))
				if job != "diagnose" {
					Expect(string(s.Out.Contents())).To(BeEmpty(), job)
					lines := strings.Split(strings.TrimSpace(string(s.Err.Contents())), "\n")
					Expect(lines).To(ContainElement(HavePrefix("pasv: cannot use ftp://user@"+address+"/: ")), job)
				}
			}
		},
		Entry("when nothing listens", "closed", "connection refused"),
		Entry("when it is silent", "", "no greeting"),
		Entry("when it speaks HTTP", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 Bad Request"),
		Entry("when it sends escape sequences", "\x1b[2J\x1b]0;owned\x07\r\n", `\x1b[2J`),
		Entry("when it turns clients away", "421 Too many connections\r\n", "421 Too many connections"),
	)

	It("ends with 3 when the login is refused, and does not say the password", func() {
		url := strings.Replace(serve("--user", "alice:hunter2"), "hunter2", "hunter3", 1)
		for _, job := range []string{"check", "load", "diagnose", "run"} {
			s := pasv(job, url)
			Expect(s).To(gexec.Exit(3), job)
			said := string(s.Err.Contents()) + string(s.Out.Contents())
			Expect(said).To(ContainSubstring("530"), job)
			Expect(said).NotTo(ContainSubstring("hunter"), job)
		}
	})
})
