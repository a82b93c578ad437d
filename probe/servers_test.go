package probe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

// embedded is the name of ftptest among the servers.
const embedded = "ftptest"

// server is one that the wire is tried with. It offers plain sessions and TLS.
type server struct {
	name string
	addr netip.AddrPort
	user string
	pass string
	ca   []byte
	home string // the account's, on this machine
}

// serve runs a server until the container ends. Only ftptest has faults.
func serve(name, addr string, reuse bool, faults ...string) *server {
	GinkgoHelper()
	for _, kind := range daemon.All() {
		if kind.String() == name {
			d := daemon.Start(GinkgoTB(), kind, daemon.Options{Addr: addr, TLS: true, RequireReuse: reuse})
			ca, err := os.ReadFile(d.CA)
			Expect(err).NotTo(HaveOccurred())
			return &server{name, d.Addr, d.User, d.Pass, ca, d.Root}
		}
	}
	home := GinkgoT().TempDir()
	dir, err := ftptest.Dir(home)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(dir.Close)
	conf, ca, err := ftptest.SelfSigned()
	Expect(err).NotTo(HaveOccurred())
	var broken []ftptest.Fault
	for _, fault := range faults {
		f, ok := ftptest.LookupFault(fault)
		Expect(ok).To(BeTrue(), fault)
		broken = append(broken, f)
	}
	srv, err := ftptest.Start(ftptest.Config{
		Faults: broken,
		Addr:   netip.AddrPortFrom(netip.MustParseAddr(addr), 0).String(),
		FS:     dir, TLS: conf, RequireReuse: reuse, Hosts: []string{"localhost"},
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(srv.Close)
	return &server{embedded, srv.Addr(), "pasv", "embedded", ca, home}
}

// put makes a file of that many octets in the account, most of them in no block
// of the disk if it is sparse.
func (srv *server) put(name string, content []byte, size int64) {
	GinkgoHelper()
	at := filepath.Join(srv.home, name)
	Expect(os.WriteFile(at, content, 0o644)).To(Succeed())
	Expect(os.Truncate(at, size)).To(Succeed())
	// The daemons serve the home's owner.
	if os.Getuid() == 0 && srv.name != embedded {
		Expect(os.Chown(at, 65534, 65534)).To(Succeed())
	}
}

// get is what a file in the account holds.
func (srv *server) get(name string) []byte {
	GinkgoHelper()
	b, err := os.ReadFile(filepath.Join(srv.home, name))
	Expect(err).NotTo(HaveOccurred())
	return b
}

// target is the server as a session with that version of TLS, or 0 for none, is
// opened to it.
func (srv *server) target(version uint16) (*probe.Dialer, probe.Target) {
	d := &probe.Dialer{Timeout: patience}
	t := probe.Target{Host: srv.addr.Addr().String(), Port: srv.addr.Port(), User: srv.user, Pass: probe.Secret(srv.pass)}
	if version != 0 {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(srv.ca)
		d.TLS = &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version}
		t.Security = probe.Explicit
	}
	return d, t
}

// patience is for one step of a session; the machine may be busy.
const patience = 20 * time.Second

// open opens a session that is closed when the spec ends, and shown if it failed.
func (srv *server) open(ctx context.Context, version uint16, configure ...func(*probe.Dialer)) *probe.Session {
	GinkgoHelper()
	d, t := srv.target(version)
	for _, c := range configure {
		c(d)
	}
	s, err := d.Open(ctx, t)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		s.Close()
		if CurrentSpecReport().Failed() {
			for _, line := range s.Transcript().Lines() {
				AddReportEntry(line.Dir.String(), line.Text)
			}
		}
	})
	return s
}
