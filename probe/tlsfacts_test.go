package probe_test

import (
	"crypto/tls"
	"crypto/x509"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("the facts of TLS", func() {
	It("tell a certificate that is trusted from one that is not", func(ctx SpecContext) {
		srv := serve(embedded, "127.0.0.1", false)
		trusted := srv.open(ctx, tls.VersionTLS13).TLSFacts()
		Expect(trusted.String()).To(HavePrefix("TLS 1.3 TLS_"))
		c := trusted.Certificate()
		Expect(c.Distrust).NotTo(HaveOccurred())
		Expect(c.Names).To(ConsistOf("localhost"))
		Expect(c.Addresses).To(ContainElement(srv.addr.Addr()))
		Expect(c.Key).To(Equal("ECDSA P-256"))
		Expect(c.Subject).To(Equal(c.Issuer))
		Expect(c.NotAfter).To(BeTemporally(">", c.NotBefore))

		// Without a check of the certificate the handshake succeeds, and the
		// facts say what the check would have.
		blind := func(d *probe.Dialer) { d.TLS = &tls.Config{InsecureSkipVerify: true, RootCAs: x509.NewCertPool()} }
		d := srv.open(ctx, tls.VersionTLS12, blind).TLSFacts().Certificate()
		Expect(d.Distrust).To(MatchError(ContainSubstring("unknown authority")))
		Expect(d.Fingerprint).To(Equal(c.Fingerprint))

		dialer, target := srv.target(tls.VersionTLS12)
		dialer.TLS.RootCAs = x509.NewCertPool()
		_, err := dialer.Open(ctx, target)
		Expect(probe.CauseOf(err)).To(Equal(probe.Handshake))
		failed, ok := probe.CertificateOf(err)
		Expect(ok).To(BeTrue())
		Expect(failed.Fingerprint).To(Equal(c.Fingerprint))
		Expect(failed.Distrust).To(HaveOccurred())
	})

	It("know no certificate where there is none", func() {
		_, ok := probe.CertificateOf(&probe.Error{Cause: probe.Handshake})
		Expect(ok).To(BeFalse())
	})

	It("tell when the server ends without a close_notify", func(ctx SpecContext) {
		srv := serve(embedded, "127.0.0.1", false, "tls-no-close-notify")
		srv.put("small", content(small), small)
		s := srv.open(ctx, tls.VersionTLS13)
		t, err := s.Retrieve(ctx, "RETR small", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.TLS.NotifySeen).To(BeFalse())
		Expect(t.TLS.NotifySent).To(BeTrue())
	})
})
