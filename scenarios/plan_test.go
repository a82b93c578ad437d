package scenarios

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// compiled is the plan of a list of steps as they stand in a file, after a login.
func compiled(steps string) *plan {
	s, err := Parse("steps.yaml", []byte("name: x\nload: {sessions: 1, count: 1}\nneeds: [file: {path: f, size: 9}]\nsession:\n  - login\n"+steps))
	ExpectWithOffset(1, err).NotTo(HaveOccurred())
	p, err := s.compile("own")
	ExpectWithOffset(1, err).NotTo(HaveOccurred())
	return p
}

var _ = Describe("a plan", func() {
	DescribeTable("of a step", func(step string, want []op) {
		p := compiled(step)
		Expect(p.ops[:4]).To(Equal([]op{{code: opBegin}, {code: opConnect}, {code: opEnter}, {code: opEnd}}))
		Expect(p.ops[4:]).To(Equal(want))
	},
		Entry("think", "  - think: 50ms\n", []op{{code: opWait, wait: 50 * time.Millisecond}}),
		Entry("quit", "  - quit\n", []op{{code: opBegin, name: 1}, {code: opQuit, class: 2}, {code: opEnd, name: 1}}),
		Entry("list", "  - list\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "LIST", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("list of a directory", "  - list: {path: pub}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "LIST pub", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("retr", "  - retr: {path: 'f{session}'}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "RETR f{session}", variable: true, class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("retr with its size", "  - retr: {path: f, verify: size}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opVerify, size: 9}, {code: opEnd, name: 1}}),
		Entry("retr with its content", "  - retr: {path: f, verify: crc}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opDrain, sum: sumCRC32C}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opVerify, size: 9},
			{code: opVerifySum, sum: sumCRC32C, size: 9}, {code: opEnd, name: 1}}),
		Entry("retr with a sum", "  - retr: {path: g, verify: {crc32c: E3069283}}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive}, {code: opOpenData}, {code: opCommand, text: "RETR g", class: 1},
			{code: opSecureData}, {code: opDrain, sum: sumCRC32C}, {code: opCloseData}, {code: opComplete, class: 2},
			{code: opVerifySum, sum: sumCRC32C, digest: "e3069283"}, {code: opEnd, name: 1}}),
		Entry("stor", "  - stor: {size: 4KiB}\n", []op{
			{code: opBegin, name: 1}, {code: opClaim, text: "own/{worker}.bin", variable: true}, {code: opPassive}, {code: opOpenData},
			{code: opCommand, text: "STOR own/{worker}.bin", variable: true, class: 1},
			{code: opSecureData}, {code: opFeed, size: 4096}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("repeat", "  - repeat: 3\n    steps:\n      - think: 1s\n      - repeat: {times: 2, steps: [think: 2s]}\n", []op{
			{code: opWait, wait: time.Second, depth: 1},
			{code: opWait, wait: 2 * time.Second, depth: 2},
			{code: opLoop, depth: 1, times: 2, target: 5},
			{code: opLoop, times: 3, target: 4},
		}),
	)

	It("names each kind of operation once", func() {
		Expect(compiled("  - list\n  - retr: {path: f}\n  - list\n  - quit\n").names).To(Equal([]string{"login", "list", "retr", "quit"}))
	})

	It("knows where uploads go", func() {
		p := compiled("  - stor: {size: 1, path: 'up/{session}.bin'}\n")
		Expect(p.uploads).To(Equal([]Path{"up/{session}.bin"}))
		Expect(p.ownDirectory).To(BeFalse())
		Expect(compiled("  - stor: {size: 1}\n").ownDirectory).To(BeTrue())
	})

	It("refuses repeats that are nested too deeply", func() {
		steps := "think: 1s"
		for range maxLoops + 1 {
			steps = "repeat: {times: 2, steps: [" + steps + "]}"
		}
		_, err := Parse("deep.yaml", []byte(entries+"  - "+steps+"\n"))
		Expect(err).To(MatchError(ContainSubstring("inside each other")))
	})
})
