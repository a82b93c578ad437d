package probe_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

// deviations are where a server does something else than the specs below expect
// of every other one. The specs see to it that it does just that, so that a
// version in which it is mended is noticed.
var deviations = map[string]map[string]string{
	daemon.VSFTPD.String(): {
		"CCC":            "500: not known",
		"STAT in a RETR": "500: takes the Telnet signals for part of the verb",
		"QUIT in a RETR": "500: takes the Telnet signals for part of the verb",
		"MLST":           "500: not known",
		"MLSD":           "500: not known",
		"HOST":           "500: not known",
	},
	daemon.ProFTPD.String(): {
		"STAT in a RETR": "takes TCP urgent data for ABOR, whatever the command; right under TLS",
		"QUIT in a RETR": "the same; under TLS it closes without the end of the transfer",
		"HOST":           "504: knows the names in its configuration only",
	},
	daemon.PureFTPd.String(): {
		"resumption of TLS 1.3": "sends no session tickets",
		"ABOR when idle":        "nothing: drops a line that begins with Telnet signals",
		"ABOR of a RETR":        "notices it only when the data are received; a download that is cut ends with a 1yz",
		"STAT in a RETR":        "500: knows ABOR and QUIT only",
		"QUIT in a RETR":        "takes it for ABOR: 426 and 226, no 221",
		"HOST":                  "530: not known",
		"APPE to a STOU":        "replaces the file in the session that made it with STOU",
		"OPTS UTF8":             "504: not in this build",
	},
	daemon.Pyftpdlib.String(): {
		"CCC":       "500: not known",
		"HOST":      "500: not known",
		"OPTS UTF8": "501: UTF8 is on for good",
	},
	embedded: {},
}

func deviates(srv *server, what string) bool {
	_, does := deviations[srv.name][what]
	return does
}

// ways are how data connections are opened.
var ways = []struct {
	name      string
	v4        bool // IPv4 only
	configure func(*probe.Dialer)
}{
	{"PASV", true, func(d *probe.Dialer) { d.Passive = probe.OnlyPASV }},
	{"EPSV", false, func(d *probe.Dialer) { d.Passive = probe.OnlyEPSV }},
	{"PORT", true, func(d *probe.Dialer) { d.Active = probe.OnlyPORT }},
	{"EPRT", false, func(d *probe.Dialer) { d.Active = probe.OnlyEPRT }},
}

func content(size int64) []byte {
	GinkgoHelper()
	b, err := io.ReadAll(probe.Content(size))
	Expect(err).NotTo(HaveOccurred())
	return b
}

// fetched downloads a file.
func fetched(ctx context.Context, s *probe.Session, command string) []byte {
	GinkgoHelper()
	var got bytes.Buffer
	_, err := s.Retrieve(ctx, command, &got)
	Expect(err).NotTo(HaveOccurred())
	return got.Bytes()
}

// inStep sees that replies belong to their commands, and that data move.
func inStep(ctx context.Context, s *probe.Session) {
	GinkgoHelper()
	Expect(s.WorkingDirectory(ctx)).To(Equal("/"))
	Expect(fetched(ctx, s, "RETR small")).To(Equal(content(small)))
	Expect(s.Stray()).To(BeEmpty())
}

const (
	small = 4 << 10
	large = 64 << 20 // more than socket buffers hold
	huge  = 5 << 30  // more than 32 bits hold
)

