package main

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/report"
)

var _ = Describe("pasv report merge", func() {
	// measure runs so many generators at the same time and returns their reports.
	measure := func(n int, url string, args ...string) (files []string) {
		GinkgoHelper()
		dir := GinkgoT().TempDir()
		var group errgroup.Group
		for i := range n {
			file := filepath.Join(dir, string(rune('a'+i))+".json")
			files = append(files, file)
			group.Go(func() error {
				defer GinkgoRecover()
				Expect(pasv(append(args, "--json", file, url)...)).To(Or(gexec.Exit(0), gexec.Exit(1)))
				return nil
			})
		}
		Expect(group.Wait()).To(Succeed())
		return files
	}

	It("adds up several generators, in any order, and judges the sum", func() {
		dir := GinkgoT().TempDir()
		// Not at its own path: each generator makes what it needs and removes it again.
		files := measure(2, serve(), "load", "--scenario", "churn", "--set", "sessions=2", "--set", "duration=2s")
		one, other := filepath.Join(dir, "one.json"), filepath.Join(dir, "other.json")
		s := pasv("report", "merge", "--json", one, files[0], files[1])
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("LOAD  churn"), ContainSubstring("MET")))
		Expect(pasv("report", "merge", "-q", "--json", other, files[1], files[0])).To(gexec.Exit(0))
		b, err := os.ReadFile(one)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.ReadFile(other)).To(Equal(b))

		parts := []report.Run{valid(files[0]), valid(files[1])}
		all := valid(one)
		Expect(all.Load.Sessions.Completed).To(Equal(parts[0].Load.Sessions.Completed + parts[1].Load.Sessions.Completed))
		Expect(all.Load.Operations["retr"].Latency.Count).To(Equal(parts[0].Load.Operations["retr"].Latency.Count + parts[1].Load.Operations["retr"].Latency.Count))
		Expect(all.Load.Operations["retr"].Latency.Max).To(Equal(max(parts[0].Load.Operations["retr"].Latency.Max, parts[1].Load.Operations["retr"].Latency.Max)))
	})

	It("gives the same report for one, which the conditions are judged by as in the run", func() {
		files := measure(1, serve(), "load", "--scenario", "testdata/wants.yaml")
		same := filepath.Join(GinkgoT().TempDir(), "same.json")
		s := pasv("report", "merge", "-q", files[0], "--json", same)
		Expect(s).To(gexec.Exit(1), "a condition is broken")
		b, err := os.ReadFile(files[0])
		Expect(err).NotTo(HaveOccurred())
		again, err := os.ReadFile(same)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(again)).To(Equal(string(b)))
	})

	It("refuses what cannot be added up with 2, and names the files", func() {
		url := serve()
		load := measure(1, url, "load", "--scenario", "testdata/short.yaml")[0]
		check := measure(1, url, "check", "--filter", "PASV-001")[0]
		other := measure(1, url, "load", "--scenario", "churn", "--set", "sessions=1", "--set", "duration=1s")[0]
		for _, c := range []struct{ file, want string }{
			{check, check + ": not a report of a load"},
			{other, load + " and " + other + `: different scenarios, "short" and "churn"`},
			{"testdata/short.yaml", "testdata/short.yaml: report: line 1"},
		} {
			s := pasv("report", "merge", load, c.file)
			Expect(s).To(gexec.Exit(2))
			Expect(string(s.Err.Contents())).To(ContainSubstring(c.want))
			Expect(s.Out.Contents()).To(BeEmpty())
		}
		Expect(pasv("report", "merge")).To(gexec.Exit(2))
	})
})
