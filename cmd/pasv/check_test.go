package main

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("The flags of pasv check", func() {
	const quick = "/PASV-00[1-5]/"

	// verdicts are those of a report, by ID.
	verdicts := func(file string) map[string]report.Verdict {
		GinkgoHelper()
		seen := map[string]report.Verdict{}
		for _, r := range valid(file).Check.Results {
			seen[r.ID] = r.Verdict
		}
		return seen
	}

	It("accept by a baseline what it lists, and call what is gone stale", func() {
		dir := GinkgoT().TempDir()
		file, out := filepath.Join(dir, "accepted.yaml"), filepath.Join(dir, "report.json")
		wrong, right := serve("--fault", "pasv-no-parentheses"), serve()

		s := pasv("check", "--fail-on", "warn", "--filter", quick, "--write-baseline", file, wrong)
		Expect(s).To(gexec.Exit(1), "writing it accepts nothing yet")
		Expect(os.ReadFile(file)).To(And(ContainSubstring("id: PASV-003"), ContainSubstring("verdict: warn"), ContainSubstring("reason: ")))

		Expect(pasv("check", "--fail-on", "warn", "--filter", quick, "--baseline", file, "--json", out, wrong)).To(gexec.Exit(0))
		Expect(verdicts(out)).To(HaveKeyWithValue("PASV-003", report.XFail))

		s = pasv("check", "--filter", quick, "--baseline", file, "--json", out, right)
		Expect(s).To(gexec.Exit(1), "an entry is stale")
		Expect(verdicts(out)).To(HaveKeyWithValue("PASV-003", report.XPass))
		Expect(string(s.Out.Contents())).To(ContainSubstring("although the baseline says that it is not"))

		Expect(pasv("check", "--filter", "PASV-001", "--baseline", file, right)).To(gexec.Exit(0), "what is not judged is not stale")

		Expect(os.WriteFile(file, []byte("baseline:\n  - {id: PASV-003, reason: x, expires: 2020-01-01}\n"), 0o600)).To(Succeed())
		Expect(pasv("check", "--fail-on", "warn", "--filter", quick, "--baseline", file, wrong)).To(gexec.Exit(1), "it has expired")

		Expect(os.WriteFile(file, []byte("baseline:\n  - id: PASV-003\n    raison: x\n"), 0o600)).To(Succeed())
		s = pasv("check", "--baseline", file, right)
		Expect(s).To(gexec.Exit(2))
		Expect(string(s.Err.Contents())).To(HavePrefix("pasv: --baseline: " + file + ":3:"))
	})

	It("make a failure of a skip that must not be", func() {
		s := pasv("check", "--filter", "TLS-001 || PASV-001", "--require", "tls-001", serve())
		Expect(s).To(gexec.Exit(1))
		Expect(string(s.Out.Contents())).To(ContainSubstring("required by --require, but skipped: "))
	})

	It("stop at the first verdict that counts", func() {
		out := filepath.Join(GinkgoT().TempDir(), "report.json")
		Expect(pasv("check", "-j", "1", "--fail-fast", "--filter", "PASV", "--json", out, serve("--fault", "pasv-unimplemented"))).To(gexec.Exit(1))
		run := valid(out)
		Expect(run.Partial).To(BeFalse())
		Expect(run.Check.Results[len(run.Check.Results)-1].Verdict).To(Equal(report.Fail))
		Expect(len(run.Check.Results)).To(BeNumerically("<", 5))
	})

	It("judge several times", func() {
		out := filepath.Join(GinkgoT().TempDir(), "report.json")
		Expect(pasv("check", "--repeat", "3", "--filter", quick, "--json", out, serve())).To(gexec.Exit(0))
		Expect(verdicts(out)).To(HaveLen(5))
	})

	It("write nothing when asked to read only, and otherwise remove what they wrote", func() {
		root := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(root, "mine.txt"), []byte("mine"), 0o600)).To(Succeed())
		url := serve("--root", root)
		for _, args := range [][]string{{"--read-only"}, nil} {
			s := pasv(append(append([]string{"check", "--filter", "XFER || DIR"}, args...), url)...)
			Expect(s.ExitCode()).To(Equal(0), "%s", s.Out.Contents())
			Expect(names(root)).To(Equal([]string{"mine.txt"}), "%v", args)
		}
	})

	It("remove what a killed run left behind, and nothing else", func() {
		root := GinkgoT().TempDir()
		url := serve("--root", root)
		Expect(os.MkdirAll(filepath.Join(root, "pasv-check-mine"), 0o700)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(root, "mine.txt"), []byte("mine"), 0o600)).To(Succeed())
		s := start(nil, "check", "--filter", "XFER || DIR || PASV", url)
		Eventually(func() int { return len(names(root)) }, time.Minute).Should(Equal(3), "the run has made its directory")
		s.Kill()
		Eventually(s, time.Minute).Should(gexec.Exit())

		s = pasv("check", "--cleanup", url)
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(MatchRegexp("^removed pasv-check-[0-9a-f]{12}\n$"))
		Expect(names(root)).To(Equal([]string{"mine.txt", "pasv-check-mine"}))
		Expect(string(pasv("check", "--cleanup", url).Out.Contents())).To(Equal("nothing was left\n"))
	})
})

var _ = Describe("pasv report", func() {
	It("shows a report again, and several side by side as a table and as a page", func() {
		dir := GinkgoT().TempDir()
		file := func(name string) string { return filepath.Join(dir, name+".json") }
		check := func(name string, args ...string) {
			GinkgoHelper()
			Expect(pasv("check", "-q", "--filter", "/PASV-00[1-4]/", "--json", file(name), serve(args...)).ExitCode()).To(BeElementOf(0, 1))
		}
		check("right")
		check("wrong", "--fault", "pasv-no-parentheses")

		s := pasv("report", "show", file("wrong"))
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(ContainSubstring("PASV-003"))

		s = pasv("report", "compare", file("right"), "faulty="+file("wrong"))
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(MatchRegexp(`^ID +right +faulty +REQUIREMENT\nPASV-003 +pass +warn +\S.*\n$`))

		page := filepath.Join(dir, "page.html")
		Expect(pasv("report", "compare", "--html", page, file("right"), file("wrong"))).To(gexec.Exit(0))
		Expect(os.ReadFile(page)).To(And(HavePrefix("<!DOCTYPE html>"), ContainSubstring(`id="PASV-003"`), ContainSubstring("<summary>warn</summary>")))

		Expect(os.WriteFile(file("broken"), []byte(`{"schema": "pasv/report/v9"}`), 0o600)).To(Succeed())
		for _, args := range [][]string{{"show", file("broken")}, {"compare", file("right"), file("none")}} {
			s = pasv(append([]string{"report"}, args...)...)
			Expect(s).To(gexec.Exit(2))
			Expect(string(s.Err.Contents())).To(MatchRegexp(`^pasv: [^\n]+\n$`))
		}
	})
})

// names are the entries of a folder.
func names(dir string) (all []string) {
	GinkgoHelper()
	entries, err := os.ReadDir(dir)
	Expect(err).NotTo(HaveOccurred())
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
