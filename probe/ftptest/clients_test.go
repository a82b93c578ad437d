package ftptest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// Clients that people use, as judges of the server: they leave with code 0, have
// nothing to complain about, and what they bring is what was there.
var _ = Describe("a client of the field", func() {
	const limit = NodeTimeout(time.Minute)
	var (
		dir     string // of this machine, to work in
		ca      string
		conf    ftptest.Config
		content []byte
	)
	BeforeEach(func() {
		serverTLS, pem, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		conf = ftptest.Config{TLS: serverTLS}
		dir = GinkgoT().TempDir()
		ca = filepath.Join(dir, "ca.pem")
		Expect(os.WriteFile(ca, pem, 0o600)).To(Succeed())
		content = bytes.Repeat([]byte("content\r\n\x00\xff"), 100_000)
		Expect(os.WriteFile(filepath.Join(dir, "file"), content, 0o600)).To(Succeed())
	})

	// run runs a client with its standard input and returns what it prints.
	run := func(ctx context.Context, stdin, name string, args ...string) string {
		GinkgoHelper()
		if _, err := exec.LookPath(name); err != nil {
			message := "NOT TESTED with a foreign client: install it with: apt-get install " + name
			if os.Getenv("CI") == "true" {
				Fail(message)
			}
			Skip(message)
		}
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		// Nothing that belongs to whoever runs the tests.
		cmd.Env = []string{"HOME=" + dir, "LC_ALL=C", "PATH=" + os.Getenv("PATH")}
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		Expect(err).NotTo(HaveOccurred(), "%s\n%s", out, &errs)
		Expect(errs.String()).To(BeEmpty())
		return string(out)
	}
	local := func(name string) []byte {
		GinkgoHelper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		Expect(err).NotTo(HaveOccurred())
		return b
	}
	write := func(name string, b []byte) {
		GinkgoHelper()
		Expect(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(dir, name), b, 0o600)).To(Succeed())
	}
	same := func(name string) {
		GinkgoHelper()
		Expect(bytes.Equal(local(name), content)).To(BeTrue(), name)
	}

	DescribeTable("curl", func(ctx SpecContext, options ...string) {
		srv := start(conf)
		url := strings.Replace(srv.URL(), "ftpes:", "ftp:", 1)
		curl := func(args ...string) string {
			GinkgoHelper()
			return run(ctx, "", "curl", append(append([]string{"--silent", "--show-error", "--cacert", ca}, options...), args...)...)
		}
		curl("--upload-file", "file", url+"new/file", "--ftp-create-dirs")
		curl(url+"new/file", "--output", "back")
		same("back")
		Expect(strings.Fields(curl("--list-only", url+"new/"))).To(ConsistOf("file"))
		Expect(curl(url + "new/")).To(MatchRegexp(`\b%d .* file\b`, len(content)))

		write("part", content[:1000])
		curl("--continue-at", "-", "--output", "part", url+"new/file")
		same("part")
		write("half", content[:500_000])
		curl("--upload-file", "half", url+"new/half")
		curl("--continue-at", "-", "--upload-file", "file", url+"new/half")
		curl("--output", "halves", url+"new/half")
		same("halves")
	},
		Entry("in clear text", limit),
		Entry("under TLS", limit, "--ssl-reqd"),
	)

	DescribeTable("lftp", func(ctx SpecContext, reuse bool, settings ...string) {
		conf.RequireReuse = reuse
		srv := start(conf)
		lftp := func(commands ...string) string {
			GinkgoHelper()
			before := []string{
				"set cmd:fail-exit yes", "set net:max-retries 1", "set net:timeout 20", "set xfer:verify no", "set ssl:ca-file " + ca,
			}
			before = append(append(before, settings...), "open -u pasv,embedded ftp://"+srv.Addr().String())
			return run(ctx, "", "lftp", "-c", strings.Join(append(before, commands...), "; "))
		}
		lftp("mkdir new", "put file -o new/file", "get new/file -o back")
		same("back")
		Expect(strings.Fields(lftp("cls -1 new"))).To(ConsistOf("new/file"))
		Expect(lftp("ls new")).To(MatchRegexp(`\b%d .* file\b`, len(content)))

		write("part", content[:1000])
		lftp("get -c new/file -o part")
		same("part")
		write("half", content[:500_000])
		lftp("put half -o new/half", "put -c file -o new/half", "get new/half -o halves")
		same("halves")

		for i := range 5 {
			write(fmt.Sprintf("tree/%d/%d/leaf %d", i, i*i, i), content[:i*1000])
		}
		lftp("mirror --reverse tree there", "mirror there again")
		for i := range 5 {
			leaf := fmt.Sprintf("%d/%d/leaf %d", i, i*i, i)
			Expect(local("again/" + leaf)).To(Equal(local("tree/" + leaf)))
		}
		Expect(lftp("mirror --dry-run there again")).To(BeEmpty(), "nothing is left to be done")
	},
		Entry("in clear text", limit, false, "set ftp:ssl-allow no"),
		Entry("in clear text over EPSV", limit, false, "set ftp:ssl-allow no", "set ftp:prefer-epsv yes"),
		Entry("in clear text over PORT", limit, false, "set ftp:ssl-allow no", "set ftp:passive-mode no"),
		Entry("under TLS", limit, false, "set ftp:ssl-force yes", "set ftp:ssl-protect-data yes"),
		Entry("under TLS that has to be resumed", limit, true, "set ftp:ssl-force yes", "set ftp:ssl-protect-data yes"),
	)

	DescribeTable("tnftp", func(ctx SpecContext, options ...string) {
		conf.TLS = nil
		srv := start(conf)
		url := srv.URL()
		tnftp := func(args ...string) string {
			GinkgoHelper()
			return run(ctx, "", "tnftp", append(append([]string{"-V"}, options...), args...)...)
		}
		tnftp("-u", url+"file", "file")
		tnftp("-o", "back", url+"file")
		same("back")
		write("part", content[:1000])
		tnftp("-R", "-o", "part", url+"file")
		same("part")

		at := srv.Addr()
		run(ctx, "user pasv embedded\nmkdir new\ncd new\nbinary\nput file\nget file again\nnlist . names\nls . lines\nbye\n",
			"tnftp", append(options, "-V", "-n", "-i", at.Addr().String(), fmt.Sprint(at.Port()))...)
		same("again")
		Expect(strings.Fields(string(local("names")))).To(ConsistOf(HaveSuffix("file")))
		Expect(string(local("lines"))).To(MatchRegexp(`\b%d .* file\b`, len(content)))
	},
		Entry("in passive mode", limit, "-p"),
		Entry("in active mode", limit, "-A"),
	)
})
