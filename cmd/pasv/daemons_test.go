package main

import (
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

// Real daemons keep to the requirements that are here so far, so that an
// accusation would be a false one. All are judged side by side: most of the time
// is waiting.
var _ = Describe("pasv run against real daemons", Ordered, ContinueOnFailure, func() {
	type trial struct {
		daemon *daemon.Daemon
		before []string
		report string
		run    *gexec.Session
	}
	trials := map[string]*trial{}
	name := func(kind daemon.Kind, tls bool) string {
		if tls {
			return kind.String() + " with TLS"
		}
		return kind.String()
	}

	BeforeAll(func() {
		for _, kind := range daemon.All() {
			for _, tls := range []bool{false, true} {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: tls})
				t := &trial{daemon: d, before: tree(d.Root), report: filepath.Join(GinkgoT().TempDir(), "report.json")}
				args := []string{"run", "--json", t.report, d.URL()}
				if tls {
					args = []string{"run", "--json", t.report, "--ca", d.CA, strings.Replace(d.URL(), "ftp://", "ftpes://", 1)}
				}
				t.run = start(nil, args...)
				trials[name(kind, tls)] = t
			}
		}
	})

	for _, kind := range daemon.All() {
		for _, tls := range []bool{false, true} {
			It("accuses "+name(kind, tls)+" of nothing, and leaves the account as it was", func() {
				t := trials[name(kind, tls)]
				Eventually(t.run).Should(gexec.Exit())
				out := string(t.run.Out.Contents()) + string(t.run.Err.Contents())
				Expect(t.run).To(gexec.Exit(0), out)
				Expect(out).NotTo(ContainSubstring(t.daemon.Pass))

				r := valid(t.report)
				Expect(strings.ToLower(r.Target.Server)).To(ContainSubstring(kind.String()))
				Expect(r.Check.Results).To(HaveLen(len(catalog.All())))
				for _, result := range r.Check.Results {
					Expect(result.Verdict).To(Equal(report.Pass), "%s: %s", result.ID, result.Reason)
				}
				Expect(r.Load.Sessions.Failed).To(BeZero())
				Expect(r.Load.Bytes).To(BeNumerically(">", 0))
				Expect(r.Diagnose.Findings[0].Code).To(Equal(report.Healthy))
				Expect(tree(t.daemon.Root)).To(Equal(t.before))
			})
		}
	}
})