var _ = Describe("a session with", Label("interop"), func() {
	names := []string{embedded}
	for _, kind := range daemon.All() {
		names = append(names, kind.String())
	}
	for _, name := range names {
		for _, addr := range []string{"127.0.0.1", "::1"} {
			for _, reuse := range []bool{false, true} {
				if reuse && name != embedded && name != daemon.VSFTPD.String() && name != daemon.ProFTPD.String() {
					continue // there is no such setting
				}
				title := fmt.Sprintf("%s on %s", name, addr)
				if reuse {
					title += ", which demands TLS resumption,"
				}
				Context(title, Label(name), Ordered, ContinueOnFailure, func() {
					var srv *server
					BeforeAll(func() {
						srv = serve(name, addr, reuse)
						srv.put("small", content(small), small)
						srv.put("large", nil, large)
					})
					for _, version := range []uint16{0, tls.VersionTLS12, tls.VersionTLS13} {
						if reuse && version == 0 {
							continue // the same as without
						}
						within := "in clear text"
						if version != 0 {
							within = "under " + tls.VersionName(version)
						}
						It("moves data "+within, func(ctx SpecContext) { moves(ctx, srv, version) }, NodeTimeout(2*time.Minute))
						It("resumes files "+within, func(ctx SpecContext) { resumes(ctx, srv, version) }, NodeTimeout(time.Minute))
						It("is aborted and goes on "+within, func(ctx SpecContext) { aborts(ctx, srv, version) }, NodeTimeout(time.Minute))
						if !reuse {
							It("is interrupted "+within, func(ctx SpecContext) { interrupts(ctx, srv, version) }, NodeTimeout(time.Minute))
						}
						if version != 0 {
							It("goes on in clear text "+within, func(ctx SpecContext) { clears(ctx, srv, version) }, NodeTimeout(time.Minute))
						}
					}
					if reuse || addr != "127.0.0.1" {
						return
					}
					It("takes every command that the server says it knows", func(ctx SpecContext) { commands(ctx, srv) }, NodeTimeout(time.Minute))
					It("moves more than 4 GiB", func(ctx SpecContext) {
						srv.put("huge", nil, huge)
						s := srv.open(ctx, 0)
						Expect(s.Size(ctx, "huge")).To(BeEquivalentTo(huge))
						t, err := s.Retrieve(ctx, "RETR huge", nil)
						Expect(err).NotTo(HaveOccurred())
						Expect(t.Bytes).To(BeEquivalentTo(huge))
						var end bytes.Buffer
						_, err = s.RetrieveAt(ctx, huge-1000, "RETR huge", &end)
						Expect(err).NotTo(HaveOccurred())
						Expect(end.Bytes()).To(Equal(make([]byte, 1000)))
					}, NodeTimeout(5*time.Minute))
				})
			}
		}
	}
})

// moves transfers files of some sizes both ways over every kind of data connection.
func moves(ctx context.Context, srv *server, version uint16) {
	for _, way := range ways {
		if way.v4 && !srv.addr.Addr().Is4() {
			continue
		}
		By(way.name)
		s := srv.open(ctx, version, way.configure)
		for _, size := range []int64{0, 1, 1<<20 + 1} {
			up, err := s.Store(ctx, "STOR up", probe.Content(size))
			Expect(err).NotTo(HaveOccurred())
			Expect(up.Bytes).To(Equal(size))
			Expect(up.Offer.Command).To(Equal(way.name))
			Expect(bytes.Equal(srv.get("up"), content(size))).To(BeTrue(), "an upload of %d octets", size)

			var got bytes.Buffer
			down, err := s.Retrieve(ctx, "RETR up", &got)
			Expect(err).NotTo(HaveOccurred())
			Expect(bytes.Equal(got.Bytes(), content(size))).To(BeTrue(), "a download of %d octets", size)
			secured(srv, s, version, up.TLS)
			secured(srv, s, version, down.TLS)
			if version != 0 {
				Expect(down.TLS.NotifySeen).To(BeTrue(), "close_notify of the server")
			}
		}
		Expect(string(fetched(ctx, s, "NLST"))).To(MatchRegexp(`(?m)^(\./)?small\r$`))
		_, err := s.Quit(ctx)
		Expect(err).NotTo(HaveOccurred())
	}
}

// secured looks at the TLS of a data connection that has ended.
func secured(srv *server, s *probe.Session, version uint16, data *probe.TLSFacts) {
	GinkgoHelper()
	control := s.TLSFacts()
	if version == 0 {
		Expect([]*probe.TLSFacts{control, data}).To(HaveEach(BeNil()))
		return
	}
	Expect([]uint16{control.Version, data.Version}).To(HaveEach(version))
	Expect(control.Resumed).To(BeFalse())
	none := version == tls.VersionTLS13 && deviates(srv, "resumption of TLS 1.3")
	Expect(data.Resumed).To(Equal(!none), "resumption: %s", data)
	Expect(data.NotifySent).To(BeTrue(), "close_notify of the client")
	Expect(data.Certificate().Distrust).NotTo(HaveOccurred())
	Expect(data.Certificate().Fingerprint).To(Equal(control.Certificate().Fingerprint))
}

