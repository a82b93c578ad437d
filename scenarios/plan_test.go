package scenarios

import (
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// compiled is the plan of a list of steps as they stand in a file, after a login.
func compiled(steps string) *plan {
	s, err := Parse("steps.yaml", []byte("name: x\nload: {sessions: 1, for: 1s}\nneeds: [file: {path: f, size: 9}]\nsession:\n  - login\n"+steps))
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
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "LIST", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("list of a directory", "  - list: {path: pub}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "LIST pub", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("retr", "  - retr: {path: 'f{session}'}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR f{session}", variable: true, class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("retr with its size", "  - retr: {path: f, verify: size}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opVerify, size: 9}, {code: opEnd, name: 1}}),
		Entry("retr with its content", "  - retr: {path: f, verify: crc}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opDrain, sum: sumCRC32C}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opVerify, size: 9},
			{code: opVerifySum, sum: sumCRC32C, size: 9}, {code: opEnd, name: 1}}),
		Entry("retr with a sum", "  - retr: {path: g, verify: {crc32c: E3069283}}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR g", class: 1},
			{code: opSecureData}, {code: opDrain, sum: sumCRC32C}, {code: opCloseData}, {code: opComplete, class: 2},
			{code: opVerifySum, sum: sumCRC32C, digest: "e3069283"}, {code: opEnd, name: 1}}),
		Entry("stor", "  - stor: {size: 4KiB}\n", []op{
			{code: opBegin, name: 1}, {code: opClaim, text: "own/{worker}.bin", variable: true}, {code: opPassive, class: 2}, {code: opOpenData},
			{code: opCommand, text: "STOR own/{worker}.bin", variable: true, class: 1},
			{code: opSecureData}, {code: opFeed, size: 4096}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("nlst", "  - nlst\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "NLST", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("mlsd", "  - mlsd: {path: pub}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "MLSD pub", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("appe", "  - appe: {size: 7}\n", []op{
			{code: opBegin, name: 1}, {code: opClaim, text: "own/{worker}.log", variable: true}, {code: opPassive, class: 2}, {code: opOpenData},
			{code: opCommand, text: "APPE own/{worker}.log", variable: true, class: 1},
			{code: opSecureData}, {code: opFeed, size: 7}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("stou", "  - stou: {size: 7}\n", []op{
			{code: opBegin, name: 1}, {code: opCommand, text: "CWD own", class: 2}, {code: opEnd, name: 1},
			{code: opBegin, name: 2}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "STOU", class: 1},
			{code: opSecureData}, {code: opFeed, size: 7}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 2},
			{code: opBegin, name: 1}, {code: opCommand, text: "CDUP", class: 2}, {code: opEnd, name: 1}}),
		Entry("cwd", "  - cwd: {path: 'a{session}'}\n", []op{
			{code: opBegin, name: 1}, {code: opCommand, text: "CWD a{session}", variable: true, class: 2}, {code: opEnd, name: 1}}),
		Entry("size", "  - size: {path: f}\n", []op{{code: opBegin, name: 1}, {code: opCommand, text: "SIZE f", class: 2}, {code: opEnd, name: 1}}),
		Entry("mdtm", "  - mdtm: {path: f}\n", []op{{code: opBegin, name: 1}, {code: opCommand, text: "MDTM f", class: 2}, {code: opEnd, name: 1}}),
		Entry("noop", "  - noop\n", []op{{code: opBegin, name: 1}, {code: opCommand, text: "NOOP", class: 2}, {code: opEnd, name: 1}}),
		Entry("raw", "  - raw: SITE HELP\n", []op{{code: opBegin, name: 1}, {code: opCommand, text: "SITE HELP", class: anyReply}, {code: opEnd, name: 1}}),
		Entry("passive", "  - passive\n", []op{{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opEnd, name: 1}}),
		Entry("reconnect", "  - reconnect\n", []op{{code: opBegin, name: 1}, {code: opDrop}, {code: opConnect}, {code: opEnter}, {code: opEnd, name: 1}}),
		Entry("pace", "  - pace: 2MiB/s\n", []op{{code: opPace, size: 2 << 20}}),
		Entry("abort", "  - abort: {path: f, after: 4KiB}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opReceive, size: 4096}, {code: opAbort, class: 2}, {code: opEnd, name: 1}}),
		Entry("rest", "  - rest: {offset: 33%}\n  - retr: {path: f, verify: size}\n  - retr: {path: g}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData},
			{code: opCommand, text: "REST 2", class: 3}, {code: opCommand, text: "RETR f", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opVerify, size: 7}, {code: opEnd, name: 1},
			{code: opBegin, name: 1}, {code: opPassive, class: 2}, {code: opOpenData}, {code: opCommand, text: "RETR g", class: 1},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: 2}, {code: opEnd, name: 1}}),
		Entry("hold", "  - hold\n", []op{{code: opHold, target: 5}}),
		Entry("hold for a while", "  - hold: 5s\n", []op{{code: opHold, wait: 5 * time.Second, target: 5}}),
		Entry("hold with NOOP", "  - hold: {noop: 5s}\n", []op{
			{code: opHold, wait: 5 * time.Second, depth: 1, target: 9},
			{code: opBegin, name: 1, depth: 1}, {code: opCommand, text: "NOOP", class: 2, depth: 1}, {code: opEnd, name: 1, depth: 1},
			{code: opLoop, times: math.MaxInt64, target: 4}}),
		Entry("hold for a while with NOOP", "  - hold: {for: 12s, noop: 5s}\n", []op{
			{code: opHold, wait: 5 * time.Second, depth: 1, target: 10},
			{code: opBegin, name: 1, depth: 1}, {code: opCommand, text: "NOOP", class: 2, depth: 1}, {code: opEnd, name: 1, depth: 1},
			{code: opLoop, times: 2, target: 4}, {code: opHold, wait: 2 * time.Second, target: 10}}),
		Entry("choose", "  - choose: [{weight: 3, steps: [think: 1s]}, {steps: [think: 2s]}]\n", []op{
			{code: opChoose, choices: []choice{{3, 5}, {4, 7}}},
			{code: opWait, wait: time.Second}, {code: opJump, target: 9},
			{code: opWait, wait: 2 * time.Second}, {code: opJump, target: 9}}),
		Entry("expect a code of a command", "  - noop\n  - expect: {code: 202}\n", []op{
			{code: opBegin, name: 1}, {code: opCommand, text: "NOOP", class: noClass, codes: []int{202}}, {code: opEnd, name: 1}}),
		Entry("expect things of a download", "  - retr: {path: g}\n  - expect: {bytes: 5, crc32c: e3069283}\n  - expect: {code: [250, 550]}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2, codes: []int{250, 550}, target: 14}, {code: opOpenData},
			{code: opCommand, text: "RETR g", class: 1, codes: []int{250, 550}, target: 14},
			{code: opSecureData}, {code: opDrain, sum: sumCRC32C}, {code: opCloseData}, {code: opComplete, class: noClass, codes: []int{250, 550}},
			{code: opVerify, size: 5}, {code: opVerifySum, sum: sumCRC32C, digest: "e3069283"}, {code: opEnd, name: 1}}),
		Entry("expect the other way round", "  - retr: {path: g}\n  - expect: {code: 550}\n  - expect: {bytes: 5}\n", []op{
			{code: opBegin, name: 1}, {code: opPassive, class: 2, codes: []int{550}, target: 13}, {code: opOpenData},
			{code: opCommand, text: "RETR g", class: 1, codes: []int{550}, target: 13},
			{code: opSecureData}, {code: opDrain}, {code: opCloseData}, {code: opComplete, class: noClass, codes: []int{550}},
			{code: opVerify, size: 5}, {code: opEnd, name: 1}}),
		Entry("repeat", "  - repeat: 3\n    steps:\n      - think: 1s\n      - repeat: {times: 2, steps: [think: 2s]}\n", []op{
			{code: opWait, wait: time.Second, depth: 1},
			{code: opWait, wait: 2 * time.Second, depth: 2},
			{code: opLoop, depth: 1, times: 2, target: 5},
			{code: opLoop, times: 3, target: 4},
		}),
	)

	It("chooses between sessions", func() {
		s, err := Parse("mix.yaml", []byte("name: x\nload: {sessions: 1, count: 1}\nmix:\n  - {weight: 2, session: [login, quit]}\n  - {session: [login, noop]}\n"))
		Expect(err).NotTo(HaveOccurred())
		p, err := s.compile("own")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.names).To(Equal([]string{"login", "quit", "noop"}))
		Expect(p.ops[0]).To(Equal(op{code: opChoose, choices: []choice{{2, 1}, {3, 9}}}))
		Expect(p.ops[8]).To(Equal(op{code: opJump, target: 17}))
		Expect(p.ops[16]).To(Equal(op{code: opJump, target: 17}))
	})

	It("draws by weight", func() {
		choices := []choice{{3, 10}, {4, 20}, {9, 30}}
		var places []int
		for n := range int64(9) {
			places = append(places, drawn(choices, n))
		}
		Expect(places).To(Equal([]int{10, 10, 10, 20, 30, 30, 30, 30, 30}))
	})

	It("knows sets of files", func() {
		s, err := Parse("set.yaml", []byte("name: x\nload: {sessions: 1, count: 1}\nneeds: [file: {path: 'd/{file}.bin', count: 3, size: 7}]\nsession: [login, retr: {path: 'd/{file}.bin', verify: size}, noop]\n"))
		Expect(err).NotTo(HaveOccurred())
		var paths []Path
		for f := range s.Needs[0].File.each() {
			paths = append(paths, f.Path)
		}
		Expect(paths).To(Equal([]Path{"d/1.bin", "d/2.bin", "d/3.bin"}))
		p, err := s.compile("own")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.ops[7]).To(Equal(op{code: opCommand, text: "RETR d/{file}.bin", variable: true, set: 3, class: 1}))
		Expect(p.ops[12]).To(Equal(op{code: opVerify, size: 7}))
	})

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
