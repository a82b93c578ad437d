package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/scenarios"
	"github.com/passiveftp/pasv/scenarios/library"
)

var _ = Describe("pasv load", func() {
	It("runs a built-in scenario at a rate, and says how the schedule was kept", func() {
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		s := pasv("load", "--scenario", "churn", "--set", "rate=30/s", "--set", "duration=500ms", "--json", file)
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("churn, open model"), MatchRegexp(`starts\s+p50 `), ContainSubstring("MET")))
		l := valid(file).Load
		Expect(l.Model).To(Equal("open"))
		Expect(l.Starts.Slip.Count + l.Dropped).To(Equal(int64(15)))
		Expect(l.Failures).To(BeEmpty())
	})

	It("tells refusals that the scenario expects from failures, and ends with 1 when a condition does not hold", func() {
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte("name: mine\nload: {sessions: 1, count: 3}\n"+
			"session: [login, retr: {path: nope}, expect: {code: 550}, quit]\nwant: [count(retr) > 0]\n"), 0o600)).To(Succeed())
		s := pasv("load", "--scenario", file)
		Expect(s).To(gexec.Exit(1))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("retr 3, as the scenario expects"), ContainSubstring("wanted count(retr) > 0, measured 0")))
	})

	It("prints every built-in scenario as it can be read again", func() {
		for _, name := range library.Names() {
			var out, errors bytes.Buffer
			Expect(run([]string{"load", "--print", name}, &out, &errors)).To(Equal(report.ExitOK))
			_, err := scenarios.Parse(name, out.Bytes())
			Expect(err).NotTo(HaveOccurred())
		}
	})

	It("spreads the sessions over several targets and sources, and shows a row for each target", func() {
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		s := pasv("load", "--scenario", "churn", "--set", "sessions=2", "--set", "duration=500ms", "--source", "127.0.0.2", "--source", "127.0.0.3",
			"--weight", "3,1", "--json", file, serve(), serve())
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("one of 2 targets of the load"), MatchRegexp(`target 2\s+ftp://pasv@127\.0\.0\.1:\d+/, weight 1`)))
		l := valid(file).Load
		Expect(l.Targets).To(HaveLen(2))
		Expect(l.Targets[0].Sessions).To(BeNumerically(">", l.Targets[1].Sessions))
		Expect(l.Generator.Shares).To(Equal(report.SharedMachine))
	})

	It("says first that this machine does not suffice, and how it would, and ends with 4", func() {
		if runtime.GOOS == "windows" {
			Skip("it has no limit on file descriptors")
		}
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		cmd := exec.Command("sh", "-c", `ulimit -n 64 && exec "$0" load --scenario hold --set sessions=100 --json "$1" "$2"`, os.Args[0], file, serve())
		cmd.Env = append(os.Environ(), asProgram+"=1", "PASV_PASSWORD=")
		s, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		Eventually(s).Should(gexec.Exit(4))
		Expect(string(s.Out.Contents())).To(HavePrefix("LIMIT  the generator was the limit"))
		Expect(string(s.Err.Contents())).To(MatchRegexp(`pasv: the load needs at least \d+ file descriptors, and this process can have 64: raise the limit with ulimit -n \d+`))
		Expect(valid(file).Load.Generator.Limits).To(HaveLen(1))
	})

	It("says first that it ran out of file descriptors, and ends with 4", func() {
		if runtime.GOOS == "windows" {
			Skip("it has no limit on file descriptors")
		}
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		Expect(os.WriteFile(file+".yaml", []byte("name: mine\nload: {model: open, at-most: 80, stages: [{rate: 400/s, for: 500ms}]}\nsession: [login, hold: 5s, quit]\n"), 0o600)).To(Succeed())
		cmd := exec.Command("sh", "-c", `ulimit -n 64 && exec "$0" load --scenario "$1.yaml" --json "$1" "$2"`, os.Args[0], file, serve())
		cmd.Env = append(os.Environ(), asProgram+"=1", "PASV_PASSWORD=")
		s, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		Eventually(s).Should(gexec.Exit(4))
		Expect(string(s.Out.Contents())).To(HavePrefix("LIMIT  the generator was the limit"))
		Expect(string(s.Err.Contents())).To(ContainSubstring("the load may need up to"))
		l := valid(file).Load
		Expect(l.Generator.Lacked).To(HaveKey("file descriptors"))
		Expect(l.DroppedFor).To(HaveKeyWithValue("file descriptors", l.Generator.Lacked["file descriptors"]))
	})

	It("refuses a scenario for TLS on a target without it", func() {
		url := serve()
		s := pasv("load", "--scenario", "tls-churn", url)
		Expect(s).To(gexec.Exit(3))
		Expect(string(s.Err.Contents())).To(ContainSubstring("the scenario needs TLS: give the target as ftpes:// or ftps://"))
	})
})