// resumes continues transfers in the middle.
func resumes(ctx context.Context, srv *server, version uint16) {
	s := srv.open(ctx, version)
	whole := content(100_000)

	_, err := s.Store(ctx, "STOR part", bytes.NewReader(whole[:40_000]))
	Expect(err).NotTo(HaveOccurred())
	_, err = s.StoreAt(ctx, 40_000, "STOR part", bytes.NewReader(whole[40_000:70_000]))
	Expect(err).NotTo(HaveOccurred())
	_, err = s.Append(ctx, "part", bytes.NewReader(whole[70_000:]))
	Expect(err).NotTo(HaveOccurred())
	Expect(bytes.Equal(srv.get("part"), whole)).To(BeTrue(), "what is stored")

	var end bytes.Buffer
	_, err = s.RetrieveAt(ctx, 99_000, "RETR part", &end)
	Expect(err).NotTo(HaveOccurred())
	Expect(end.Bytes()).To(Equal(whole[99_000:]))
	Expect(fetched(ctx, s, "RETR part")).To(HaveLen(len(whole)), "REST is good for one transfer only")
}

// begin begins a download and receives a bit of it.
func begin(ctx context.Context, s *probe.Session) *probe.DataConn {
	GinkgoHelper()
	o, err := s.Passive(ctx)
	Expect(err).NotTo(HaveOccurred())
	c, err := s.DialData(ctx, o.Dial(probe.DialAdvertised, s.Peer()))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = c.Close() })
	r, err := s.Do(ctx, "RETR large")
	Expect(err).NotTo(HaveOccurred())
	Expect(r.Preliminary()).To(BeTrue(), r.String())
	if s.Protected() {
		Expect(c.Handshake(ctx)).To(Succeed())
	}
	_, err = c.Read(ctx, make([]byte, 1000))
	Expect(err).NotTo(HaveOccurred())
	return c
}

