package tls_test

import (
	"cmp"
	"fmt"
	"net"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/tls"
)

func TestTLS(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, tls.Area.Title)
}

var _ = func() bool {
	twins.Prove(tls.Area,
		twins.Setting{
			// The fixtures are put there without TLS, too.
			Name:   "a target that asks for no TLS",
			Faults: []string{"tls-auth-keeps-login", "tls-auth-class", "tls-resumption-refused", "tls-upload-refused", "tls-auth-keeps-type", "tls-clear-prot-after-login"},
			Apply:  func(c *ftptest.Config, j *spec.Judge) { plain(c, j) },
		},
		twins.Setting{
			Name:   "TLS is required",
			Faults: []string{"tls-login-optional"},
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				c.RequireTLS, j.Declared.TLSRequired = true, true
			},
		},
		twins.Setting{
			Name:   "TLS is required for data",
			Faults: []string{"tls-data-optional"},
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				c.RequireDataTLS, j.Declared.TLSRequiredData = true, true
			},
		},
		twins.Setting{
			Name:   "reuse is required",
			Faults: []string{"tls-reuse-complete"},
			Apply:  func(c *ftptest.Config, _ *spec.Judge) { c.RequireReuse = true },
		},
	)
	return true
}()

// plain has the target ask for no TLS. The server's address has to be known before
// it is started.
func plain(c *ftptest.Config, j *spec.Judge) {
	ln, err := net.Listen("tcp", cmp.Or(c.Addr, "127.0.0.1:0"))
	Expect(err).NotTo(HaveOccurred())
	c.Addr = ln.Addr().String()
	Expect(ln.Close()).To(Succeed())
	j.Target, err = probe.ParseTarget(fmt.Sprintf("ftp://pasv:embedded@%s/", c.Addr))
	Expect(err).NotTo(HaveOccurred())
}
