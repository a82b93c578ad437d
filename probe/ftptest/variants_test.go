package ftptest_test

import (
	"context"
	"crypto/tls"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
)

// Each variant has to work, in clear and under TLS. What is unusual about it is seen in
// the transcripts; that nobody accuses it is for the suites.
var _ = Describe("A variant", func() {
	for _, v := range ftptest.Variants() {
		for _, secure := range []bool{false, true} {
			name := v.Name
			if secure {
				name += ", under TLS"
			}
			It("serves: "+name, func(ctx context.Context) {
				cfg := ftptest.Config{Variants: []ftptest.Variant{v}}
				if secure {
					if v.Name == "no-tls" || v.Name == "no-extensions" {
						return
					}
					selfSigned, _, err := ftptest.SelfSigned()
					Expect(err).NotTo(HaveOccurred())
					cfg.TLS = selfSigned
				}
				srv := start(cfg)
				target, err := probe.ParseTarget(srv.URL())
				Expect(err).NotTo(HaveOccurred())
				dialer := &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}
				s, err := dialer.Open(ctx, target)
				Expect(err).NotTo(HaveOccurred())
				defer s.Close()
				for _, passive := range []probe.PassiveCommand{probe.OnlyPASV, probe.AutoPassive} {
					dialer.Passive = passive
					var got strings.Builder
					_, err = s.Retrieve(ctx, "RETR pub/1m.bin", &got)
					Expect(err).NotTo(HaveOccurred())
					Expect(got.Len()).To(Equal(1 << 20))
					_, err = s.Retrieve(ctx, "LIST pub", nil)
					Expect(err).NotTo(HaveOccurred())
					switch v.Name {
					case "read-only", "drop-box", "names-files-itself", "no-overwriting":
						// Here nothing can be stored, or not be fetched, or not twice.
					default:
						_, err = s.Store(ctx, "STOR new", strings.NewReader("some octets"))
						Expect(err).NotTo(HaveOccurred())
						got.Reset()
						_, err = s.Retrieve(ctx, "RETR new", &got)
						Expect(err).NotTo(HaveOccurred())
						Expect(got.String()).To(Equal("some octets"))
					}
				}
				Expect(s.WorkingDirectory(ctx)).To(Equal("/"))
				_, err = s.Quit(ctx)
				Expect(err).NotTo(HaveOccurred())
				Expect(s.Stray()).To(BeEmpty())
			})
		}
	}

	It("has a name, a sentence, and no double", func() {
		seen := map[string]bool{}
		for _, v := range ftptest.Variants() {
			Expect(v.Name).To(MatchRegexp(`^[a-z0-9]+(-[a-z0-9]+)*$`))
			Expect(v.About).To(HaveSuffix("."))
			Expect(seen[v.Name]).To(BeFalse(), v.Name)
			seen[v.Name] = true
			_, fault := ftptest.LookupFault(v.Name)
			Expect(fault).To(BeFalse(), "a fault and a variant are both called %s", v.Name)
		}
		_, ok := ftptest.LookupVariant("no-such-variant")
		Expect(ok).To(BeFalse())
	})
})
