package ftptest_test

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// probes ask a server whether it has a fault; each is asked of a server without faults, too.
// An error says what is wrong.
var probes = map[string]func(srv *ftptest.Server) error{
	"pasv-unimplemented":  code("PASV", 227),
	"pasv-five-numbers":   matches("PASV", `\((\d+,){5}\d+\)`),
	"pasv-no-parentheses": matches("PASV", `\(.*\)`),
	"pasv-digit-in-text":  matches("PASV", `^227 [^0-9]*\((\d+,){5}\d+\)`),
	"pasv-multi-line":     matches("PASV", `^227 .*$`),
	"pasv-mangled":        matches("PASV", `(\d+,){5}\d+`),
	"pasv-default-port": announces(func(c *client, ap netip.AddrPort) bool {
		return ap.Port() != c.RemoteAddr().(*net.TCPAddr).AddrPort().Port()-1
	}),
	"pasv-port-zero":    announces(func(_ *client, ap netip.AddrPort) bool { return ap.Port() != 0 }),
	"pasv-address-zero": announces(func(_ *client, ap netip.AddrPort) bool { return !ap.Addr().IsUnspecified() }),
	"address-private":   announces(func(_ *client, ap netip.AddrPort) bool { return !ap.Addr().IsPrivate() }),
	"address-wrong":     announces(func(c *client, ap netip.AddrPort) bool { return ap.Addr() == c.peer() }),
	"pasv-late-listener": func(srv *ftptest.Server) error {
		return try(login(srv).pasv())
	},
	"pasv-refuses-early-data": func(srv *ftptest.Server) error {
		c := login(srv)
		data := tcp(c.pasv())
		return c.listing(data)
	},
	"pasv-refuses-late-data": func(srv *ftptest.Server) error {
		c := login(srv)
		addr := c.pasv()
		c.send("NLST")
		if got, _ := c.read(); got != 150 {
			return fmt.Errorf("%q", c.last)
		}
		data := tcp(addr)
		return c.rest(data)
	},
	"pasv-drops-early-data": func(srv *ftptest.Server) error {
		c := login(srv)
		data := tcp(c.pasv())
		if !silent(data, 3*time.Second) {
			return fmt.Errorf("the data connection did not stay open and silent")
		}
		return c.listing(data)
	},
	"pasv-keeps-old-port": func(srv *ftptest.Server) error {
		c := login(srv)
		old := tcp(c.pasv())
		data := tcp(c.pasv())
		c.send("NLST")
		c.read()
		if n, _ := old.Read(make([]byte, 1)); n > 0 {
			return fmt.Errorf("data on the old port")
		}
		return c.rest(data)
	},
	"pasv-refused":  func(srv *ftptest.Server) error { c := login(srv); return either(try(c.pasv()), try(c.epsv())) },
	"pasv-filtered": func(srv *ftptest.Server) error { c := login(srv); return either(try(c.pasv()), try(c.epsv())) },
	"passive-disabled": func(srv *ftptest.Server) error {
		return either(code("PASV", 227)(srv), code("EPSV", 229)(srv))
	},
	"epsv-unsupported": func(srv *ftptest.Server) error {
		return either(code("EPSV", 229)(srv), matches("FEAT", `\n EPSV\n`)(srv))
	},
	"epsv-mangled": matches("EPSV", `\(\|\|\|\d+\|\)`),
	"greeting-garbage": func(srv *ftptest.Server) error {
		line, err := connect(srv.Addr()).r.ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		if !strings.HasPrefix(line, "220 ") {
			return fmt.Errorf("greeting %q", line)
		}
		return nil
	},
	"silent-greeting": func(srv *ftptest.Server) error {
		if silent(tcp(srv.Addr()), 3*shortWhile) {
			return fmt.Errorf("no greeting")
		}
		return nil
	},
	"login-refused": func(srv *ftptest.Server) error {
		c := dial(srv)
		c.do("USER pasv", 331)
		return c.wants("PASS embedded", 230)
	},
	"session-limit": func(srv *ftptest.Server) error {
		for range 5 {
			c := connect(srv.Addr())
			if got, _ := c.read(); got != 220 {
				return fmt.Errorf("%q", c.last)
			}
		}
		return nil
	},
	"slow-reply": func(srv *ftptest.Server) error {
		c := login(srv)
		fastest := fastestReply(c)
		if fastest >= 50*time.Millisecond {
			return fmt.Errorf("fastest reply after %v", fastest)
		}
		return nil
	},
	"slow-with-sessions": func(srv *ftptest.Server) error {
		for range 10 {
			login(srv)
		}
		c := login(srv)
		fastest := fastestReply(c)
		if fastest >= 20*time.Millisecond {
			return fmt.Errorf("fastest reply after %v", fastest)
		}
		return nil
	},
	"known-tempo": func(srv *ftptest.Server) error {
		fastest := time.Hour
		for range 10 {
			before := time.Now()
			login(srv)
			fastest = min(fastest, time.Since(before))
		}
		if fastest >= ftptest.KnownTempo.Greeting+ftptest.KnownTempo.Login {
			return fmt.Errorf("logged in after %v", fastest)
		}
		return nil
	},
	"retr-short":   downloads(func(c *client, got []byte, err error) bool { return len(got) == 1<<20 && err == nil }),
	"retr-corrupt": downloads(func(c *client, got []byte, err error) bool { return got[0] == oneMeg(c)[0] && err == nil }),
	"reset-mid-transfer": downloads(func(_ *client, got []byte, err error) bool {
		return len(got) == 1<<20 && err == nil
	}),
	"retr-stall": func(srv *ftptest.Server) error {
		c := login(srv)
		c.do("TYPE I", 200)
		data := c.passive()
		c.do("RETR pub/1m.bin", 150)
		drainTo(data, 64<<10)
		if silent(data, 3*shortWhile) {
			c.do("ABOR", 426)
			c.expect(226)
			return fmt.Errorf("no octet after 64 KiB")
		}
		return nil
	},
	"stor-lost": func(srv *ftptest.Server) error {
		c := login(srv)
		c.put("STOR x", "content")
		return c.wants("SIZE x", 213)
	},
	"no-final-reply": func(srv *ftptest.Server) error {
		c := login(srv)
		data := c.passive()
		c.do("NLST", 150)
		_, err := io.ReadAll(data)
		Expect(err).NotTo(HaveOccurred())
		if c.silent(3 * shortWhile) {
			return fmt.Errorf("no final reply")
		}
		return nil
	},
}

