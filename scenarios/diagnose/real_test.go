package diagnose

import (
	"crypto/tls"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
)

var _ = Describe("Real servers", func() {
	products := map[daemon.Kind]string{
		daemon.VSFTPD:    probe.VSFTPD,
		daemon.ProFTPD:   probe.ProFTPD,
		daemon.PureFTPd:  probe.PureFTPd,
		daemon.Pyftpdlib: probe.Pyftpdlib,
	}
	for _, kind := range daemon.All() {
		Describe(kind.String(), func() {
			run := func(ctx SpecContext, d *daemon.Daemon, conf *tls.Config) report.Diagnosis {
				GinkgoHelper()
				opt := Options{Target: target(d.URL()), Dialer: &probe.Dialer{Timeout: 10 * time.Second, TLS: conf}, DataTimeout: time.Second}
				if conf != nil {
					opt.Target.Security = probe.Explicit
				}
				got, err := Run(ctx, opt)
				Expect(err).NotTo(HaveOccurred())
				return got
			}

			It("is healthy and recognised", func(ctx SpecContext) {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{})
				got := run(ctx, d, nil)
				Expect(got.Findings[0].Code).To(Equal(report.Healthy), "%+v", got)
				Expect(got.Findings).To(HaveLen(1))
				Expect(got.Range.First).To(BeNumerically(">=", d.PassivePorts[0]))
				Expect(got.Range.Last).To(BeNumerically("<=", d.PassivePorts[1]))

				s, err := (&probe.Dialer{}).Open(ctx, target(d.URL()))
				Expect(err).NotTo(HaveOccurred())
				defer s.Close()
				product, err := Identify(ctx, s)
				Expect(err).NotTo(HaveOccurred())
				Expect(product.Name).To(Equal(products[kind]))
			})

			It("is healthy over TLS", func(ctx SpecContext) {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: true})
				got := run(ctx, d, &tls.Config{InsecureSkipVerify: true})
				Expect(got.Findings[0].Code).To(Equal(report.Healthy), "%+v", got)
			})

			It("gets its own setting as advice when it announces a wrong address", func(ctx SpecContext) {
				d := daemon.Start(GinkgoTB(), kind, daemon.Options{Advertise: "10.99.0.1"})
				got := run(ctx, d, nil)
				Expect(got.Findings[0].Code).To(Equal(report.AddressPrivate), "%+v", got)
				Expect(got.Findings[0].Advice[0]).To(HavePrefix(products[kind] + " ("))
				Expect(fmt.Sprint(got.Findings[0].Advice)).To(ContainSubstring("127.0.0.1"))
			})
		})
	}
	for _, kind := range []daemon.Kind{daemon.VSFTPD, daemon.ProFTPD} {
		It(fmt.Sprintf("%s that demands session reuse", kind), func(ctx SpecContext) {
			d := daemon.Start(GinkgoTB(), kind, daemon.Options{TLS: true, RequireReuse: true})
			opt := Options{Target: target(d.URL()), DataTimeout: time.Second,
				Dialer: &probe.Dialer{Timeout: 10 * time.Second, TLS: &tls.Config{InsecureSkipVerify: true, SessionTicketsDisabled: true}}}
			opt.Target.Security = probe.Explicit
			got, err := Run(ctx, opt)
			Expect(err).NotTo(HaveOccurred())
			// vsftpd says what it wants; ProFTPD's "Operation not permitted" leaves it open.
			if kind == daemon.VSFTPD {
				Expect(got.Findings[0].Code).To(Equal(TLSReuseRequired), "%+v", got)
			} else {
				Expect(got.Findings[0].Code).To(Equal(report.Undetermined), "%+v", got)
				Expect(fmt.Sprint(got.Findings[0])).To(ContainSubstring("tls-reuse-required"))
			}
		})
	}
})
