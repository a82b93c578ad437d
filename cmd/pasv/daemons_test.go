package main

import (
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

// Each real daemon once, half of them under TLS, side by side. What the check says
// of them is settled in suites/servers; here the program is what is looked at.
var _ = Describe("pasv run against real daemons", Ordered, ContinueOnFailure, func() {
	type trial struct {
		daemon *daemon.Daemon
		before []string
		report string
		run    *gexec.Session
	}
	trials := map[daemon.Kind]*trial{}
	secure := map[daemon.Kind]bool{daemon.ProFTPD: true, daemon.Pyftpdlib: true}

	BeforeAll(func() {
		for _, kind := range daemon.All() {
			d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: secure[kind]})
			t := &trial{daemon: d, before: tree(d.Root), report: filepath.Join(GinkgoT().TempDir(), "report.json")}
			args := []string{"run", "--json", t.report, d.URL()}
			if secure[kind] {
				args = []string{"run", "--json", t.report, "--ca", d.CA, strings.Replace(d.URL(), "ftp://", "ftpes://", 1)}
			}
			t.run = start(nil, args...)
			trials[kind] = t
		}
	})

	for _, kind := range daemon.All() {
		It("judges "+kind.String()+" whole, and leaves the account as it was", func() {
			t := trials[kind]
			Eventually(t.run, 5*time.Minute).Should(gexec.Exit())
			out := string(t.run.Out.Contents()) + string(t.run.Err.Contents())
			Expect(out).NotTo(ContainSubstring(t.daemon.Pass))

			r := valid(t.report)
			Expect(t.run.ExitCode()).To(Equal(int(r.Exit)), out)
			Expect(r.Exit).To(BeElementOf(report.ExitOK, report.ExitVerdict), out)
			Expect(r.Exit == report.ExitVerdict).To(Equal(r.Check.Summary[report.Fail] > 0), out)
			Expect(strings.ToLower(r.Target.Server)).To(ContainSubstring(kind.String()))
			Expect(r.Check.Results).To(HaveLen(len(catalog.All())))
			for _, result := range r.Check.Results {
				Expect(result.Verdict).NotTo(Equal(report.Error), "%s: %s", result.ID, result.Reason)
			}
			for _, f := range r.Load.Failures {
				// Two processes of Pure-FTPd or ProFTPD bind the same port now and then,
				// and the second one that listens on it cannot.
				Expect(f.Code == 425 && strings.HasSuffix(f.Example, "Address already in use")).To(BeTrue(), "%s", f.Example)
			}
			Expect(r.Load.Bytes).To(BeNumerically(">", 0))
			Expect(r.Diagnose.Findings[0].Code).To(Equal(report.Healthy))
			Expect(tree(t.daemon.Root)).To(Equal(t.before))
		})
	}

	It("removes what a killed run has left on each of them", func() {
		for _, kind := range daemon.All() {
			t := trials[kind]
			Eventually(t.run, 5*time.Minute).Should(gexec.Exit())
			const left = "pasv-check-0123456789ab"
			Expect(t.daemon.WriteFile(left+"/deep/down here/f", []byte("x"))).To(Succeed())
			Expect(t.daemon.WriteFile(left+"/f", []byte("x"))).To(Succeed())
			args := []string{"check", "--cleanup", t.daemon.URL()}
			if secure[kind] {
				args = []string{"check", "--cleanup", "--ca", t.daemon.CA, strings.Replace(t.daemon.URL(), "ftp://", "ftpes://", 1)}
			}
			s := pasv(args...)
			Expect(s).To(gexec.Exit(0))
			Expect(string(s.Out.Contents())).To(Equal("removed " + left + "\n"))
			Expect(tree(t.daemon.Root)).To(Equal(t.before))
		}
	})
})
