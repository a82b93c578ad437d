package diagnose

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/passiveftp/pasv/report"
)

// pair is two network namespaces with a cable between them, a server's and a
// client's. No packet leaves them.
type pair struct{ server, client string }

// cables numbers the pairs of this process.
var cables int

// needNamespaces skips the spec where namespaces cannot be made; in CI that
// is a failure.
func needNamespaces() {
	GinkgoHelper()
	why := ""
	switch {
	case runtime.GOOS != "linux":
		why = "network namespaces exist on Linux only"
	case os.Getuid() != 0:
		why = "making network namespaces needs root"
	default:
		for _, program := range []string{"ip", "nft"} {
			if _, err := exec.LookPath(program); err != nil {
				why = err.Error() + " (packages iproute2 and nftables)"
			}
		}
	}
	switch {
	case why == "":
	case os.Getenv("CI") == "true":
		Fail(why)
	default:
		Skip(why)
	}
}

func command(name string, args ...string) {
	GinkgoHelper()
	out, err := exec.Command(name, args...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s %s: %s", name, strings.Join(args, " "), out)
}

// ip runs ip with words in one string.
func ip(line string) {
	GinkgoHelper()
	command("ip", strings.Fields(line)...)
}

// newPair makes the namespaces. The server has 203.0.113.1, as if it were public,
// 10.77.0.1 and fd77::1, the client has the .2 of each.
func newPair() pair {
	GinkgoHelper()
	needNamespaces()
	cables++
	p := pair{fmt.Sprintf("pasv-%d-%d-s", os.Getpid(), cables), fmt.Sprintf("pasv-%d-%d-c", os.Getpid(), cables)}
	for i, ns := range []string{p.server, p.client} {
		ip("netns add " + ns)
		DeferCleanup(func() { ip("netns del " + ns) })
		if i == 1 {
			ip(fmt.Sprintf("link add cable netns %s type veth peer name cable netns %s", p.server, p.client))
		}
	}
	for i, ns := range []string{p.server, p.client} {
		ip("-n " + ns + " link set lo up")
		for _, addr := range []string{"203.0.113.%d/24", "10.77.0.%d/24", "fd77::%d/64 nodad"} {
			ip("-n " + ns + " addr add " + fmt.Sprintf(addr, i+1) + " dev cable")
		}
		ip("-n " + ns + " link set cable up")
	}
	return p
}

// filter gives the server's side a packet filter.
func (p pair) filter(rules ...string) {
	GinkgoHelper()
	text := "table inet test {\n chain input {\n  type filter hook input priority 0; policy accept;\n"
	for _, r := range rules {
		text += "  " + r + "\n"
	}
	nft := exec.Command("ip", "netns", "exec", p.server, "nft", "-f", "-")
	nft.Stdin = strings.NewReader(text + " }\n}\n")
	out, err := nft.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
}

// role is this test binary in another namespace and another role.
func role(namespace, role, work string) *exec.Cmd {
	GinkgoHelper()
	self, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.Command("ip", "netns", "exec", namespace, self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, workVariable+"="+work)
	cmd.Stderr = GinkgoWriter
	return cmd
}

// serve runs the server in its namespace and waits until it listens.
func (p pair) serve(w serverWork) {
	GinkgoHelper()
	work, err := json.Marshal(w)
	Expect(err).NotTo(HaveOccurred())
	cmd := role(p.server, "server", string(work))
	in, err := cmd.StdinPipe()
	Expect(err).NotTo(HaveOccurred())
	out, err := cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(cmd.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = in.Close()
		Expect(cmd.Wait()).To(Succeed())
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	Expect(err).NotTo(HaveOccurred(), "the server did not start")
	Expect(line).To(HavePrefix("ftp://"))
}

// route gives the client the server's inside network with the source address
// that it has outside: a server takes data connections from one address only.
func (p pair) route() {
	GinkgoHelper()
	ip("-n " + p.client + " addr del 10.77.0.2/24 dev cable")
	ip("-n " + p.client + " route add 10.77.0.0/24 dev cable src 203.0.113.2")
}

// diagnose runs the diagnosis in the client's namespace.
func (p pair) diagnose(host string, patience time.Duration) report.Diagnosis {
	GinkgoHelper()
	work, err := json.Marshal(clientWork{"ftp://pasv:embedded@" + host + ":2121/", patience})
	Expect(err).NotTo(HaveOccurred())
	out, err := role(p.client, "client", string(work)).Output()
	Expect(err).NotTo(HaveOccurred())
	var d report.Diagnosis
	Expect(json.Unmarshal(out, &d)).To(Succeed())
	return d
}

// states counts the ports in each state.
func states(d report.Diagnosis) map[string][]uint16 {
	m := map[string][]uint16{}
	for _, p := range d.Ports {
		m[p.State] = append(m[p.State], p.Port)
	}
	return m
}

var _ = Describe("Behind a real packet filter", func() {
	const public = "203.0.113.1"
	// There is no loss on a cable, so a SYN that is not answered soon never will
	// be. ICMP errors are different: the kernel limits their rate, and answers the
	// second SYN.
	const short, long = 500 * time.Millisecond, 2500 * time.Millisecond
	ten := serverWork{Addr: ":2121", First: 50000, Last: 50009}

	DescribeTable("the diagnosis is right", func(rule, host string, code report.Code, state, says string) {
		p := newPair()
		p.serve(ten)
		if rule != "" {
			p.filter(rule)
		}
		patience := short
		if strings.Contains(rule, "icmpx") {
			patience = long
		}
		d := p.diagnose(host, patience)
		Expect(d.Findings).To(HaveLen(1), "%+v", d.Findings)
		Expect(d.Findings[0].Code).To(Equal(code), "%+v", d.Findings)
		Expect(fmt.Sprint(d.Findings[0])).To(ContainSubstring(says))
		Expect(states(d)).To(HaveLen(1), "%+v", d.Ports)
		Expect(states(d)).To(HaveKey(state))
		if state == "rejected" {
			Expect(d.Ports).To(HaveEach(HaveField("Detail", ContainSubstring(says))))
		}
		Expect(d.Range.First).To(BeNumerically(">=", 50000))
		Expect(d.Range.Last).To(BeNumerically("<=", 50009))
	},
		Entry("without a filter", "", public, report.Healthy, "open", "PASV: 3 of 3"),
		Entry("without a filter, at a private address", "", "10.77.0.1", report.Healthy, "open", "PASV: 3 of 3"),
		Entry("without a filter, over IPv6", "", "[fd77::1]", report.Healthy, "open", "EPSV: 3 of 3"),
		Entry("drop", "tcp dport 50000-50009 drop", public, report.RangeFiltered, "filtered", "none answered"),
		Entry("drop, over IPv6", "tcp dport 50000-50009 drop", "[fd77::1]", report.RangeFiltered, "filtered", "none answered"),
		Entry("RST", "tcp dport 50000-50009 reject with tcp reset", public, report.RangeRejected, "refused", "RST"),
		Entry("ICMP port-unreachable", "tcp dport 50000-50009 reject with icmpx type port-unreachable", public, report.RangeRejected, "rejected", "ICMP 3/3 (port unreachable) from 203.0.113.1"),
		Entry("ICMP admin-prohibited", "tcp dport 50000-50009 reject with icmpx type admin-prohibited", public, report.RangeRejected, "rejected", "ICMP 3/13 (administratively prohibited) from 203.0.113.1"),
		Entry("ICMPv6 admin-prohibited", "tcp dport 50000-50009 reject with icmpx type admin-prohibited", "[fd77::1]", report.RangeRejected, "rejected", "ICMPv6 1/1 (administratively prohibited) from fd77::1"),
	)

	DescribeTable("a part of the range", func(rule string, code report.Code, state string) {
		p := newPair()
		p.serve(ten)
		p.filter(rule)
		d := p.diagnose(public, short)
		Expect(d.Findings[0].Code).To(Equal(code), "%+v", d.Findings)
		got := states(d)
		Expect(got).To(HaveLen(2), "%+v", d.Ports)
		Expect(got["open"]).To(HaveEach(BeNumerically("<", 50005)))
		Expect(got[state]).To(HaveEach(BeNumerically(">=", 50005)))
	},
		Entry("dropped", "tcp dport 50005-50009 drop", RangePartlyFiltered, "filtered"),
		Entry("refused", "tcp dport 50005-50009 reject with tcp reset", RangePartlyRejected, "refused"),
	)

	DescribeTable("a wrong address", func(advertise string, code report.Code, outcome string) {
		p := newPair()
		w := ten
		w.Advertise = advertise
		p.serve(w)
		// What nobody has an address for goes to the server, which does not forward.
		ip("-n " + p.client + " route add default via " + public)
		d := p.diagnose(public, short)
		Expect(d.Findings).To(HaveLen(1), "%+v", d.Findings)
		Expect(d.Findings[0].Code).To(Equal(code), "%+v", d.Findings)
		Expect(outcomes(d)).To(Equal(ways(outcome, "ok", "ok")))
		Expect(states(d)).To(HaveKey("open"))
		Expect(states(d)).To(HaveLen(1))
	},
		Entry("private", "10.99.0.1", report.AddressPrivate, "filtered"),
		Entry("loopback", "127.0.0.1", report.AddressLoopback, "refused"),
		Entry("another host's", "198.51.100.9", report.AddressWrong, "filtered"),
		Entry("none", "0.0.0.0", report.AddressZero, "unreachable"),
	)

	It("does not call another address of the server a fault when it works", func() {
		p := newPair()
		w := ten
		w.Advertise = "10.77.0.1"
		p.serve(w)
		p.route()
		d := p.diagnose(public, short)
		Expect(d.Findings[0].Code).To(Equal(report.Healthy), "%+v", d.Findings)
		Expect(d.Findings[1].Code).To(Equal(report.AddressPrivate))
		Expect(d.Findings[1].Severity).To(Equal(report.Note))
	})

	It("finds both faults of a server behind a NAT that forwards nothing", func() {
		p := newPair()
		w := ten
		w.Advertise = "10.99.0.1"
		p.serve(w)
		p.filter("tcp dport 50000-50009 drop")
		ip("-n " + p.client + " route add default via " + public)
		d := p.diagnose(public, short)
		Expect(d.Findings).To(HaveLen(2), "%+v", d.Findings)
		Expect(d.Findings[0].Code).To(Equal(report.RangeFiltered))
		Expect(d.Findings[1].Code).To(Equal(report.AddressPrivate))
	})

	It("blames data connections elsewhere on the missing path for EPSV", func() {
		p := newPair()
		w := ten
		w.Advertise = "10.77.0.1"
		p.serve(w)
		p.route()
		p.filter("ip daddr "+public+" tcp dport 50000-50009 drop", "ip6 daddr fd77::1 tcp dport 50000-50009 drop")
		d := p.diagnose(public, short)
		Expect(d.Findings[0].Code).To(Equal(EPSVBlocked), "%+v", d.Findings)
		Expect(outcomes(d)).To(Equal(ways("ok", "filtered", "filtered")))
	})

	It("names a filtered control port", func() {
		p := newPair()
		p.serve(ten)
		p.filter("tcp dport 2121 drop")
		d := p.diagnose(public, short)
		Expect(d.Findings[0].Code).To(Equal(report.ControlUnreachable))
		Expect(d.Findings[0].Title).To(ContainSubstring("filtered"))
	})
})
