package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

var _ = Describe("verification", func() {
	// The check values of the two algorithms: the sums of "123456789".
	const (
		digits9    = "123456789"
		crcOf9     = "e3069283"
		shaOf9     = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
		otherOf9   = "00112233"
		needed     = "needs: [file: {path: made.bin, size: 300KiB}]\n"
		sessionsOf = "load: {sessions: 2, count: 4}\n"
	)
	var tree *ftptest.Memory
	run := func(ctx SpecContext, fault, document string) (report.Load, error) {
		GinkgoHelper()
		config := ftptest.Config{FS: tree}
		if fault != "" {
			config.Faults = []ftptest.Fault{broken(fault)}
		}
		server, err := ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		return (&Engine{Target: target}).Run(ctx, parsed(sessionsOf+document))
	}
	BeforeEach(func() {
		tree = ftptest.NewMemory()
		Expect(tree.WriteFile("/pub/nine", []byte(digits9))).To(Succeed())
	})

	DescribeTable("passes", func(ctx SpecContext, document string) {
		l, err := run(ctx, "", document)
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions.Completed).To(Equal(int64(4)))
	},
		Entry("what was made", needed+"session: [login, repeat: {times: 2, steps: [retr: {path: made.bin, verify: crc}]}]\n"),
		Entry("what was stored", "session: [login, stor: {path: 'up-{session}', size: 70000}, retr: {path: 'up-{session}', verify: crc}]\n"),
		Entry("an empty file", "needs: [file: {path: made.bin, size: 0}]\nsession: [login, retr: {path: made.bin, verify: crc}]\n"),
		Entry("a given CRC-32C", "session: [login, repeat: {times: 2, steps: [retr: {path: pub/nine, verify: {crc32c: "+strings.ToUpper(crcOf9)+"}}]}]\n"),
		Entry("a given SHA-256", "session: [login, repeat: {times: 2, steps: [retr: {path: pub/nine, verify: {sha256: "+shaOf9+"}}]}]\n"),
		Entry("one sum after the other", "session: [login, retr: {path: pub/nine, verify: {sha256: "+shaOf9+"}}, retr: {path: pub/nine, verify: {crc32c: "+crcOf9+"}}, retr: {path: pub/nine}]\n"),
	)

	DescribeTable("tells what was expected and seen", func(ctx SpecContext, fault, document, example string) {
		l, err := run(ctx, fault, document)
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Sessions.Failed).To(Equal(int64(4)))
		Expect(l.Failures).To(HaveLen(1))
		Expect(l.Failures[0]).To(And(HaveField("Phase", "transfer"), HaveField("Cause", "verify"), HaveField("Count", int64(4))))
		Expect(l.Failures[0].Example).To(Equal("transfer: " + example + ", and the server said that the transfer was complete"))
	},
		Entry("of a given CRC-32C", "", "session: [login, retr: {path: pub/nine, verify: {crc32c: "+otherOf9+"}}]\n", "CRC-32C "+crcOf9+" instead of "+otherOf9),
		Entry("of a given SHA-256", "retr-corrupt", "session: [login, retr: {path: pub/nine, verify: {sha256: "+shaOf9+"}}]\n",
			"SHA-256 "+shaOf("\xce23456789")+" instead of "+shaOf9),
		Entry("of damaged content", "retr-corrupt", needed+"session: [login, retr: {path: made.bin, verify: crc}]\n",
			fmt.Sprintf("CRC-32C %08x instead of %08x", damaged(300<<10), probe.ContentSum(300<<10))),
		Entry("of a size first", "retr-short", needed+"session: [login, retr: {path: made.bin, verify: crc}]\n", "307199 octets instead of 307200"),
	)

	It("misses nothing but damage when it is by size", func(ctx SpecContext) {
		l, err := run(ctx, "retr-corrupt", needed+"session: [login, retr: {path: made.bin, verify: size}]\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
	})

	It("is not begun with a file that has other content than the run would make", func(ctx SpecContext) {
		document := "needs: [file: {path: pub/nine, size: 9}]\nsession: [login, retr: {path: pub/nine, verify: %s}]\n"
		_, err := run(ctx, "", fmt.Sprintf(document, "crc"))
		var need *NeedError
		Expect(errors.As(err, &need)).To(BeTrue(), "%v", err)
		Expect(err).To(MatchError(fmt.Sprintf("the scenario needs pub/nine: it is there with the CRC-32C %s instead of the %08x of generated content, and is not overwritten; "+
			"verify: crc needs that content, verify: {crc32c: %[1]s} the one it has", crcOf9, probe.ContentSum(9))))
		l, err := run(ctx, "", fmt.Sprintf(document, "{crc32c: "+crcOf9+"}"))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
	})

	It("takes a file that another run has left", func(ctx SpecContext) {
		content, err := io.ReadAll(probe.Content(9))
		Expect(err).NotTo(HaveOccurred())
		Expect(tree.WriteFile("/pub/nine", content)).To(Succeed())
		l, err := run(ctx, "", "needs: [file: {path: pub/nine, size: 9}]\nsession: [login, retr: {path: pub/nine, verify: crc}]\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions.Completed).To(Equal(int64(4)))
	})

	DescribeTable("reads digits that look like numbers", func(digits string) {
		p := compiled("  - retr:\n      path: a\n      verify:\n        crc32c: " + digits + "\n")
		Expect(p.ops[len(p.ops)-2].digest).To(Equal(strings.Trim(digits, "'")))
	},
		Entry(nil, "12345678"), Entry(nil, "00000000"), Entry(nil, "01234567"), Entry(nil, "1e234567"), Entry(nil, "12345e67"), Entry(nil, "0e000000"), Entry(nil, "'12345678'"),
		Entry(nil, "09876543"), Entry(nil, "0b101010"), Entry(nil, "1234e999"),
	)
})

func shaOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// damaged is the CRC-32C of generated content whose first octet is inverted.
func damaged(size int64) uint32 {
	b, err := io.ReadAll(probe.Content(size))
	Expect(err).NotTo(HaveOccurred())
	b[0] = ^b[0]
	var sum probe.Sum
	_, _ = sum.Write(b)
	return uint32(sum)
}
