package main

import (
	"bytes"
	"os"
	"path/filepath"

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

	It("refuses a scenario for TLS on a target without it", func() {
		url := serve()
		s := pasv("load", "--scenario", "tls-churn", url)
		Expect(s).To(gexec.Exit(3))
		Expect(string(s.Err.Contents())).To(ContainSubstring("the scenario needs TLS: give the target as ftpes:// or ftps://"))
	})
})
