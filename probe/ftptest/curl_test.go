package ftptest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

var _ = Describe("curl", func() {
	var ca string
	var cfg ftptest.Config
	// curl runs curl and returns what it prints.
	curl := func(args ...string) []byte {
		GinkgoHelper()
		cmd := exec.Command("curl", append([]string{"--silent", "--show-error", "--max-time", "20", "--cacert", ca}, args...)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		Expect(err).NotTo(HaveOccurred(), errs.String())
		return out
	}

	BeforeEach(func() {
		if _, err := exec.LookPath("curl"); err != nil {
			Skip("NOT TESTED with a foreign client: curl is missing; install it with: apt-get install curl")
		}
		serverTLS, pem, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		ca = filepath.Join(GinkgoT().TempDir(), "ca.pem")
		Expect(os.WriteFile(ca, pem, 0o600)).To(Succeed())
		cfg = ftptest.Config{TLS: serverTLS}
	})

	DescribeTable("lists, uploads, downloads and resumes", func(change func(*ftptest.Config), options ...string) {
		change(&cfg)
		srv := start(cfg)
		url := strings.Replace(srv.URL(), "ftpes:", "ftp:", 1)
		content := bytes.Repeat([]byte("content\r\n\x00\xff"), 100_000)
		local := filepath.Join(GinkgoT().TempDir(), "file")
		Expect(os.WriteFile(local, content, 0o600)).To(Succeed())
		with := func(args ...string) []byte {
			GinkgoHelper()
			return curl(append(options, args...)...)
		}

		with("--upload-file", local, url+"new/file", "--ftp-create-dirs")
		Expect(bytes.Equal(with(url+"new/file"), content)).To(BeTrue())
		Expect(bytes.Equal(with("--continue-at", "1000", url+"new/file"), content[1000:])).To(BeTrue())
		Expect(strings.Fields(string(with("--list-only", url+"new/")))).To(Equal([]string{"file"}))
		Expect(string(with(url+"pub/sub/", url+"pub/hello.txt"))).To(And(ContainSubstring("inner.txt"), ContainSubstring("Goodbye.\n")))
		with("--append", "--upload-file", local, url+"new/file")
		Expect(with(url + "new/file")).To(HaveLen(2 * len(content)))
		with("--quote", "DELE new/file", "--quote", "RMD new", url)
	},
		Entry("over PASV", func(*ftptest.Config) {}, "--disable-epsv"),
		Entry("over EPSV", func(*ftptest.Config) {}),
		Entry("over PORT", func(*ftptest.Config) {}, "--ftp-port", "-", "--disable-eprt"),
		Entry("over EPRT", func(*ftptest.Config) {}, "--ftp-port", "-"),
		Entry("with TLS 1.2", func(*ftptest.Config) {}, "--ssl-reqd", "--tls-max", "1.2"),
		Entry("with TLS 1.3", func(*ftptest.Config) {}, "--ssl-reqd", "--tlsv1.3"),
		Entry("with resumed TLS", func(c *ftptest.Config) { c.RequireReuse = true }, "--ssl-reqd", "--tlsv1.3"),
		Entry("with implicit TLS", func(c *ftptest.Config) { c.Implicit = true }, "--ssl-reqd"),
		Entry("with TLS until CCC", func(*ftptest.Config) {}, "--ssl-reqd", "--ftp-ssl-ccc"),
		Entry("in a directory", func(c *ftptest.Config) { c.FS = directory() }),
	)
})
