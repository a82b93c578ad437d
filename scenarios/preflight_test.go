package scenarios

import (
	"net"
	"net/netip"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

var _ = Describe("What a load asks of this machine", func() {
	demanded := func(document string) demand {
		s := parsed(document)
		p, err := s.compile("own")
		Expect(err).NotTo(HaveOccurred())
		return demands(s, p, 6)
	}
	DescribeTable("is", func(document string, want demand) {
		want.pairs = 6
		Expect(demanded(document)).To(Equal(want))
	},
		Entry("a control connection for each session", "load: {sessions: 100, for: 1s}\nsession: [login, hold: 1s]\n", demand{sure: 100, most: 100}),
		Entry("perhaps a data connection, too", "load: {sessions: 100, for: 1s}\nsession: [login, retr: {path: x}]\n", demand{sure: 100, most: 200}),
		Entry("no more than there are sessions", "load: {sessions: 100, count: 7}\nsession: [login, retr: {path: x}]\n", demand{sure: 7, most: 14}),
		Entry("nothing for sure in the open model", "load: {model: open, at-most: 50, stages: [{rate: 100/s, for: 10m}]}\nsession: [login, list]\n", demand{most: 100, perMinute: 6000}),
		Entry("not more than is ever due", "load: {model: open, stages: [{rate: 0/s, to: 4/s, for: 5s}]}\nsession: [login]\n", demand{most: 11, perMinute: 10}),
	)

	known, unknown := machine{files: 1000, open: 20, ports: 500}, machine{}
	DescribeTable("is compared with what there is", func(d demand, both bool, lacking string, warnings ...string) {
		got, err := known.compare(d, both)
		if lacking == "" {
			Expect(err).NotTo(HaveOccurred())
		} else {
			var lack *LackError
			Expect(err).To(BeAssignableToTypeOf(lack))
			Expect(err).To(MatchError(ContainSubstring(lacking)))
		}
		Expect(got).To(HaveLen(len(warnings)))
		for i, w := range warnings {
			Expect(got[i]).To(ContainSubstring(w))
		}
	},
		Entry("enough", demand{sure: 400, most: 800, perMinute: 500, pairs: 1}, false, ""),
		Entry("too few descriptors", demand{sure: 981, most: 981, pairs: 2}, false, "the load needs at least 1001 file descriptors, and this process can have 1000: raise the limit with ulimit -n 1017"),
		Entry("perhaps too few descriptors", demand{sure: 980, most: 1960, pairs: 2}, false, "", "up to 1996 file descriptors, and this process can have 1000: raise the limit with ulimit -n 1996"),
		Entry("too few descriptors for the server in this process, too", demand{sure: 491, most: 491, pairs: 1}, true, "at least 1002 file descriptors"),
		Entry("too few ports", demand{sure: 501, most: 501, pairs: 1}, false, `the load needs at least 501 ports, and this process can have 500: raise it with sysctl -w net.ipv4.ip_local_port_range="1024 65535"`),
		Entry("enough ports from several addresses", demand{sure: 501, most: 501, pairs: 2}, false, ""),
		Entry("perhaps too few ports", demand{most: 50, perMinute: 1001, pairs: 2}, false, "", "up to 1001 control connections begin within 60 s, and there are 1000 ports for them"),
	)

	It("is no matter where the limits are not known", func() {
		got, err := unknown.compare(demand{sure: 1 << 20, most: 1 << 21, perMinute: 1 << 20, pairs: 1}, false)
		Expect(err).NotTo(HaveOccurred())
		Expect(got).To(BeEmpty())
	})

	It("is known of this machine", func() {
		m := thisMachine()
		if runtime.GOOS != "linux" {
			Skip("only Linux tells")
		}
		Expect(m.open).To(BeNumerically(">=", 3))
		Expect(m.ports).To(BeNumerically(">", 0))
	})

	It("is refused before anything is said to the server", func(ctx SpecContext) {
		m := thisMachine()
		if m.files == 0 || m.files >= maxSessions {
			Skip("the most sessions that a scenario can have are not too many here")
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer func() { _ = l.Close() }()
		to := l.Addr().(*net.TCPAddr).AddrPort()
		engine := Engine{Target: probe.Target{Host: to.Addr().String(), Port: to.Port(), User: "u"}}
		load, err := engine.Run(ctx, parsed("load: {sessions: 100000, for: 1s}\nsession: [login]\nwant: [count(login) > 0]\n"))
		var lack *LackError
		Expect(err).To(BeAssignableToTypeOf(lack))
		Expect(load.GeneratorLimited()).To(BeTrue())
		Expect(load.Thresholds).To(BeEmpty())
		Expect((&report.Run{Load: &load}).Weigh(report.FailOnFail)).To(Equal(report.ExitIncomplete))
	})
})

var _ = DescribeTable("an address is one of this machine", func(address string, want bool) {
	own := []net.Addr{&net.IPNet{IP: net.IPv4(192, 0, 2, 7), Mask: net.CIDRMask(24, 32)}, &net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)}}
	Expect(local(netip.MustParseAddr(address), own)).To(Equal(want))
},
	Entry(nil, "127.0.0.1", true),
	Entry(nil, "127.9.9.9", true),
	Entry(nil, "::1", true),
	Entry(nil, "192.0.2.7", true),
	Entry(nil, "192.0.2.8", false),
	Entry(nil, "fe80::1%eth0", true),
	Entry(nil, "fe80::2%eth0", false),
)
