package scenarios

import (
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
)

// everyStep is a session in which each step occurs that a server can see. The
// expectations are those of all servers.
const everyStep = `
load: {sessions: 2, count: 4}
needs:
  - file: {path: 'steps/{file}.bin', count: 3, size: 50KiB}
  - file: {path: steps-large.bin, size: 24MiB}
session:
  - login
  - noop
  - stou: {size: 3000}
  - appe: {size: 1000}
  - appe: {size: 1000}
  - stor: {size: 70000}
  - passive
  - passive
  - size: {path: 'steps/{file}.bin'}
  - mdtm: {path: 'steps/{file}.bin'}
  - rest: {offset: 50%}
  - retr: {path: 'steps/{file}.bin', verify: size}
  - retr: {path: 'steps/{file}.bin', verify: crc}
  - expect: {code: [226, 250], bytes: 50KiB}
  - retr: {path: not-there.bin}
  - expect: {code: [450, 550]}
  - cwd: {path: not-there}
  - expect: {code: 550}
  - abort: {path: steps-large.bin, after: 100KiB}
  - noop
  - reconnect
  - cwd: {path: steps}
  - nlst
  - list
  - pace: 400KiB/s
  - retr: {path: 1.bin}
  - expect: {bytes: 50KiB}
  - pace: 0/s
  - hold: 20ms
  - raw: XYZZY {session}
  - expect: {code: [500, 502]}
  - choose: [{steps: [noop]}, {steps: [size: {path: 2.bin}]}]
  - quit
`

