package scenarios

import (
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

// slowDisk is a tree whose files are read slowly.
type slowDisk struct{ *ftptest.Memory }

func (d slowDisk) Open(path string) (ftptest.File, error) {
	f, err := d.Memory.Open(path)
	return slowFile{f}, err
}

type slowFile struct{ ftptest.File }

func (f slowFile) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	return f.File.Read(p)
}

var _ = Describe("what limited the transfers", func() {
	const second = time.Second
	var (
		slow  = probe.Movement{Bytes: 3000, Elapsed: second, Waited: second, Known: true}
		busy  = probe.Movement{Bytes: 200, Elapsed: second, Known: true}
		short = probe.Movement{Bytes: 10, Elapsed: time.Millisecond, Known: true}
	)
	// moved is the load of sessions that had these movements after the warm-up.
	moved := func(movements ...probe.Movement) report.Load {
		c := newCollector(&plan{})
		r := recorder{epoch: time.Now(), from: time.Minute, out: c.in}
		r.transfer(time.Second, busy.Limit(), busy.Bytes, busy.Elapsed) // in the warm-up
		for _, m := range movements {
			r.transfer(time.Minute, m.Limit(), m.Bytes, m.Elapsed)
		}
		r.flush()
		close(c.in)
		for b := range c.in {
			c.take(b)
		}
		return c.load(&Scenario{})
	}

	It("is added up by transfers, octets and time", func() {
		l := moved(slow, slow, slow, busy, short)
		Expect(l.LimitedBy).To(Equal("server"))
		Expect(l.Limits).To(HaveLen(3))
		Expect(l.Limits["server"]).To(And(HaveField("Transfers", int64(3)), HaveField("Bytes", int64(9000)), HaveField("Elapsed", report.Seconds(3)),
			HaveField("Share", BeNumerically("~", 3/4.001, 1e-9))))
		Expect(l.Limits["generator"]).To(And(HaveField("Transfers", int64(1)), HaveField("Bytes", int64(200)), HaveField("Elapsed", report.Seconds(1))))
		Expect(l.Limits["undecided"]).To(HaveField("Transfers", int64(1)))
	})

	It("stays undecided where it is", func() {
		Expect(moved(short, short)).To(And(HaveField("LimitedBy", ""), HaveField("Limits", HaveKey(report.LimitUndecided))))
		Expect(moved(slow, busy).LimitedBy).To(BeEmpty())
	})

	It("is nothing where nothing was transferred", func() {
		Expect(moved()).To(And(HaveField("LimitedBy", ""), HaveField("Limits", BeEmpty())))
	})

	It("has the name that stands for the generator elsewhere", func() {
		Expect(moved(busy).LimitedBy).To(Equal(report.LimitGenerator))
	})

	It("is told by a run", func(ctx SpecContext) {
		if runtime.GOOS != "linux" {
			Skip("other systems do not tell what is needed for it")
		}
		server, err := ftptest.Start(ftptest.Config{FS: slowDisk{ftptest.NewMemory()}})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		l, err := (&Engine{Target: target}).Run(ctx, parsed("load: {sessions: 2, count: 3}\nsession: [login, retr: {path: pub/4k.bin}]\n"))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.LimitedBy).To(Equal("server"))
		Expect(l.Limits).To(HaveLen(1))
		Expect(l.Limits["server"]).To(And(HaveField("Transfers", int64(3)), HaveField("Bytes", int64(3*4096))))
	})
})

func TestRecordingATransferAllocatesNothing(t *testing.T) {
	out := make(chan *batch, 1)
	r := recorder{epoch: time.Now(), out: out}
	r.batch()
	if n := testing.AllocsPerRun(20, func() { r.transfer(0, probe.NoLimit, 1, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
