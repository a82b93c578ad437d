package main

import (
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

var _ = Describe("pasv load --capacity", func() {
	It("finds how many sessions a server takes", func() {
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		s := pasv("load", "--scenario", "smoke", "--set", "duration=500ms", "--capacity", "2-8", "--json", file, serve("--fault", "session-limit"))
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("capacity model"), MatchRegexp(`capacity\s+4 sessions at once; with 5: `), MatchRegexp(`(?m)^\s+8 .* rate\(failures\)`)))
		l := valid(file).Load
		Expect(l.Capacity.Sessions).To(Equal(4))
		Expect(l.Capacity.Steps).To(HaveLen(5))
	})

	It("ends with 1 when not even the smallest number holds", func() {
		s := pasv("load", "--scenario", "smoke", "--set", "duration=300ms", "--capacity", "6-8", serve("--fault", "session-limit"))
		Expect(s).To(gexec.Exit(1))
		Expect(string(s.Out.Contents())).To(And(MatchRegexp(`capacity\s+not one number of sessions held; with 6: `), MatchRegexp(`SEEN   session limit: at most 4 logged in at once`)))
	})

	It("wants numbers", func() {
		s := pasv("load", "--capacity", "8-2")
		Expect(s).To(gexec.Exit(2))
		Expect(string(s.Err.Contents())).To(Equal("pasv: --capacity=8-2: to must be at least from, which is 8\n"))
	})
})
