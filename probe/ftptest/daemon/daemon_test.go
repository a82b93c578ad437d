package daemon_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

// TestFetch gets every daemon's packages. `.ci/test` calls it by this name, so that no
// other test waits for a download.
func TestFetch(t *testing.T) {
	for _, kind := range daemon.All() {
		t.Run(kind.String(), func(t *testing.T) {
			dir, err := daemon.Fetch(t.Context(), kind)
			if err != nil && os.Getenv("CI") != "true" {
				t.Skipf("NOT FETCHED: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			again, err := daemon.Fetch(t.Context(), kind)
			if err != nil || again != dir {
				t.Fatalf("fetched again: %q, %v; want %q", again, err, dir)
			}
		})
	}
}

var _ = Describe("a daemon", func() {
	for _, kind := range daemon.All() {
		for _, secure := range []bool{false, true} {
			for _, addr := range []string{"127.0.0.1", "::1"} {
				Context(fmt.Sprintf("%s, TLS %v, on %s", kind, secure, addr), Label(kind.String()), func() {
					v4 := addr == "127.0.0.1"
					var d *daemon.Daemon
					BeforeEach(func() {
						d = daemon.Start(GinkgoTB(), kind, daemon.Options{Addr: addr, TLS: secure})
					})

					It("serves the account", func() {
						By("refusing a wrong password")
						c := dial(d, secure)
						c.do(331, "USER %s", d.User)
						c.do(530, "PASS %s", "wrong"+d.Pass)

						By("accepting the right one")
						c = dial(d, secure).login()

						By("listing and sending fixtures")
						Expect(c.download(v4, "LIST")).To(ContainSubstring("pub"))
						Expect(c.download(false, "NLST pub")).To(ContainSubstring("4k.bin"))
						want, err := os.ReadFile(filepath.Join(d.Root, "pub", "1m.bin"))
						Expect(err).NotTo(HaveOccurred())
						Expect(c.download(v4, "RETR pub/1m.bin") == string(want)).To(BeTrue(), "1m.bin differs")

						By("changing what is there")
						c.do(257, "MKD new")
						c.upload(v4, "new/a", "some content")
						Expect(os.ReadFile(filepath.Join(d.Root, "new", "a"))).To(BeEquivalentTo("some content"))
						c.do(350, "RNFR new/a")
						c.do(250, "RNTO new/b")
						Expect(c.download(v4, "RETR new/b")).To(Equal("some content"))
						c.do(250, "DELE new/b")
						c.do(250, "RMD new")
						Expect(filepath.Join(d.Root, "new")).NotTo(BeAnExistingFile())

						By("letting the session overwrite what a test put there")
						Expect(d.WriteFile("made/by/test", []byte("old"))).To(Succeed())
						c.upload(false, "made/by/test", "new")
						Expect(c.download(false, "RETR made/by/test")).To(Equal("new"))
						c.do(221, "QUIT")
					})
				})
			}
		}

		Context(kind.String(), Label(kind.String()), func() {
			It("is gone, children and all, after the test", func() {
				tb := &endedTB{TB: GinkgoTB()}
				d := daemon.Start(tb, kind, daemon.Options{})
				c := dial(d, false).login()
				process, err := os.FindProcess(d.PID)
				Expect(err).NotTo(HaveOccurred())
				Expect(process.Signal(syscall.Signal(0))).To(Succeed())

				tb.end()
				Expect(process.Signal(syscall.Signal(0))).To(MatchError(os.ErrProcessDone))
				_, err = c.ReadLine()
				Expect(err).To(HaveOccurred(), "the session survived its daemon")
			})

			It("advertises the address it is told to", func() {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{Advertise: "127.0.0.2"})
				Expect(dial(d, false).login().do(227, "PASV")).To(ContainSubstring("127,0,0,2,"))
			})

			It("offers the passive ports it is told to", func() {
				// The ports of another daemon, which does not use them now. The client
				// compares the port of every reply with the daemon's range.
				other := daemon.Start(GinkgoTB(), kind, daemon.Options{})
				want := [2]uint16{other.PassivePorts[0] + 4, other.PassivePorts[0] + 11}
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{PassivePorts: want})
				Expect(d.PassivePorts).To(Equal(want))
				c := dial(d, false).login()
				for range 20 {
					Expect(c.passive(false).Close()).To(Succeed())
				}
			})

			It("keeps files as they are where it is told to", func() {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{ReadOnly: true})
				c := dial(d, false).login()
				c.do(550, "MKD new")
				Expect(filepath.Join(d.Root, "new")).NotTo(BeAnExistingFile())
				Expect(c.download(false, "RETR pub/hello.txt")).To(HavePrefix("Hello"))
			})

			It("has a URL that holds its account", func() {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{})
				u, err := url.Parse(d.URL())
				Expect(err).NotTo(HaveOccurred())
				password, _ := u.User.Password()
				Expect([]string{u.Scheme, u.Host, u.User.Username(), password}).To(
					Equal([]string{"ftp", d.Addr.String(), d.User, d.Pass}))
			})
		})
	}

	for _, kind := range []daemon.Kind{daemon.VSFTPD, daemon.ProFTPD} {
		It("can demand that data connections resume the TLS session: "+kind.String(), Label(kind.String()), func() {
			d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: true, RequireReuse: true})
			c := dial(d, true).login()
			Expect(c.download(true, "RETR pub/hello.txt")).To(HavePrefix("Hello"))

			c = dial(d, true).login()
			c.tls = c.tls.Clone()
			c.tls.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			data := c.passive(true)
			Expect(c.PrintfLine("RETR pub/hello.txt")).To(Succeed())
			c.expect(1)
			t := tls.Client(data, c.tls)
			if t.Handshake() == nil { // vsftpd refuses after the handshake, and waits for the client to give up
				Expect(io.ReadAll(t)).To(BeEmpty())
			}
			Expect(data.Close()).To(Succeed())
			line, err := c.ReadLine()
			Expect(err).NotTo(HaveOccurred())
			Expect(strings.HasPrefix(line, "4") || strings.HasPrefix(line, "5")).To(BeTrue(), line)
		})
	}
})

// endedTB lets a spec see what happens when a test ends.
type endedTB struct {
	daemon.TB
	cleanups []func()
}

func (tb *endedTB) Cleanup(f func()) { tb.cleanups = append(tb.cleanups, f) }

func (tb *endedTB) end() {
	for i := len(tb.cleanups) - 1; i >= 0; i-- {
		tb.cleanups[i]()
	}
}
