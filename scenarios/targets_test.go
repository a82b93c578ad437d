package scenarios

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"runtime"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
)

var _ = Describe("Several targets", func() {
	at := func(host string, weight int) Destination {
		return Destination{Target: probe.Target{Host: host, Port: 21, User: "u"}, Weight: weight}
	}
	made := func(ctx context.Context, e Engine) *targets {
		GinkgoHelper()
		t, err := e.newTargets(ctx)
		Expect(err).NotTo(HaveOccurred())
		return t
	}
	sources := func(n int) (all []netip.Addr) {
		for i := range n {
			all = append(all, netip.AddrFrom4([4]byte{127, 0, 0, byte(i + 2)}))
		}
		return all
	}

	It("take turns by their weights, spread over the round", func(ctx SpecContext) {
		t := made(ctx, Engine{Targets: []Destination{at("192.0.2.1", 3), at("192.0.2.2", 1), at("192.0.2.3", 0)}})
		turns := ""
		for session := int64(1); session <= 10; session++ {
			turns += fmt.Sprint(t.target(session))
		}
		Expect(turns).To(Equal("0102001020"))
	})

	It("need no longer a round than their weights", func(ctx SpecContext) {
		t := made(ctx, Engine{Targets: []Destination{at("192.0.2.1", 100), at("192.0.2.2", 50)}})
		Expect(t.round).To(HaveLen(3))
	})

	DescribeTable("are each reached from all sources in turn", func(ctx SpecContext, weights []int, n int) {
		e := Engine{Sources: sources(n)}
		sum := 0
		for i, w := range weights {
			e.Targets = append(e.Targets, at(fmt.Sprintf("192.0.2.%d", i+1), w))
			sum += w
		}
		t := made(ctx, e)
		seen := map[[2]int]int{}
		const rounds = 12
		for session := range int64(rounds * sum) {
			target, source := t.of(session + 1)
			Expect(t.all[target].dialers[source].Source).To(Equal(e.Sources[source]))
			seen[[2]int{target, source}]++
		}
		for target, w := range weights {
			for source := range n {
				Expect(seen[[2]int{target, source}]).To(BeNumerically("~", float64(rounds*w)/float64(n), 1))
			}
		}
	},
		Entry("two from two", []int{1, 1}, 2),
		Entry("two from three", []int{3, 1}, 3),
		Entry("three from four", []int{2, 4, 5}, 4),
		Entry("one from two", []int{1}, 2),
	)

	It("may be the addresses of a name, whose certificate is that of the name", func(ctx SpecContext) {
		e := Engine{Dialer: &probe.Dialer{Family: probe.IPv4, TLS: &tls.Config{InsecureSkipVerify: true}}, Target: at("localhost", 0).Target, AllAddresses: true}
		t := made(ctx, e)
		Expect(t.all).NotTo(BeEmpty())
		for _, d := range t.all {
			address, err := netip.ParseAddr(d.target.Host)
			Expect(err).NotTo(HaveOccurred())
			Expect(address.IsLoopback() && address.Is4()).To(BeTrue())
			Expect(d.target.Port).To(Equal(uint16(21)))
			Expect(d.dialers[0].TLS.ServerName).To(Equal("localhost"))
			Expect(d.dialers[0].TLS.InsecureSkipVerify).To(BeTrue())
		}
		Expect(e.Dialer.TLS.ServerName).To(BeEmpty(), "that of the user is not touched")
	})

	It("leave an address as it is when asked for all", func(ctx SpecContext) {
		t := made(ctx, Engine{Target: at("::1", 0).Target, AllAddresses: true})
		Expect(t.all).To(HaveLen(1))
		Expect(t.all[0].dialers[0].TLS).To(BeNil())
	})

	Context("on the wire", func() {
		type peer struct {
			target int
			from   netip.Addr
		}
		var (
			mu    sync.Mutex
			peers map[peer]map[string]bool // control connections
			trees []*ftptest.Memory
			// before is what is in a tree of its own accord.
			before []string
		)
		BeforeEach(func() { before = listed(ftptest.NewMemory(), "/") })
		serve := func(n int, shared bool) []Destination {
			peers, trees = map[peer]map[string]bool{}, nil
			var all []Destination
			for i := range n {
				tree := ftptest.NewMemory()
				if shared && i > 0 {
					tree = trees[0]
				}
				config := ftptest.Config{FS: tree, Log: func(_ string, args ...any) {
					from := fmt.Sprint(args[0])
					mu.Lock()
					defer mu.Unlock()
					p := peer{i, netip.MustParseAddrPort(from).Addr()}
					if peers[p] == nil {
						peers[p] = map[string]bool{}
					}
					peers[p][from] = true
				}}
				server, err := ftptest.Start(config)
				Expect(err).NotTo(HaveOccurred())
				DeferCleanup(server.Close)
				target, err := probe.ParseTarget(server.URL())
				Expect(err).NotTo(HaveOccurred())
				all, trees = append(all, Destination{target, 1}), append(trees, tree)
			}
			return all
		}
		const document = `
load: {sessions: 4, count: 40}
needs: [file: {path: needed/4k.bin, size: 4KiB}]
session: [login, retr: {path: needed/4k.bin, verify: size}, stor: {size: 1000}, stor: {path: "up-{session}", size: 10}, quit]
`

		It("have a row each, and nothing is left at any", func(ctx SpecContext) {
			e := Engine{Targets: serve(2, false), Sources: sources(2)}
			e.Targets[0].Weight = 3
			l, err := e.Run(ctx, parsed(document))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			Expect(l.Sessions.Completed).To(Equal(int64(40)))
			Expect(l.Targets).To(HaveLen(2))
			var octets int64
			for i, sessions := range []int64{30, 10} {
				row := l.Targets[i]
				Expect(row.URL).To(Equal(e.Targets[i].Target.String()))
				Expect(row.Address).To(Equal(e.Targets[i].Target.Address()))
				Expect(row.Weight).To(Equal([]int{3, 1}[i]))
				Expect(row.Sessions).To(Equal(sessions))
				Expect(row.Operations).To(Equal(5 * sessions))
				Expect(row.Failures + row.SessionsFailed).To(BeZero())
				Expect(row.Bytes).To(Equal(sessions * (4096 + 1000 + 10)))
				Expect(row.Throughput).To(BeNumerically("~", float64(row.Bytes)/float64(l.Elapsed), 1))
				Expect(row.Login.Count).To(Equal(sessions))
				Expect(row.Transfer.Count).To(Equal(3 * sessions))
				octets += row.Bytes
			}
			Expect(octets).To(Equal(l.Bytes))
			for i, tree := range trees {
				Expect(listed(tree, "/")).To(Equal(before))
				// Half of the sessions each; the first source has those that prepare and clean up as well.
				Expect(len(peers[peer{i, e.Sources[1]}])).To(Equal([]int{15, 5}[i]))
				Expect(len(peers[peer{i, e.Sources[0]}])).To(BeNumerically(">", []int{15, 5}[i]))
			}
			Expect(peers).To(HaveLen(4), "no connection comes from elsewhere")
		})

		It("may have the same storage", func(ctx SpecContext) {
			e := Engine{Targets: serve(2, true)}
			l, err := e.Run(ctx, parsed(document))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty())
			Expect(listed(trees[0], "/")).To(Equal(before))
		})

		It("keep what was there under a name that another target has got", func(ctx SpecContext) {
			e := Engine{Targets: serve(2, false)}
			Expect(trees[1].WriteFile("/up-1", []byte("mine"))).To(Succeed())
			l, err := e.Run(ctx, parsed(document))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Failures).To(BeEmpty(), "session 1 goes to the first target")
			Expect(listed(trees[0], "/")).To(Equal(before))
			Expect(listed(trees[1], "/")).To(HaveLen(len(before) + 1))
			Expect(listed(trees[1], "/")).To(ContainElement(HavePrefix("/up-1 4 ")))
		})

		It("are named when one of them is of no use", func(ctx SpecContext) {
			e := Engine{Targets: serve(2, false)}
			e.Targets[1].Target.Pass = "wrong"
			l, err := e.Run(ctx, parsed(document))
			var one *TargetError
			Expect(err).To(BeAssignableToTypeOf(one))
			Expect(err).To(MatchError(And(HavePrefix(e.Targets[1].Target.String()+": "), ContainSubstring("530"))))
			Expect(l.Unreached).To(BeTrue())
			Expect(listed(trees[0], "/")).To(Equal(before))
		})

		It("have no rows when there is one", func(ctx SpecContext) {
			l, err := (&Engine{Target: serve(1, false)[0].Target}).Run(ctx, parsed(document))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Targets).To(BeEmpty())
			Expect(l.Generator.Shares).To(Equal("machine"))
		})

		// It is the processors of the whole process.
		DescribeTable("on this machine are left half of the processors", Serial, func(ctx SpecContext, half, same bool, model string, want int) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
			e := Engine{Target: serve(1, false)[0].Target, HalfProcessors: half, SameProcess: same}
			l, err := e.Run(ctx, parsed("load: {"+model+"}\nsession: [login, quit]\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Generator.Cores).To(Equal(want))
			Expect(runtime.GOMAXPROCS(0)).To(Equal(5))
		},
			Entry("if so asked", true, false, "model: closed, sessions: 1, count: 1", 3),
			Entry("only if so asked", false, false, "model: closed, sessions: 1, count: 1", 5),
			Entry("not when they are in this process", true, true, "model: closed, sessions: 1, count: 1", 5),
			Entry("not when sessions are due", true, false, "model: open, stages: [{rate: 20/s, for: 100ms}]", 5),
		)
	})
})
