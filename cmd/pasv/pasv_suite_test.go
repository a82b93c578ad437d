package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// asProgram makes the test binary behave as pasv itself, so that the specs
// start the real program without building it.
const asProgram = "PASV_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestPasv(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(time.Minute)
	RunSpecs(t, "pasv")
}

// start starts pasv with arguments; more of the environment may be given.
func start(env []string, args ...string) *gexec.Session {
	GinkgoHelper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asProgram+"=1", "PASV_PASSWORD="), env...)
	session, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { session.Kill().Wait() })
	return session
}

// pasv runs pasv to its end.
func pasv(args ...string) *gexec.Session {
	GinkgoHelper()
	session := start(nil, args...)
	Eventually(session, 5*time.Minute).Should(gexec.Exit())
	return session
}

var serving = regexp.MustCompile(`serving on (\S+)`)

// serve starts "pasv serve" on a free port and returns its URL.
func serve(args ...string) string {
	GinkgoHelper()
	session := start(nil, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	Eventually(session).Should(gbytes.Say(`serving on \S+`))
	return string(serving.FindSubmatch(session.Out.Contents())[1])
}
