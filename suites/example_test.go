package suites_test

import (
	"net"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

// startServer stands for the server of the reader: it listens on a free port and
// serves until stop is called.
func startServer() (addr net.Addr, stop func() error) {
	server, err := ftptest.Start(ftptest.Config{})
	if err != nil {
		panic(err)
	}
	return net.TCPAddrFromAddrPort(server.Addr()), server.Close
}

// The catalogue in a test of the server's own, without Ginkgo: one subtest for
// each requirement. TestFTP is what stands in the reader's file.
func ExampleTest() {
	TestFTP := func(t *testing.T) {
		addr, stop := startServer()
		t.Cleanup(func() { _ = stop() })
		target, err := probe.ParseTarget("ftp://pasv:embedded@" + addr.String())
		if err != nil {
			t.Fatal(err)
		}
		requirements, err := catalog.Select("PASV && must") // "" judges all
		if err != nil {
			t.Fatal(err)
		}
		suites.Test(t, &spec.Judge{Dialer: &probe.Dialer{}, Target: target}, requirements)
	}
	_ = TestFTP
}

// The same with Ginkgo: one spec for each requirement, with labels to select by.
// The server is started before the first of them is judged.
func ExampleDescribe() {
	judge := &spec.Judge{Dialer: &probe.Dialer{}}
	_ = func() bool {
		ginkgo.BeforeSuite(func() {
			addr, stop := startServer()
			ginkgo.DeferCleanup(stop)
			target, err := probe.ParseTarget("ftp://pasv:embedded@" + addr.String())
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			judge.Target = target
		})
		return suites.Describe(judge, catalog.All())
	}
	TestFTP := func(t *testing.T) {
		gomega.RegisterFailHandler(ginkgo.Fail)
		ginkgo.RunSpecs(t, "My FTP server")
	}
	_ = TestFTP
}
