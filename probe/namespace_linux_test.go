package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/passiveftp/pasv/probe"
)

// row is three network namespaces in a row: a client's, a router's and a
// server's. No packet leaves them.
type row struct{ client, router, server string }

// rows numbers those of this process.
var rows int

func newRow() row {
	GinkgoHelper()
	why := ""
	if os.Getuid() != 0 {
		why = "making network namespaces needs root"
	}
	for _, program := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			why = err.Error() + " (packages iproute2 and nftables)"
		}
	}
	switch {
	case why != "" && os.Getenv("CI") == "true":
		Fail(why)
	case why != "":
		Skip(why)
	}
	rows++
	name := func(role string) string { return fmt.Sprintf("pasv-probe-%d-%d-%s", os.Getpid(), rows, role) }
	p := row{name("c"), name("r"), name("s")}
	for _, ns := range []string{p.client, p.router, p.server} {
		ip("netns add " + ns)
		DeferCleanup(func() { ip("netns del " + ns) })
	}
	for _, cable := range []struct{ ns, dev, v4, v6, router4, router6, router string }{
		{p.client, "inside", "192.0.2.2", "fd77:1::2", "192.0.2.1", "fd77:1::1", "toclient"},
		{p.server, "outside", "198.51.100.2", "fd77:2::2", "198.51.100.1", "fd77:2::1", "toserver"},
	} {
		ip(fmt.Sprintf("link add %s netns %s type veth peer name %s netns %s", cable.dev, cable.ns, cable.router, p.router))
		for _, end := range []struct{ ns, dev, v4, v6 string }{
			{cable.ns, cable.dev, cable.v4, cable.v6}, {p.router, cable.router, cable.router4, cable.router6},
		} {
			ip(fmt.Sprintf("-n %s addr add %s/24 dev %s", end.ns, end.v4, end.dev))
			ip(fmt.Sprintf("-n %s addr add %s/64 dev %s nodad", end.ns, end.v6, end.dev))
			ip(fmt.Sprintf("-n %s link set %s up", end.ns, end.dev))
		}
		ip(fmt.Sprintf("-n %s route add default via %s", cable.ns, cable.router4))
		ip(fmt.Sprintf("-n %s -6 route add default via %s", cable.ns, cable.router6))
	}
	within(p.router, func() error {
		for file, value := range map[string]string{
			"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1", "ipv4/icmp_ratelimit": "0", "ipv6/icmp/ratelimit": "0",
		} {
			if err := os.WriteFile("/proc/sys/net/"+file, []byte(value), 0); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

func ip(line string) {
	GinkgoHelper()
	out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "ip %s: %s", line, out)
}

// within runs f on a thread in the namespace. A socket that it makes stays there.
func within(ns string, f func() error) {
	GinkgoHelper()
	done := make(chan error)
	go func() {
		// The thread is not given back: it ends with this goroutine.
		runtime.LockOSThread()
		file, err := os.Open("/run/netns/" + ns)
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			_ = file.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	Expect(<-done).To(Succeed())
}

// forward gives the router a packet filter.
func (p row) forward(rule string) {
	GinkgoHelper()
	nft := exec.Command("ip", "netns", "exec", p.router, "nft", "-f", "-")
	nft.Stdin = strings.NewReader("table inet test {\n chain forward {\n  type filter hook forward priority 0; policy accept;\n  " + rule + "\n }\n}\n")
	out, err := nft.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
}

// dial connects from the client to the server, where something listens.
func (p row) dial(ctx context.Context, host string, dialer probe.Dialer) *probe.Error {
	GinkgoHelper()
	var l net.Listener
	within(p.server, func() (err error) {
		l, err = net.Listen("tcp", net.JoinHostPort(host, "2121"))
		return err
	})
	defer l.Close()
	var e *probe.Error
	within(p.client, func() error {
		s, err := dialer.Dial(ctx, probe.Target{Host: host, Port: 2121})
		if err == nil {
			s.Close()
			return errors.New("it was not prevented")
		}
		if !errors.As(err, &e) {
			return err
		}
		return nil
	})
	return e
}

var _ = Describe("A router in between", func() {
	const v4, v6 = "198.51.100.2", "fd77:2::2"

	DescribeTable("is named when it rejects", func(ctx SpecContext, rule, host string, cause probe.Cause, message string) {
		p := newRow()
		p.forward("tcp dport 2121 " + rule)
		e := p.dial(ctx, host, probe.Dialer{Timeout: 20 * time.Second, ICMP: true})
		Expect(e.Phase).To(Equal(probe.Connect))
		Expect(e.Cause).To(Equal(cause), e.Error())
		if message == "" {
			Expect(e.ICMP).To(BeNil())
			return
		}
		Expect(e.ICMP).NotTo(BeNil(), e.Error())
		Expect(e.ICMP.String()).To(Equal(message))
		Expect(e.Error()).To(ContainSubstring(message))
	},
		Entry("host prohibited", "reject with icmp type host-prohibited", v4, probe.Unreachable, "ICMP 3/10 (host prohibited) from 192.0.2.1"),
		Entry("administratively prohibited", "reject with icmp type admin-prohibited", v4, probe.Unreachable, "ICMP 3/13 (administratively prohibited) from 192.0.2.1"),
		Entry("port unreachable", "reject with icmp type port-unreachable", v4, probe.Refused, "ICMP 3/3 (port unreachable) from 192.0.2.1"),
		Entry("administratively prohibited, over IPv6", "reject with icmpv6 type admin-prohibited", v6, probe.Unreachable, "ICMPv6 1/1 (administratively prohibited) from fd77:1::1"),
		Entry("port unreachable, over IPv6", "reject with icmpv6 type port-unreachable", v6, probe.Refused, "ICMPv6 1/4 (port unreachable) from fd77:1::1"),
		Entry("a RST, which names nobody", "reject with tcp reset", v4, probe.Refused, ""),
	)

	It("is not named when it drops", func(ctx SpecContext) {
		p := newRow()
		p.forward("tcp dport 2121 drop")
		e := p.dial(ctx, v4, probe.Dialer{Timeout: 500 * time.Millisecond, ICMP: true})
		Expect(e.Cause).To(Equal(probe.Filtered), e.Error())
		Expect(e.ICMP).To(BeNil())
	})

	It("is not named unless it is asked for", func(ctx SpecContext) {
		p := newRow()
		p.forward("tcp dport 2121 reject with icmp type host-prohibited")
		e := p.dial(ctx, v4, probe.Dialer{Timeout: 20 * time.Second})
		Expect(e.Cause).To(Equal(probe.Unreachable), e.Error())
		Expect(e.ICMP).To(BeNil())
	})
})
