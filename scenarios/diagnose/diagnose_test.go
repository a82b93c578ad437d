package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
)

// serve starts a server for one spec.
func serve(cfg ftptest.Config, faults ...string) *ftptest.Server {
	GinkgoHelper()
	for _, name := range faults {
		f, ok := ftptest.LookupFault(name)
		Expect(ok).To(BeTrue(), "no fault "+name)
		cfg.Faults = append(cfg.Faults, f)
	}
	srv, err := ftptest.Start(cfg)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(srv.Close)
	return srv
}

func target(url string) probe.Target {
	GinkgoHelper()
	t, err := probe.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	return t
}

// patience is short: everything here is on loopback.
func patience() Options {
	return Options{Dialer: &probe.Dialer{Timeout: 2 * time.Second}, DataTimeout: 500 * time.Millisecond}
}

func diagnosis(ctx context.Context, url string) report.Diagnosis {
	GinkgoHelper()
	opt := patience()
	opt.Target = target(url)
	d, err := Run(ctx, opt)
	Expect(err).NotTo(HaveOccurred())
	return d
}

func outcomes(d report.Diagnosis) map[string]string {
	m := map[string]string{}
	for _, c := range d.Matrix {
		m[c.Way] = c.Outcome
	}
	return m
}

var _ = Describe("Run", func() {
	It("finds a good server healthy, and maps its ports", func(ctx SpecContext) {
		srv := serve(ftptest.Config{})
		d := diagnosis(ctx, srv.URL())

		Expect(d.Findings).To(HaveLen(1))
		Expect(d.Findings[0].Code).To(Equal(report.Healthy))
		Expect(outcomes(d)).To(Equal(map[string]string{"advertised": "ok", "control": "ok", "epsv": "ok"}))
		Expect(d.Matrix[0].Tried).To(Equal(3))
		Expect(d.Matrix[0].Worked).To(Equal(3))
		Expect(d.Matrix[1].Tried).To(BeZero(), "the same place is not dialled twice")
		Expect(d.Matrix[1].Detail).To(ContainSubstring("same place"))
		Expect(d.Range.Samples).To(Equal(DefaultSamples))
		Expect(d.Range.Distinct).To(Equal(len(d.Ports)))
		for _, p := range d.Ports {
			Expect(p.State).To(Equal("open"))
		}
		Expect(srv.Stats().Sessions).To(BeNumerically("<=", 3))
		Eventually(func() int64 { return srv.Stats().OpenSessions }).WithContext(ctx).Should(BeZero())
		Eventually(func() int64 { return srv.Stats().OpenListeners }).WithContext(ctx).Should(BeZero())
	})

	It("says on IPv6 that PASV makes no sense there", func(ctx SpecContext) {
		l, err := net.Listen("tcp", "[::1]:0")
		if err != nil {
			Skip("no IPv6 on this machine: " + err.Error())
		}
		l.Close()
		d := diagnosis(ctx, serve(ftptest.Config{Addr: "[::1]:0"}).URL())

		Expect(d.Findings[0].Code).To(Equal(report.Healthy))
		Expect(outcomes(d)).To(Equal(map[string]string{"advertised": "skipped", "control": "skipped", "epsv": "ok"}))
		Expect(d.Matrix[0].Detail).To(ContainSubstring("IPv6"))
		Expect(d.Matrix[2].Family).To(Equal("ipv6"))
	})

	It("protects its data connections as the target asks for", func(ctx SpecContext) {
		conf, ca, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		roots := x509.NewCertPool()
		Expect(roots.AppendCertsFromPEM(ca)).To(BeTrue())
		srv := serve(ftptest.Config{TLS: conf, RequireReuse: true})

		opt := patience()
		opt.Target, opt.Dialer.TLS = target(srv.URL()), &tls.Config{RootCAs: roots}
		d, err := Run(ctx, opt)
		Expect(err).NotTo(HaveOccurred())
		Expect(d.Findings[0].Code).To(Equal(report.Healthy), "%+v", d.Findings)
		Expect(d.Matrix[0].Protection).To(Equal("tls"))

		By("not resuming the session")
		opt.Dialer = &probe.Dialer{Timeout: 2 * time.Second, TLS: &tls.Config{RootCAs: roots, SessionTicketsDisabled: true}}
		d, err = Run(ctx, opt)
		Expect(err).NotTo(HaveOccurred())
		Expect(d.Findings[0].Code).To(Equal(TLSReuseRequired), "%+v", d.Findings)
		Expect(d.Matrix[0].Worked).To(BeZero())

		By("not knowing the issuer")
		d = diagnosis(ctx, srv.URL())
		Expect(d.Findings[0].Code).To(Equal(TLSCertificate), "%+v", d.Findings)
	})

	It("works within a small range and a small number of sessions", func(ctx SpecContext) {
		srv := serve(ftptest.Config{PassivePorts: freePair(), MaxSessions: 1})
		d := diagnosis(ctx, srv.URL())
		Expect(d.Findings[0].Code).To(Equal(report.Healthy), "%+v", d)
		Expect(d.Ports).To(HaveLen(2))
	})

	It("tells its progress up to the end", func(ctx SpecContext) {
		opt := patience()
		opt.Target = target(serve(ftptest.Config{}).URL())
		var done, last int
		opt.Progress = func(n, total int, what string) {
			Expect(n).To(BeNumerically(">=", done))
			Expect(what).NotTo(BeEmpty())
			done, last = n, total
		}
		_, err := Run(ctx, opt)
		Expect(err).NotTo(HaveOccurred())
		Expect(done).To(Equal(last))
	})

	It("gives back what it has when it is interrupted, and no verdict", func(ctx SpecContext) {
		srv := serve(ftptest.Config{}, "pasv-filtered")
		ctx2, cancel := context.WithCancel(ctx)
		defer cancel()
		opt := patience()
		opt.Target, opt.DataTimeout = target(srv.URL()), time.Minute
		var once sync.Once
		opt.Progress = func(_, _ int, what string) {
			if strings.Contains(what, "EPSV") {
				once.Do(cancel)
			}
		}
		d, err := Run(ctx2, opt)
		Expect(err).To(MatchError(context.Canceled))
		Expect(d.Findings).To(BeEmpty())
		Expect(d.Matrix).To(HaveLen(3))
	})

	It("calls a directory that cannot be entered by its name", func(ctx SpecContext) {
		opt := patience()
		opt.Target = target(serve(ftptest.Config{}).URL() + "no/such/place")
		_, err := Run(ctx, opt)
		Expect(err).To(MatchError(ContainSubstring("550")))
	})

	DescribeTable("names the fault", func(ctx SpecContext, fault string, code report.Code, matrix map[string]string) {
		d := diagnosis(ctx, serve(ftptest.Config{}, fault).URL())
		Expect(d.Findings[0].Code).To(Equal(code), "%+v", d.Findings)
		Expect(d.Findings).To(HaveLen(1))
		if matrix == nil {
			Expect(d.Matrix).To(BeEmpty())
		} else {
			Expect(outcomes(d)).To(Equal(matrix))
		}
		Expect(fmt.Sprint(d.Findings)).NotTo(ContainSubstring("\r"))
	},
		Entry(nil, "pasv-address-zero", report.AddressZero, ways("unreachable", "ok", "ok")),
		Entry(nil, "address-private", report.AddressPrivate, ways("unreachable", "ok", "ok")),
		Entry(nil, "address-wrong", report.AddressWrong, ways("refused", "ok", "ok")),
		Entry(nil, "pasv-refused", report.RangeRejected, ways("refused", "refused", "refused")),
		Entry(nil, "pasv-filtered", report.RangeFiltered, ways("filtered", "filtered", "filtered")),
		Entry(nil, "passive-disabled", report.PassiveDisabled, ways("reply", "skipped", "reply")),
		Entry(nil, "pasv-unimplemented", PASVUnsupported, ways("reply", "skipped", "ok")),
		Entry(nil, "epsv-unsupported", report.EPSVUnsupported, ways("ok", "ok", "reply")),
		Entry(nil, "epsv-mangled", report.EPSVMangled, ways("ok", "ok", "unreadable")),
		Entry(nil, "pasv-mangled", report.PASVMangled, ways("unreadable", "skipped", "ok")),
		Entry(nil, "login-refused", report.LoginRefused, nil),
		Entry(nil, "greeting-garbage", report.NotFTP, nil),
		Entry(nil, "silent-greeting", report.NotFTP, nil),
	)

	DescribeTable("does not accuse the network of what the server does", func(ctx SpecContext, fault, says string) {
		d := diagnosis(ctx, serve(ftptest.Config{}, fault).URL())
		Expect(d.Findings[0].Code).To(Equal(report.Undetermined), "%+v", d.Findings)
		Expect(fmt.Sprint(d.Findings[0])).To(ContainSubstring(says))
	},
		Entry(nil, "pasv-refuses-early-data", "425"),
		Entry(nil, "pasv-late-listener", "not yet"),
		Entry(nil, "pasv-default-port", "does not listen where its 227 says"),
		Entry(nil, "no-final-reply", "final reply"),
	)

	It("names a closed port, a full server and a stranger", func(ctx SpecContext) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		addr := l.Addr().String()
		Expect(l.Close()).To(Succeed())
		d := diagnosis(ctx, "ftp://"+addr+"/")
		Expect(d.Findings[0].Code).To(Equal(report.ControlUnreachable))
		Expect(d.Findings[0].Title).To(ContainSubstring("refused"))

		srv := serve(ftptest.Config{MaxSessions: 1})
		s, err := (&probe.Dialer{}).Open(ctx, target(srv.URL()))
		Expect(err).NotTo(HaveOccurred())
		defer s.Close()
		Expect(diagnosis(ctx, srv.URL()).Findings[0].Code).To(Equal(report.SessionLimit))

		ssh := stranger("SSH-2.0-\x1b[31mOpenSSH\r\n")
		d = diagnosis(ctx, "ftp://"+ssh+"/")
		Expect(d.Findings[0].Code).To(Equal(report.NotFTP))
		Expect(d.Findings[0].Title).To(ContainSubstring("SSH"))
		Expect(strings.Join(d.Findings[0].Evidence, "")).NotTo(ContainSubstring("\x1b"))
	})
})

// freePair are two neighbouring free ports, out of the way of the ports that
// the system hands out.
func freePair() ftptest.Range {
	GinkgoHelper()
	for first := uint16(20000); first < 30000; first += 2 {
		a, err1 := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first))
		b, err2 := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+1))
		for _, l := range []net.Listener{a, b} {
			if l != nil {
				l.Close()
			}
		}
		if err1 == nil && err2 == nil {
			return ftptest.Range{First: first, Last: first + 1}
		}
	}
	Fail("no two free ports side by side")
	return ftptest.Range{}
}

func ways(advertised, control, epsv string) map[string]string {
	return map[string]string{"advertised": advertised, "control": control, "epsv": epsv}
}

// stranger is a service that greets everybody with the same words.
func stranger(words string) string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(words))
			_ = c.Close()
		}
	}()
	DeferCleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}