func code(line string, want int) func(*ftptest.Server) error {
	return func(srv *ftptest.Server) error { return login(srv).wants(line, want) }
}

// wants sends a command whose reply may be wrong.
func (c *client) wants(line string, want int) error {
	c.send(line)
	if got, _ := c.read(); got != want {
		return fmt.Errorf("%q", c.last)
	}
	return nil
}

func matches(line, pattern string) func(*ftptest.Server) error {
	return func(srv *ftptest.Server) error {
		c := login(srv)
		c.send(line)
		c.read()
		if !regexp.MustCompile(pattern).MatchString(c.last) {
			return fmt.Errorf("%q", c.last)
		}
		return nil
	}
}

func announces(good func(*client, netip.AddrPort) bool) func(*ftptest.Server) error {
	return func(srv *ftptest.Server) error {
		c := login(srv)
		if ap := c.pasv(); !good(c, ap) {
			return fmt.Errorf("%v", ap)
		}
		return nil
	}
}

// downloads fetches 1 MiB and has good judge what came.
func downloads(good func(c *client, got []byte, err error) bool) func(*ftptest.Server) error {
	return func(srv *ftptest.Server) error {
		c := login(srv)
		c.do("TYPE I", 200)
		data := c.passive()
		c.do("RETR pub/1m.bin", 150)
		got, err := io.ReadAll(data)
		final, _ := c.read()
		c.do("NOOP", 200)
		if !good(c, got, err) {
			return fmt.Errorf("%d octets, %v, then %d", len(got), err, final)
		}
		return nil
	}
}

// oneMeg is what /pub/1m.bin ought to be.
func oneMeg(*client) []byte {
	f, err := ftptest.NewMemory().Open("/pub/1m.bin")
	Expect(err).NotTo(HaveOccurred())
	b, err := io.ReadAll(f)
	Expect(err).NotTo(HaveOccurred())
	return b
}

// try connects, and does not wait long for it.
func try(addr netip.AddrPort) error {
	conn, err := net.DialTimeout("tcp", addr.String(), 3*shortWhile)
	if err == nil {
		DeferCleanup(func() { conn.Close() })
	}
	return err
}

// either is an error only when both are.
func either(a, b error) error {
	if a == nil {
		return nil
	}
	return b
}

// listing runs NLST on a data connection that is there.
func (c *client) listing(data net.Conn) error {
	c.send("NLST")
	if got, _ := c.read(); got != 150 {
		return fmt.Errorf("%q", c.last)
	}
	return c.rest(data)
}

// rest is what follows the mark of NLST.
func (c *client) rest(data net.Conn) error {
	b, err := io.ReadAll(data)
	if got, _ := c.read(); got != 226 || err != nil || string(b) != "pub\r\n" {
		return fmt.Errorf("%q and %v, then %q", b, err, c.last)
	}
	return nil
}

