package variants_test

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

// Only these levels can fail when judged leniently; -filter "" judges all.
var only = flag.String("filter", "must || must-not || may", "judge only the requirements that match")

func TestVariants(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Unusual and right")
}

// together are variants that come together in the field.
var together = [][]string{
	{"multi-line", "octet-by-octet", "opening-125", "done-250"},
	{"late-mark", "waits-for-the-end", "pasv-bare"},
	{"no-extensions", "wordless", "unknown-502", "pasv-equals"},
	{"foreign", "dos-listing", "refused-for-now", "syntax-500"},
}

// atOnce is how many servers are judged at the same time.
const atOnce = 24

var _ = Describe("A server that is unusual and right", Ordered, ContinueOnFailure, func() {
	cases := together
	for _, v := range ftptest.Variants() {
		cases = append(cases, []string{v.Name})
	}
	type outcome struct {
		results []report.Result
		err     error
	}
	outcomes := map[string]outcome{}
	name := func(variants []string, secure bool) string {
		n := strings.Join(variants, " + ")
		if secure {
			n += ", under TLS"
		}
		return n
	}

	BeforeAll(func(ctx context.Context) {
		requirements, err := catalog.Select(*only)
		Expect(err).NotTo(HaveOccurred())
		secure, _, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		var wg sync.WaitGroup
		var mu sync.Mutex
		slots := make(chan struct{}, atOnce)
		for _, variants := range cases {
			for _, protected := range []bool{false, true} {
				if protected && len(variants) == 1 && !strings.HasPrefix(variants[0], "tls-") {
					continue // the clear sessions of these have TLS on offer
				}
				if protected && (variants[0] == "no-tls" || variants[0] == "no-extensions") {
					continue
				}
				wg.Go(func() {
					defer GinkgoRecover()
					slots <- struct{}{}
					defer func() { <-slots }()
					results, err := judge(ctx, variants, protected, secure, requirements)
					mu.Lock()
					defer mu.Unlock()
					outcomes[name(variants, protected)] = outcome{results, err}
				})
			}
		}
		wg.Wait()
	})

	for _, variants := range cases {
		for _, protected := range []bool{false, true} {
			It("is accused of nothing: "+name(variants, protected), func() {
				o, judged := outcomes[name(variants, protected)]
				if !judged {
					return // not a case, see above
				}
				Expect(o.err).NotTo(HaveOccurred())
				var accused []string
				for _, r := range o.results {
					if r.Verdict == report.Fail || r.Verdict == report.Error {
						accused = append(accused, fmt.Sprintf("%s %s: %s", r.ID, r.Verdict, r.Reason))
					}
				}
				Expect(accused).To(BeEmpty())
			})
		}
	}
})

func judge(ctx context.Context, variants []string, protected bool, secure *tls.Config, requirements []*spec.Requirement) ([]report.Result, error) {
	config := ftptest.Config{Addr: twins.Address(), TLS: secure, Hosts: []string{"a.example", "b.example"}}
	for _, name := range variants {
		v, ok := ftptest.LookupVariant(name)
		Expect(ok).To(BeTrue(), name)
		config.Variants = append(config.Variants, v)
	}
	server, err := ftptest.Start(config)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	target, err := probe.ParseTarget(server.URL())
	if err != nil {
		return nil, err
	}
	if !protected {
		target.Security = probe.Plain
	}
	j := &spec.Judge{
		Dialer: &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}, Target: target,
		Intrusive: true, Declared: spec.Declared{Hosts: config.Hosts},
	}
	if err := j.Reach(ctx); err != nil {
		return nil, err
	}
	suites.Ahead(ctx, j, requirements, 16)()
	var results []report.Result
	for _, r := range requirements {
		results = append(results, j.Judge(ctx, r))
	}
	return results, j.Close(ctx)
}