var _ = Describe("Steps", func() {
	var (
		mu       sync.Mutex
		said     []string // by the clients, without what stands before the command
		tree     *ftptest.Memory
		server   *ftptest.Server
		engine   *Engine
		readOnly bool
	)
	start := func(faults ...string) {
		GinkgoHelper()
		said = nil
		config := ftptest.Config{FS: tree, ReadOnly: readOnly, Log: func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, fmt.Sprintf(format, args...))
		}}
		for _, f := range faults {
			config.Faults = append(config.Faults, broken(f))
		}
		var err error
		server, err = ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		engine = &Engine{Target: target, Dialer: &probe.Dialer{Timeout: 5 * time.Second}}
	}
	count := func(part string) (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, line := range said {
			if strings.Contains(line, part) {
				n++
			}
		}
		return n
	}
	run := func(ctx SpecContext, document string) report.Load {
		GinkgoHelper()
		l, err := engine.Run(ctx, parsed(document))
		Expect(err).NotTo(HaveOccurred())
		return l
	}
	BeforeEach(func() {
		tree, readOnly = ftptest.NewMemory(), false
	})

	It("all work together, and leave nothing", func(ctx SpecContext) {
		start()
		before := listed(tree, "/")
		l := run(ctx, everyStep)
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Completed: 4}))
		Expect(listed(tree, "/")).To(Equal(before))
		for name, n := range map[string]int64{"login": 4, "stou": 4, "appe": 8, "stor": 4, "passive": 8, "mdtm": 4, "abort": 4,
			"reconnect": 4, "nlst": 4, "list": 4, "retr": 12, "cwd": 12, "quit": 4} {
			Expect(l.Operations[name].Latency.Count).To(Equal(n), name)
		}
		Expect(l.Operations["retr"].Refused).To(Equal(int64(4)))
		Expect(l.Operations["cwd"].Refused).To(Equal(int64(4)))
		Expect(l.Operations["raw"].Refused).To(Equal(int64(4)))
		Expect(l.Operations["noop"].Latency.Count + l.Operations["size"].Latency.Count).To(Equal(int64(8 + 4 + 4)))
		Expect(l.Operations["retr"].Bytes).To(Equal(int64(4 * (25 + 50 + 50) << 10)))
		Expect(l.Operations["appe"].Bytes).To(Equal(int64(8000)))
		Expect(count("STOU")).To(BeNumerically(">=", 4))
		Expect(l.Limits).To(HaveKey(report.LimitScenario))
	})

	It("all work together under TLS", func(ctx SpecContext) {
		conf, _, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		server, err := ftptest.Start(ftptest.Config{FS: tree, TLS: conf, RequireDataTLS: true})
		Expect(err).NotTo(HaveOccurred())
		defer server.Close()
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		before := listed(tree, "/")
		l, err := (&Engine{Target: target, Dialer: &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}}).Run(ctx, parsed(everyStep))
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Completed: 4}))
		Expect(listed(tree, "/")).To(Equal(before))
	})

	for _, kind := range daemon.All() {
		for _, security := range []probe.Security{probe.Plain, probe.Explicit} {
			It(fmt.Sprintf("all work together against %v, TLS: %t", kind, security == probe.Explicit), func(ctx SpecContext) {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: true})
				target, err := probe.ParseTarget(d.URL())
				Expect(err).NotTo(HaveOccurred())
				target.Security = security
				session := everyStep
				if kind == daemon.VSFTPD {
					// Two of its sessions can choose the same name at the same time.
					session = strings.Replace(session, "  - stou: {size: 3000}\n", "  - stou: {size: 3000}\n  - expect: {code: [226, 553]}\n", 1)
				}
				l, err := (&Engine{Target: target, Dialer: &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}}).Run(ctx, parsed(session))
				Expect(err).NotTo(HaveOccurred())
				Expect(l.Failures).To(BeEmpty())
				Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 2, Completed: 4}))
			})
		}
	}

	It("mlsd lists", func(ctx SpecContext) {
		start()
		l := run(ctx, "load: {sessions: 1, count: 2}\nsession: [login, mlsd: {path: pub}]\n")
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Operations["mlsd"].Bytes).To(BeNumerically(">", 100))
	})

	It("passive opens no data connection, and reconnect says no QUIT", func(ctx SpecContext) {
		start()
		l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, repeat: {times: 5, steps: [passive]}, reconnect]\n")
		Expect(l.Failures).To(BeEmpty())
		Expect(server.Stats().Listeners).To(Equal(int64(15)))
		Expect(server.Stats().DataConns).To(BeZero())
		Expect(l.Operations["passive"].Latency.Count).To(Equal(int64(15)))
		Expect(l.Operations["reconnect"].Latency.Count).To(Equal(int64(3)))
		// One session before that quits; then two connections for each.
		Expect(server.Stats().Sessions).To(Equal(int64(1 + 6)))
		Expect(count("QUIT")).To(Equal(1))
		Eventually(server.Stats).Should(And(HaveField("OpenSessions", int64(0)), HaveField("OpenListeners", int64(0))))
	})

	It("abort breaks off, and keeps in step", func(ctx SpecContext) {
		Expect(tree.WriteFile("/big.bin", make([]byte, 24<<20))).To(Succeed())
		start()
		l := run(ctx, "load: {sessions: 2, count: 6}\nsession: [login, abort: {path: big.bin, after: 100KiB}, list: {path: pub}, abort: {path: big.bin}, noop, quit]\n")
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions.Completed).To(Equal(int64(6)))
		Expect(l.Operations["abort"].Bytes).To(And(BeNumerically(">=", 6*101<<10), BeNumerically("<", 12*24<<20)))
		Expect(count("426 Transfer aborted")).To(BeNumerically(">", 0))
	})

	It("files of a set are all taken", func(ctx SpecContext) {
		start()
		run(ctx, "load: {sessions: 1, count: 1}\nneeds: [file: {path: 's-{file}', count: 3, size: 5}]\nsession: [login, repeat: {times: 100, steps: [retr: {path: 's-{file}', verify: size}]}]\n")
		for i := range 3 {
			Expect(count(fmt.Sprintf("RETR s-%d", i+1))).To(BeNumerically(">", 5))
		}
		Expect(count("RETR s-")).To(Equal(100))
	})

	It("mix and choose go by weight", func(ctx SpecContext) {
		start()
		l := run(ctx, `
load: {sessions: 4, count: 300}
mix:
  - {weight: 2, session: [login, choose: [{weight: 9, steps: [size: {path: pub/4k.bin}]}, {weight: 1, steps: [mdtm: {path: pub/4k.bin}]}]]}
  - {weight: 1, session: [login, noop]}
`)
		Expect(l.Failures).To(BeEmpty())
		n := func(name string) int64 { return l.Operations[name].Latency.Count }
		// Eight standard deviations and more.
		Expect(n("noop")).To(BeNumerically("~", 100, 65))
		Expect(n("size") + n("mdtm") + n("noop")).To(Equal(int64(300)))
		Expect(n("mdtm")).To(And(BeNumerically(">", 0), BeNumerically("<", 80)))
	})

	Describe("expect", func() {
		groups := func(l report.Load) (all []string) {
			for _, f := range l.Failures {
				all = append(all, fmt.Sprintf("%s %s %d x%d: %s", f.Phase, f.Cause, f.Code, f.Count, f.Example))
			}
			return all
		}

		It("takes a refusal for right, and keeps it apart", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, retr: {path: nope}, expect: {code: [550, 553]}, stor: {size: 10}, retr: {path: pub/4k.bin}, quit]\n"+
				"want: [rate(failures) == 0, count(retr) == 3, count(sessions) == 3]\n")
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Operations["retr"].Refused).To(Equal(int64(3)))
			Expect(l.Operations["retr"].Latency.Count).To(Equal(int64(3)))
			Expect(l.Broken()).To(BeZero())
		})

		It("takes a success for wrong where a refusal is wanted", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, retr: {path: pub/4k.bin}, expect: {code: 550}]\n")
			Expect(groups(l)).To(ConsistOf(HavePrefix("completion reply 226 x3: ")))
		})

		It("takes another refusal for wrong", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, retr: {path: nope}, expect: {code: [226, 450]}]\n")
			Expect(groups(l)).To(ConsistOf(HavePrefix("opening reply 550 x3: ")))
		})

		It("judges passive ports", func(ctx SpecContext) {
			start("passive-disabled")
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, passive, expect: {code: [227, 229, 500, 501, 502, 503, 504, 421, 425, 550]}, list, expect: {code: [226, 500, 502, 550, 425]}, noop]\n")
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Operations["passive"].Refused).To(Equal(int64(3)))
			Expect(l.Operations["list"].Refused).To(Equal(int64(3)))
			Expect(l.Operations["noop"].Latency.Count).To(Equal(int64(3)))
		})

		It("counts octets", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, retr: {path: pub/4k.bin}, expect: {bytes: 4KiB}, retr: {path: pub/4k.bin}, expect: {bytes: 5KiB}]\n")
			Expect(groups(l)).To(ConsistOf(HavePrefix("transfer verify 0 x3: transfer: 4096 octets instead of 5120")))
		})

		It("computes sums", func(ctx SpecContext) {
			Expect(tree.WriteFile("/nine", []byte("123456789"))).To(Succeed())
			start()
			l := run(ctx, "load: {sessions: 1, count: 3}\nsession: [login, retr: {path: nine}, expect: {crc32c: e3069283}, retr: {path: nine}, expect: {crc32c: 00000000}]\n")
			Expect(groups(l)).To(ConsistOf(HavePrefix("transfer verify 0 x3: transfer: CRC-32C e3069283 instead of 00000000")))
		})

		It("is about the upload of stou, not the directories around it", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 2}\nsession: [login, stou: {size: 9}, expect: {bytes: 9, code: 226}]\n")
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Operations["stou"].Latency.Count).To(Equal(int64(2)))
		})

		It("judges raw commands, of which any reply is right without it", func(ctx SpecContext) {
			start()
			l := run(ctx, "load: {sessions: 1, count: 2}\nsession: [login, raw: XYZZY, raw: NOOP, expect: {code: 200}, raw: XYZZY, expect: {code: 200}]\n")
			Expect(groups(l)).To(ConsistOf(HavePrefix("command reply 500 x2: ")))
			Expect(l.Operations["raw"].Latency.Count).To(Equal(int64(4)))
		})
	})

	It("pace slows both directions down, and is not taken for a limit of the generator", func(ctx SpecContext) {
		start()
		l := run(ctx, `
load: {sessions: 1, count: 1}
needs: [file: {path: made.bin, size: 100KiB}]
session:
  - login
  - pace: 500KiB/s
  - retr: {path: made.bin, verify: crc}
  - stor: {size: 100KiB}
  - pace: 0/s
  - retr: {path: made.bin, verify: crc}
`)
		Expect(l.Failures).To(BeEmpty())
		// 200 ms each, and the last one at full speed.
		Expect(l.Operations["retr"].Latency.Max).To(BeNumerically(">", 0.195))
		Expect(l.Operations["stor"].Latency.Min).To(BeNumerically(">", 0.195))
		Expect(l.Limits[report.LimitScenario].Transfers).To(Equal(int64(2)))
		Expect(l.Limits[report.LimitScenario].Bytes).To(Equal(int64(200 << 10)))
		Expect(l.Bytes).To(Equal(int64(300 << 10)))
		Expect(l.LimitedBy).To(Equal(report.LimitScenario))
	})

	It("hold ends with the load, and the session in order", func(ctx SpecContext) {
		start()
		l := run(ctx, "load: {sessions: 5, for: 400ms}\nsession: [login, hold, noop, quit]\nwant: [count(sessions) == 5]\n")
		Expect(l.Failures).To(BeEmpty())
		Expect(l.Sessions).To(Equal(report.Sessions{AtOnce: 5, Completed: 5}))
		Expect(l.Operations["quit"].Latency.Count).To(Equal(int64(5)))
		Expect(l.Broken()).To(BeZero())
	})
})