// aborts aborts what is there to be aborted, and goes on in the same session.
func aborts(ctx context.Context, srv *server, version uint16) {
	s := srv.open(ctx, version)
	By("when nothing is transferred")
	idle, err := s.Abort(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(idle.Final.IsZero()).To(BeTrue())
	if deviates(srv, "ABOR when idle") {
		Expect(idle.Replies).To(BeEmpty())
	} else {
		Expect(idle.Answer.Code).To(BeElementOf(225, 226))
	}
	inStep(ctx, s)

	By("when nobody receives")
	c := begin(ctx, s)
	i, err := c.Abort(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(c.Bytes()).To(BeNumerically("<", large))
	if deviates(srv, "ABOR of a RETR") && i.Final.Code != 426 {
		Expect(i.Replies).To(HaveEach(HaveField("Code", BeElementOf(150, 226))))
	} else {
		Expect(i.Final.Code).To(Equal(426))
		Expect(i.Answer.Code).To(BeElementOf(225, 226))
	}
	inStep(ctx, s)

	By("when the data are received")
	c = begin(ctx, s)
	Expect(s.Interrupt(ctx, "ABOR")).To(Succeed())
	_ = c.Receive(ctx, nil) // a reset, or less or more of the data
	_ = c.Close()
	i, err = s.Interrupted(ctx, "ABOR")
	Expect(err).NotTo(HaveOccurred())
	Expect(i.Final.Code).To(BeElementOf(426, 226))
	Expect(i.Answer.Code).To(BeElementOf(225, 226))
	if i.Final.Code == 226 {
		Expect(c.Bytes()).To(BeEquivalentTo(large), "226 after data that are not complete")
	}
	inStep(ctx, s)
}

// interrupts sends STAT and QUIT while data are received.
func interrupts(ctx context.Context, srv *server, version uint16) {
	for verb, answer := range map[string]int{"STAT": 211, "QUIT": 221} {
		By(verb)
		s := srv.open(ctx, version)
		c := begin(ctx, s)
		Expect(s.Interrupt(ctx, verb)).To(Succeed())
		failed := c.Receive(ctx, nil)
		_ = c.Close()
		i, err := s.Interrupted(ctx, verb)
		got := []int{i.Final.Code, i.Answer.Code}

		right := Equal([]int{226, answer})
		if deviates(srv, verb+" in a RETR") {
			switch srv.name + " " + verb {
			case "vsftpd STAT", "vsftpd QUIT", "pure-ftpd STAT":
				right = Equal([]int{226, 500})
			case "pure-ftpd QUIT":
				right = Or(Equal([]int{426, 226}), Equal([]int{226, 221}))
			case "proftpd STAT":
				right = Or(right, Equal([]int{426, 211}))
			case "proftpd QUIT":
				right = Or(right, Equal([]int{426, 221}), Equal([]int{0, 221}))
			}
		}
		Expect(got).To(right, "%v, %v", i.Replies, err)
		if i.Final.Code == 226 {
			Expect(failed).NotTo(HaveOccurred())
			Expect(c.Bytes()).To(BeEquivalentTo(large))
		}
		if i.Final.IsZero() {
			Expect(probe.CauseOf(err)).To(BeElementOf(probe.Closed, probe.Reset))
		} else {
			Expect(err).NotTo(HaveOccurred())
		}
		if i.Answer.Code != 221 && i.Answer.Code != 226 {
			inStep(ctx, s)
		}
	}
}

// clears ends TLS on the control connection.
func clears(ctx context.Context, srv *server, version uint16) {
	s := srv.open(ctx, version)
	err := s.ClearCommandChannel(ctx)
	if deviates(srv, "CCC") {
		Expect(probe.CauseOf(err)).To(Equal(probe.Refusal))
		Expect(s.TLS()).NotTo(BeNil())
	} else {
		Expect(err).NotTo(HaveOccurred())
		Expect(s.TLS()).To(BeNil())
		Expect(s.TLSFacts()).To(BeNil())
	}
	inStep(ctx, s)
	t, err := s.Retrieve(ctx, "RETR small", nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(t.TLS).NotTo(BeNil(), "data connections stay protected")
}

var verbs = regexp.MustCompile(`\b[A-Z]{3,4}\b\*?`)

// commands sends all that the server lists in HELP, and what has methods of its own.
func commands(ctx context.Context, srv *server) {
	s := srv.open(ctx, 0)
	// accepted sends a command that is to be answered with one of the codes.
	accepted := func(line string, codes ...int) {
		GinkgoHelper()
		r, err := s.Do(ctx, line)
		Expect(err).NotTo(HaveOccurred())
		Expect(codes).To(ContainElement(r.Code), "%s: %s", line, r)
	}
	// known tells whether the server knows a command. Where it does not, it has refused it.
	known := func(what string, err error) bool {
		GinkgoHelper()
		if !deviates(srv, what) {
			Expect(err).NotTo(HaveOccurred(), what)
			return true
		}
		Expect(probe.CauseOf(err)).To(Equal(probe.Refusal), what)
		return false
	}
	start := time.Now()

	By("asking")
	accepted("SYST", 215)
	accepted("NOOP", 200)
	accepted("STAT", 211)
	accepted("SITE HELP", 200, 211, 214)
	f, err := s.Features(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(f.Has("rest")).To(BeTrue())
	Expect(s.WorkingDirectory(ctx)).To(Equal("/"))
	known("OPTS UTF8", s.OptsUTF8(ctx))

	By("setting parameters")
	for _, line := range []string{"TYPE A", "TYPE I", "MODE S", "STRU F", "ALLO 10"} {
		accepted(line, 200, 202)
	}

	By("making, moving and removing")
	accepted("MKD d", 257)
	accepted("CWD d", 250)
	Expect(s.WorkingDirectory(ctx)).To(Equal("/d"))
	accepted("CDUP", 200, 250)
	accepted("XMKD d/e", 257)
	accepted("XCWD d/e", 250)
	accepted("XCUP", 200, 250)
	accepted("XPWD", 257)
	accepted("CWD /", 250)
	accepted("XRMD d/e", 250)
	_, err = s.Store(ctx, "STOR d/f", probe.Content(1234))
	Expect(err).NotTo(HaveOccurred())
	Expect(s.Rename(ctx, "d/f", "d/g")).To(Succeed())
	Expect(probe.CauseOf(s.Rename(ctx, "d/f", "d/g"))).To(Equal(probe.Refusal))
	Expect(s.Size(ctx, "d/g")).To(BeEquivalentTo(1234))
	_, err = s.Size(ctx, "d/f")
	Expect(probe.CauseOf(err)).To(Equal(probe.Refusal))
	changed, err := s.ModTime(ctx, "d/g")
	Expect(err).NotTo(HaveOccurred())
	Expect(changed).To(BeTemporally("~", start, time.Hour))
	if e, err := s.MLST(ctx, "d/g"); known("MLST", err) {
		Expect(e.Type()).To(Equal("file"))
		Expect(e.Size()).To(BeEquivalentTo(1234))
	}

	By("listing")
	Expect(string(fetched(ctx, s, "LIST d"))).To(MatchRegexp(`(?m)1234 .* g\r$`))
	Expect(string(fetched(ctx, s, "NLST d"))).To(MatchRegexp(`(?m)^(d/)?g\r$`))
	var list bytes.Buffer
	if _, err := s.Retrieve(ctx, "MLSD d", &list); known("MLSD", err) {
		Expect(list.String()).To(MatchRegexp(`(?im)^\S*type=file;\S* g\r$`))
	}

	By("storing under a name of the server's")
	name, _, err := s.StoreUnique(ctx, strings.NewReader("unique"))
	Expect(err).NotTo(HaveOccurred())
	Expect(srv.get(strings.TrimPrefix(name, "/"))).To(BeEquivalentTo("unique"))
	_, err = s.Append(ctx, name, strings.NewReader(" no more"))
	Expect(err).NotTo(HaveOccurred())
	if deviates(srv, "APPE to a STOU") {
		Expect(string(fetched(ctx, s, "RETR "+name))).To(Equal(" no more"))
	} else {
		Expect(string(fetched(ctx, s, "RETR "+name))).To(Equal("unique no more"))
	}
	accepted("DELE "+name, 250)
	accepted("DELE d/g", 250)
	accepted("RMD d", 250)

	By("transferring text as it is on the wire")
	Expect(s.Type(ctx, "A")).To(Succeed())
	up, err := s.Store(ctx, "STOR text", strings.NewReader("one\r\ntwo\r\n"))
	Expect(err).NotTo(HaveOccurred())
	Expect(up.Bytes).To(BeEquivalentTo(10))
	Expect(string(fetched(ctx, s, "RETR text"))).To(Equal("one\r\ntwo\r\n"))
	Expect(s.Type(ctx, "I")).To(Succeed())

	By("all the rest")
	help, err := s.Do(ctx, "HELP")
	Expect(err).NotTo(HaveOccurred())
	tried := map[string]bool{}
	for _, line := range s.Transcript().Lines() {
		if line.Dir == probe.Sent {
			verb, _, _ := strings.Cut(line.Text, " ")
			tried[verb] = true
		}
	}
	// Commands that end the session, or are the matter of other specs.
	for _, verb := range []string{"ABOR", "QUIT", "PASV", "PORT", "EPRT", "AUTH", "PBSZ", "PROT", "CCC", "HOST"} {
		tried[verb] = true
	}
	for _, verb := range verbs.FindAllString(help.Text(), -1) {
		if verb = strings.TrimSuffix(verb, "*"); verb == "HELP" || tried[verb] {
			continue
		}
		// What is left needs an argument that only a person knows. Any reply is
		// right, as long as there is one.
		r, err := s.Do(ctx, verb)
		Expect(err).NotTo(HaveOccurred(), verb)
		Expect(r.Preliminary()).To(BeFalse(), "%s: %s", verb, r)
	}

	By("with EPSV alone")
	s = srv.open(ctx, 0)
	Expect(s.EPSVAll(ctx)).To(Succeed())
	Expect(fetched(ctx, s, "RETR small")).To(HaveLen(small))

	By("to a host by its name")
	d, t := srv.target(0)
	s, err = d.Dial(ctx, t)
	Expect(err).NotTo(HaveOccurred())
	defer s.Close()
	if known("HOST", s.Host(ctx, "localhost")) {
		Expect(s.Enter(ctx)).To(Succeed())
	}
}
