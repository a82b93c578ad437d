package scenarios

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

// listed is every directory of a tree, and every file with size and time.
func listed(fs ftptest.FS, dir string) (out []string) {
	infos, err := fs.ReadDir(dir)
	Expect(err).NotTo(HaveOccurred())
	for _, i := range infos {
		name := path.Join(dir, i.Name)
		if i.Dir {
			out = append(append(out, name), listed(fs, name)...)
			continue
		}
		out = append(out, fmt.Sprintf("%s %d %v", name, i.Size, i.ModTime))
	}
	return out
}

func broken(name string) ftptest.Fault {
	f, ok := ftptest.LookupFault(name)
	Expect(ok).To(BeTrue(), name)
	return f
}

func parsed(document string) *Scenario {
	GinkgoHelper()
	s, err := Parse("s.yaml", []byte("name: x\n"+document))
	Expect(err).NotTo(HaveOccurred())
	return s
}

// sum is all the time in a distribution, in seconds.
func sum(d report.Distribution) float64 { return float64(d.Count) * float64(d.Mean) }

var _ = Describe("Engine", func() {
	var (
		tree   *ftptest.Memory
		config ftptest.Config
		server *ftptest.Server
		engine *Engine
		before []string
	)
	BeforeEach(func() {
		running := goleak.IgnoreCurrent()
		tree = ftptest.NewMemory()
		config = ftptest.Config{FS: tree}
		engine = &Engine{Dialer: &probe.Dialer{Timeout: 10 * time.Second}}
		before = nil
		DeferCleanup(func() {
			Eventually(func() error { return goleak.Find(running) }).Should(Succeed())
		})
	})
	// start starts the server with what has been configured.
	start := func(faults ...string) {
		GinkgoHelper()
		for _, name := range faults {
			config.Faults = append(config.Faults, broken(name))
		}
		var err error
		server, err = ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		engine.Target, err = probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		before = listed(tree, "/")
	}
	// Whatever happens, the server's tree is afterwards as it was.
	AfterEach(func() {
		if before != nil {
			Expect(listed(tree, "/")).To(Equal(before))
		}
	})

	It("counts everything exactly", func(ctx SpecContext) {
		start()
		l, err := engine.Run(ctx, parsed(`
load: {sessions: 3, count: 7}
needs: [file: {path: pub/4k.bin, size: 4KiB}]
session:
  - login
  - repeat: 5
    steps:
      - retr: {path: pub/4k.bin, verify: size}
      - repeat: {times: 2, steps: [stor: {size: 1000}]}
  - quit
want: [rate(failures) == 0, p99.9(retr) < 1h, max(data.connect) < 1h, throughput > 1B/s, mean(stor) > 1h, p50(data.tls) < 1h]
`))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Scenario).To(Equal("x"))
		Expect(l.Model).To(Equal("closed"))
		Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 3, Completed: 7}))
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Unreached).To(BeFalse())
		counts := map[string][2]int64{}
		for name, o := range l.Operations {
			Expect(o.Failures).To(BeZero())
			counts[name] = [2]int64{o.Latency.Count, o.Bytes}
		}
		Expect(counts).To(Equal(map[string][2]int64{"login": {7, 0}, "retr": {35, 35 * 4096}, "stor": {70, 70 * 1000}, "quit": {7, 0}}))
		Expect(l.Bytes).To(Equal(int64(35*4096 + 70*1000)))
		Expect(l.Throughput).To(BeNumerically("~", float64(l.Bytes)/float64(l.Elapsed), 1))
		for phase, count := range map[string]int64{"resolve": 7, "connect": 7, "greeting": 7, "login": 7, "command": 7, "quit": 7,
			"passive": 105, "data.connect": 105, "opening": 105, "first-byte": 35, "transfer": 105, "completion": 105} {
			Expect(l.Phases[phase].Count).To(Equal(count), phase)
		}
		var octets, operations int64
		for _, at := range l.Series {
			octets, operations = octets+at.Bytes, operations+at.Operations
		}
		Expect(octets).To(Equal(l.Bytes))
		Expect(operations).To(Equal(int64(7 + 35 + 70 + 7)))
		var transfers int64
		octets = 0
		for _, m := range l.Limits {
			transfers, octets = transfers+m.Transfers, octets+m.Bytes
		}
		Expect(transfers).To(Equal(int64(105)))
		Expect(octets).To(Equal(l.Bytes))

		var met []bool
		for _, t := range l.Thresholds {
			met = append(met, t.Met)
		}
		Expect(met).To(Equal([]bool{true, true, true, true, false, false}))
		Expect(l.Thresholds[5].Value).To(Equal("nothing to measure"))
		Expect(l.Generator.CPU).To(BeNumerically(">", 0))
		Expect(l.Generator.Cores).To(BeNumerically(">", 0))

		// One session before, one after.
		Eventually(server.Stats).Should(And(HaveField("Sessions", int64(7+2)), HaveField("OpenSessions", int64(0))))
	})

	It("accounts for all the time of a session by its phases", func(ctx SpecContext) {
		start("slow-reply")
		l, err := engine.Run(ctx, parsed(`
load: {sessions: 1, count: 2}
session: [login, list, retr: {path: pub/1m.bin}, stor: {size: 1MiB}, quit]
`))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Sessions.Completed).To(Equal(int64(2)))
		var operations, phases float64
		for _, o := range l.Operations {
			operations += sum(o.Latency)
		}
		for _, d := range l.Phases {
			phases += sum(d)
		}
		Expect(phases).To(BeNumerically("~", operations, operations/100))
		Expect(operations).To(BeNumerically("~", float64(l.Elapsed), float64(l.Elapsed)/100))
	})

	DescribeTable("works over TLS", func(ctx SpecContext, implicit bool) {
		conf, _, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		config.TLS, config.Implicit, config.RequireDataTLS, config.RequireReuse = conf, implicit, true, true
		engine.Dialer.TLS = &tls.Config{InsecureSkipVerify: true}
		start()
		l, err := engine.Run(ctx, parsed(`
load: {sessions: 2, count: 4}
needs: [file: {path: made.bin, size: 100KiB}]
session: [login, list, retr: {path: made.bin, verify: crc}, stor: {size: 300KiB}, quit]
`))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Completed: 4}))
		Expect(l.Phases["tls"].Count).To(Equal(int64(4)))
		Expect(l.Phases["data.tls"].Count).To(Equal(int64(12)))
	}, Entry("explicit", false), Entry("implicit", true))

	Describe("what a scenario needs", func() {
		It("is made, with its directories, and removed", func(ctx SpecContext) {
			start()
			l, err := engine.Run(ctx, parsed(`
load: {sessions: 2, count: 3}
needs:
  - file: {path: new/deep/a.bin, size: 70000}
  - file: {path: pub/b.bin, size: 0}
session: [login, retr: {path: new/deep/a.bin, verify: size}, retr: {path: pub/b.bin, verify: size}]
`))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Bytes).To(Equal(int64(3 * 70000)))
		})

		It("is not overwritten when it has another size", func(ctx SpecContext) {
			start()
			_, err := engine.Run(ctx, parsed("load: {sessions: 2, count: 3}\nneeds: [file: {path: pub/4k.bin, size: 5KiB}]\nsession: [login]\n"))
			var need *NeedError
			Expect(errors.As(err, &need)).To(BeTrue(), "%v", err)
			Expect(err).To(MatchError("the scenario needs pub/4k.bin: it is there with 4096 octets instead of 5120, and is not overwritten"))
			Expect(server.Stats().Sessions).To(Equal(int64(1)))
		})

		It("must be there where nothing can be made", func(ctx SpecContext) {
			config.ReadOnly = true
			start()
			_, err := engine.Run(ctx, parsed("load: {sessions: 2, count: 3}\nneeds: [file: {path: pub/new.bin, size: 5KiB}]\nsession: [login]\n"))
			Expect(err).To(MatchError(And(HavePrefix("the scenario needs pub/new.bin: it is not there and cannot be made: "), ContainSubstring(": 5"))))
			l, err := engine.Run(ctx, parsed("load: {sessions: 2, count: 3}\nneeds: [file: {path: pub/4k.bin, size: 4KiB}]\nsession: [login]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Sessions.Completed).To(Equal(int64(3)))
		})
	})

	Describe("uploads", func() {
		It("go where the scenario says, and are removed", func(ctx SpecContext) {
			start()
			l, err := engine.Run(ctx, parsed(`
load: {sessions: 2, count: 3}
session:
  - login
  - repeat: 2
    steps:
      - stor: {path: 'pub/{session}-{iteration}.up', size: 5000}
      - retr: {path: 'pub/{session}-{iteration}.up', verify: size}
`))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Operations["stor"].Latency.Count).To(Equal(int64(6)))
		})

		It("overwrite nothing", func(ctx SpecContext) {
			Expect(tree.WriteFile("/pub/up-2.bin", []byte("precious"))).To(Succeed())
			start()
			l, err := engine.Run(ctx, parsed("load: {sessions: 1, count: 3}\nsession: [login, stor: {path: 'pub/UP-{session}.bin', size: 10}]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 1, Completed: 2, Failed: 1}))
			Expect(l.Failures).To(HaveLen(1))
			Expect(l.Failures[0].Cause).To(Equal("occupied"))
			Expect(l.Failures[0].Example).To(ContainSubstring("pub/UP-2.bin was there before"))
		})
	})

	It("removes everything from its own directory, also what appears late", func(ctx SpecContext) {
		start()
		t := newTree(engine.Dialer, engine.Target)
		Expect(t.prepare(ctx, nil, &plan{ownDirectory: true})).To(Succeed())
		Expect(tree.WriteFile("/"+t.directory+"/late.bin", []byte("late"))).To(Succeed())
		Expect(t.remove(nil)).To(Succeed())
	})

	Describe("an interrupt", func() {
		DescribeTable("ends the run with what there is", func(ctx SpecContext, session string) {
			start()
			interruptible, cancel := context.WithCancel(ctx)
			defer cancel()
			engine.Progress = func(Snapshot) { cancel() }
			l, err := engine.Run(interruptible, parsed("load: {sessions: 4, for: 1h}\nneeds: [file: {path: d/big.bin, size: 30MiB}]\nsession:\n  - login\n"+session))
			Expect(err).To(MatchError(context.Canceled))
			Expect(l.Sessions.Failed).To(BeZero())
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Sessions.Interrupted).To(Equal(int64(4)))
			Expect(l.Elapsed).To(BeNumerically(">", 0))
			Expect(l.Bytes).To(BeNumerically(">", 0))
		},
			Entry("downloads", "  - repeat: 1000000\n    steps: [retr: {path: d/big.bin}]\n"),
			Entry("uploads", "  - repeat: 1000000\n    steps: [stor: {size: 30MiB}]\n"),
			Entry("uploads of many files", "  - repeat: 1000000\n    steps: [stor: {size: 100, path: '{session}-{iteration}'}]\n"),
			Entry("thoughts", "  - list\n  - think: 1h\n"),
		)

		It("during the preparation measures nothing and leaves nothing", func(ctx SpecContext) {
			interruptible, cancel := context.WithCancel(ctx)
			defer cancel()
			config.Log = func(format string, args ...any) {
				if strings.Contains(fmt.Sprintf(format, args...), "STOR new/b") {
					cancel()
				}
			}
			start()
			l, err := engine.Run(interruptible, parsed("load: {sessions: 4, for: 1h}\nneeds: [file: {path: new/a, size: 1MiB}, file: {path: new/b, size: 1GiB}]\nsession: [login]\n"))
			Expect(err).To(MatchError(context.Canceled))
			Expect(l.Elapsed).To(BeZero())
		})
	})

	Describe("failures", func() {
		// groups are "phase cause code" with their numbers.
		groups := func(l report.Load) map[string]int64 {
			out := map[string]int64{}
			for _, f := range l.Failures {
				out[fmt.Sprintf("%s %s %d", f.Phase, f.Cause, f.Code)] = f.Count
			}
			return out
		}

		It("of the very first login are told at once", func(ctx SpecContext) {
			start("login-refused")
			l, err := engine.Run(ctx, parsed("load: {sessions: 4, for: 1h}\nsession: [login]\n"))
			var wire *probe.Error
			Expect(errors.As(err, &wire)).To(BeTrue(), "%v", err)
			Expect(wire.Phase).To(Equal(probe.Login))
			Expect(l.Unreached).To(BeTrue())
			Expect(server.Stats().Sessions).To(Equal(int64(1)))
		})

		It("of the very first connection are told at once", func(ctx SpecContext) {
			start()
			Expect(server.Close()).To(Succeed())
			_, err := engine.Run(ctx, parsed("load: {sessions: 4, for: 1h}\nneeds: [file: {path: a, size: 1}]\nsession: [login]\n"))
			Expect(probe.CauseOf(err)).To(Equal(probe.Refused))
		})

		DescribeTable("are grouped", func(ctx SpecContext, name, session, group string) {
			engine.Dialer.Timeout = 300 * time.Millisecond
			engine.Dialer.Passive = probe.OnlyPASV
			start(name)
			l, err := engine.Run(ctx, parsed("load: {sessions: 2, count: 6}\nneeds: [file: {path: pub/1m.bin, size: 1MiB}]\nsession: [login, "+session+", quit]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(groups(l)).To(Equal(map[string]int64{group: 6}))
			Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Failed: 6}))
			Expect(l.Operations["login"].Latency.Count).To(Equal(int64(6)))
			Expect(l.Operations["quit"].Latency.Count).To(BeZero())
			f := l.Failures[0]
			Expect(f.Example).NotTo(BeEmpty())
			Expect(f.Transcript).NotTo(BeEmpty())
			for _, line := range f.Transcript {
				Expect(line.Text).NotTo(HavePrefix("PASS embedded"))
			}
		},
			Entry("a short file", "retr-short", "retr: {path: pub/1m.bin, verify: size}", "transfer verify 0"),
			Entry("a short file, by its sum", "retr-short", "retr: {path: pub/1m.bin, verify: {crc32c: 00000000}}", "transfer verify 0"),
			Entry("a transfer that stalls", "retr-stall", "retr: {path: pub/1m.bin}", "transfer stalled 0"),
			Entry("a transfer that is reset", "reset-mid-transfer", "retr: {path: pub/1m.bin}", "transfer reset 0"),
			Entry("no final reply", "no-final-reply", "retr: {path: pub/1m.bin}", "completion stalled 0"),
			Entry("a port that is closed", "pasv-refused", "list", "data.connect refused 0"),
			Entry("no passive mode", "pasv-unimplemented", "list", "passive reply 502"),
		)

		It("show what the server had to say, and how it came about", func(ctx SpecContext) {
			start("reset-mid-transfer")
			l, err := engine.Run(ctx, parsed("load: {sessions: 1, count: 1}\nsession: [login, repeat: {times: 50, steps: [retr: {path: pub/4k.bin}]}, retr: {path: pub/1m.bin}]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(HaveLen(1))
			lines := l.Failures[0].Transcript
			Expect(lines[0].Text).To(Equal("(the beginning is not kept)"))
			Expect(len(lines)).To(BeNumerically("<", 2*remembered))
			Expect(lines[len(lines)-1].Text).To(HavePrefix("426 "))
		})

		It("of a command keep the code", func(ctx SpecContext) {
			start()
			l, err := engine.Run(ctx, parsed("load: {sessions: 2, count: 4}\nsession: [login, retr: {path: nope}]\nwant: [rate(failures) < 50%]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(groups(l)).To(Equal(map[string]int64{"opening reply 550": 4}))
			// Four logins succeeded, four downloads did not.
			Expect(l.Thresholds).To(HaveLen(1))
			Expect(l.Thresholds[0].Met).To(BeFalse())
			Expect(l.Thresholds[0].Value).To(Equal("50% (4 of 8 operations)"))
		})

		It("of sessions too many are counted one by one", func(ctx SpecContext) {
			config.MaxSessions = 3
			start()
			l, err := engine.Run(ctx, parsed("load: {sessions: 12, count: 40}\nsession: [login, think: 20ms, list, quit]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Sessions.Completed + l.Sessions.Failed).To(Equal(int64(40)))
			Expect(l.Sessions.Failed).To(BeNumerically(">", 0))
			Expect(groups(l)).To(Equal(map[string]int64{"greeting reply 421": l.Sessions.Failed}))
		})

		It("of a server that goes away do not end the run", func(ctx SpecContext) {
			start()
			engine.Progress = func(Snapshot) { server.Close() }
			l, err := engine.Run(ctx, parsed("load: {sessions: 4, for: 1200ms}\nsession: [login, repeat: {times: 1000, steps: [retr: {path: pub/4k.bin}]}]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Sessions.Failed).To(BeNumerically(">", 4))
			Expect(l.Sessions.Failed).To(BeNumerically("<", 60), "failing sessions must wait before the next attempt")
			Expect(groups(l)).To(HaveKey("connect refused 0"))
			Expect(l.Operations["retr"].Latency.Count).To(BeNumerically(">", 0))
		})

		It("of the cleaning up are told, and impair nothing", func(ctx SpecContext) {
			start()
			before = nil // it cannot be as it was
			engine.Progress = func(Snapshot) { server.Close() }
			l, err := engine.Run(ctx, parsed("load: {sessions: 1, for: 600ms}\nneeds: [file: {path: made.bin, size: 5}]\nsession: [login, list]\n"))
			var left *LeftoverError
			Expect(errors.As(err, &left)).To(BeTrue(), "%v", err)
			Expect(left.Paths).To(Equal([]string{"made.bin"}))
			Expect(l.Elapsed).To(BeNumerically(">=", 0.6), "the load ran to its end")
		})
	})
})

// A session of its own, with a login, one small download and a quit; what the
// server does is included in the time, but nearly not in the allocations.
func BenchmarkSession(b *testing.B) {
	for _, repeat := range []int{1, 100} {
		b.Run(fmt.Sprintf("retr=%d", repeat), func(b *testing.B) {
			server, err := ftptest.Start(ftptest.Config{})
			if err != nil {
				b.Fatal(err)
			}
			defer server.Close()
			target, err := probe.ParseTarget(server.URL())
			if err != nil {
				b.Fatal(err)
			}
			s, err := Parse("b.yaml", fmt.Appendf(nil, "name: b\nload: {sessions: 1, count: %d}\nsession: [login, repeat: {times: %d, steps: [retr: {path: pub/4k.bin}]}, quit]\n", b.N, repeat))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			l, err := (&Engine{Target: target}).Run(context.Background(), s)
			if err != nil || l.Sessions.Completed != int64(b.N) {
				b.Fatal(err, l.Failures)
			}
		})
	}
}
