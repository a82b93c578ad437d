package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// stuck is a tree from which nothing can be removed before it is released.
type stuck struct {
	ftptest.FS
	asked    chan string
	released chan struct{}
}

func (s *stuck) Remove(path string) error {
	select {
	case s.asked <- path:
	default:
	}
	<-s.released
	return s.FS.Remove(path)
}

// tree lists every path below a folder.
func tree(dir string) []string {
	GinkgoHelper()
	var paths []string
	Expect(filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})).To(Succeed())
	return paths
}

var _ = Describe("An interrupt", func() {
	BeforeEach(func() {
		if runtime.GOOS == "windows" {
			Skip("a console interrupt cannot be sent to one process on Windows")
		}
	})

	DescribeTable("ends the job in order with a partial report, exit 4, and leaves nothing on the server",
		func(faults []string, busy string, args ...string) {
			root := GinkgoT().TempDir()
			Expect(os.WriteFile(filepath.Join(root, "mine.txt"), []byte("mine\n"), 0o600)).To(Succeed())
			before := tree(root)
			dir, err := ftptest.Dir(root)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(dir.Close)
			config := ftptest.Config{FS: dir}
			for _, name := range faults {
				f, ok := ftptest.LookupFault(name)
				Expect(ok).To(BeTrue())
				config.Faults = append(config.Faults, f)
			}
			server, err := ftptest.Start(config)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(server.Close)

			file := filepath.Join(GinkgoT().TempDir(), "report.json")
			s := start(nil, append(args, "--json", file, server.URL())...)
			Eventually(s.Err).Should(gbytes.Say(busy))
			commands := server.Stats().Commands
			Eventually(func() int64 { return server.Stats().Commands }).Should(BeNumerically(">", commands+5))
			s.Interrupt()
			Eventually(s, 20*time.Second).Should(gexec.Exit(4))

			r := valid(file)
			Expect(r.Partial).To(BeTrue())
			Expect(string(s.Out.Contents())).To(ContainSubstring("PARTIAL"))
			Eventually(func() int64 { return server.Stats().OpenSessions }).Should(BeZero())
			Expect(tree(root)).To(Equal(before))
		},
		Entry("check", nil, "check: started", "check"),
		Entry("load", nil, "load: started", "load", "--scenario", "testdata/upload.yaml"),
		Entry("diagnose", []string{"slow-reply"}, "diagnose: started", "diagnose", "--samples", "1000"),
		Entry("run", nil, "check: started", "run"),
	)

	It("ends at once when it comes twice", func() {
		dir, err := ftptest.Dir(GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(dir.Close)
		tree := &stuck{FS: dir, asked: make(chan string, 1), released: make(chan struct{})}
		server, err := ftptest.Start(ftptest.Config{FS: tree})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		DeferCleanup(func() { close(tree.released) })

		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		s := start(nil, "load", "--scenario", "testdata/upload.yaml", "--json", file, server.URL())
		Eventually(s.Err).Should(gbytes.Say("load: 00:01"))
		s.Interrupt()
		Eventually(s.Err).Should(gbytes.Say("once more ends at once"))
		Eventually(tree.asked).Should(Receive(), "the first has it clean up")
		Expect(s).NotTo(gexec.Exit())
		s.Interrupt()
		Eventually(s).Should(gexec.Exit(4))
		Expect(file).NotTo(BeAnExistingFile(), "the second leaves no time for a report")
		Expect(s.Out.Contents()).To(BeEmpty())
	})
})