var _ = Describe("A fault", func() {
	for _, f := range ftptest.Faults() {
		if f.Name == "address-loopback" {
			continue // needs a server on another address, see below
		}
		probe := probes[f.Name]
		It("is not seen without it: "+f.Name, func() {
			Expect(probe).NotTo(BeNil(), "there is a probe for %s", f.Name)
			Expect(probe(start(setting(f.Name)))).To(Succeed())
		})
		It("shows: "+f.Name, func() {
			cfg := setting(f.Name)
			cfg.Faults = []ftptest.Fault{f}
			err := probe(start(cfg))
			Expect(err).To(HaveOccurred())
			AddReportEntry(f.Name, err.Error(), ReportEntryVisibilityFailureOrVerbose)
		})
	}

	It("shows: address-loopback", func() {
		for _, faults := range [][]ftptest.Fault{nil, {fault("address-loopback")}} {
			srv := start(ftptest.Config{Addr: "127.0.0.5:0", Faults: faults})
			want := "127.0.0.5"
			if faults != nil {
				want = "127.0.0.1"
			}
			Expect(login(srv).pasv().Addr().String()).To(Equal(want))
		}
	})

	It("has a name, a sentence, and no double", func() {
		seen := map[string]bool{}
		for _, f := range ftptest.Faults() {
			Expect(f.Name).To(MatchRegexp(`^[a-z]+(-[a-z]+)*$`))
			Expect(f.About).To(HaveSuffix("."))
			Expect(len(f.About)).To(BeNumerically("<", 100), f.Name)
			Expect(seen[f.Name]).To(BeFalse(), f.Name)
			seen[f.Name] = true
		}
		_, ok := ftptest.LookupFault("no-such-fault")
		Expect(ok).To(BeFalse())
	})

	// The whole catalogue; a row that no server can break would be named here with its reason.
	It("is there for every requirement", func() {
		areas := map[string]int{
			"CTL": 26, "LOG": 17, "PASV": 31, "EPSV": 18, "XFER": 50, "REST": 10, "REP": 13, "MIN": 2, "INFO": 8,
			"DIR": 20, "FEAT": 10, "META": 8, "MLS": 21, "UTF": 7, "TLS": 32, "HOST": 11, "SEC": 15,
		}
		unbreakable := map[string]string{}
		covered := map[string]bool{}
		for _, f := range ftptest.Faults() {
			for _, id := range f.Catches {
				covered[id] = true
			}
		}
		rows := 0
		for area, n := range areas {
			for i := range n {
				id := fmt.Sprintf("%s-%03d", area, i+1)
				rows++
				_, exempt := unbreakable[id]
				Expect(covered[id]).NotTo(Equal(exempt), id)
				delete(covered, id)
			}
		}
		Expect(rows).To(Equal(299))
		for id := range covered {
			Expect(id).To(MatchRegexp(`^[a-z]+(-[a-z]+)*$`), "no requirement, so it has to be a finding")
		}
	})

	It("can be combined with others", func() {
		srv := start(ftptest.Config{Faults: []ftptest.Fault{fault("address-private"), fault("pasv-default-port"), fault("pasv-no-parentheses"), fault("retr-corrupt"), fault("retr-short")}})
		c := login(srv)
		port := srv.Addr().Port() - 1
		Expect(c.do("PASV", 227)).To(Equal(fmt.Sprintf("Entering Passive Mode 10,0,0,1,%d,%d", port>>8, port&255)))
		Expect(c.get("RETR pub/hello.txt")).To(HaveSuffix("Goodbye.\r"))
	})

	It("must be one of ours", func() {
		_, err := ftptest.Start(ftptest.Config{Faults: []ftptest.Fault{{Name: "mine"}}})
		Expect(err).To(MatchError(ContainSubstring(`"mine"`)))
	})

	// A twin must leave the other rows alone, so that a suite accuses it of one thing only.
	DescribeTable("leaves the rest of passive mode alone", func(name string, fine ...string) {
		for _, other := range fine {
			Expect(probes[other](faulty(name))).To(Succeed(), "%s, asked for %s", name, other)
		}
	},
		Entry(nil, "pasv-refuses-early-data", "pasv-late-listener", "pasv-refuses-late-data", "epsv-mangled"),
		Entry(nil, "pasv-refuses-late-data", "pasv-late-listener", "pasv-refuses-early-data", "pasv-drops-early-data", "pasv-keeps-old-port"),
		Entry(nil, "pasv-drops-early-data", "pasv-late-listener", "pasv-refuses-early-data", "pasv-refuses-late-data", "pasv-keeps-old-port"),
		Entry(nil, "pasv-keeps-old-port", "pasv-late-listener", "pasv-refuses-early-data", "pasv-refuses-late-data", "pasv-drops-early-data"),
	)
})

// fastestReply is how long the fastest of many replies took, which is not slow by
// accident.
func fastestReply(c *client) time.Duration {
	fastest := time.Hour
	for range 10 {
		before := time.Now()
		c.do("NOOP", 200)
		fastest = min(fastest, time.Since(before))
	}
	return fastest
}
