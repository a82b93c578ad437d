// Package twins proves the requirements of an area: the reference server meets
// them all, strictly judged too, and every requirement has a twin, a fault of
// the reference server that it accuses and no other requirement does.
//
// A requirement that no wrong server has ever failed is not yet a requirement.
package twins

import (
	"context"
	"fmt"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
)

// atOnce is how many servers are judged at the same time. Nearly all of the
// time is spent waiting.
const atOnce = 24

// Prove declares the specs for an area. The servers are judged side by side
// before the first spec looks at its results.
func Prove(area spec.Area) {
	twins := map[string][]string{} // fault → requirements of this area that catch it
	for _, f := range ftptest.Faults() {
		for _, r := range area.Requirements {
			if slices.Contains(f.Catches, r.ID) {
				twins[f.Name] = append(twins[f.Name], r.ID)
			}
		}
	}
	trials := map[string]func() map[string]report.Result{"": nil, "strict": nil}
	for name := range twins {
		trials[name] = nil
	}

	Describe(area.Title, Ordered, ContinueOnFailure, func() {
		BeforeAll(func(ctx context.Context) {
			var wg sync.WaitGroup
			slots := make(chan struct{}, atOnce)
			for name := range trials {
				trials[name] = sync.OnceValue(func() map[string]report.Result {
					slots <- struct{}{}
					defer func() { <-slots }()
					if name == "strict" {
						return judge(ctx, area, "", true)
					}
					return judge(ctx, area, name, false)
				})
			}
			for _, trial := range trials {
				wg.Go(func() {
					defer GinkgoRecover()
					trial()
				})
			}
			wg.Wait()
		})

		for _, r := range area.Requirements {
			It(r.ID+" is met by the reference server", func() {
				Expect(trials[""]()[r.ID]).To(haveVerdict(report.Pass, report.Info))
				Expect(trials["strict"]()[r.ID]).To(haveVerdict(report.Pass, report.Info))
			})
			It(r.ID+" has a twin", func() {
				found := false
				for _, ids := range twins {
					found = found || slices.Contains(ids, r.ID)
				}
				Expect(found).To(BeTrue(), "no fault of ftptest says that %s catches it", r.ID)
			})
		}
		for name, ids := range twins {
			It(fmt.Sprintf("%s is caught by %v and by no other requirement", name, ids), func() {
				for _, r := range area.Requirements {
					result := trials[name]()[r.ID]
					if !slices.Contains(ids, r.ID) {
						Expect(result).To(haveVerdict(report.Pass, report.Info, report.Skip))
						continue
					}
					Expect(result).To(haveVerdict(report.Weigh(r.Level, report.NotMet, false)))
					Expect(result.Reason).NotTo(BeEmpty())
					Expect(result.Evidence).To(ContainElement(HaveField("Kind", report.Expected)))
					Expect(result.Evidence).To(ContainElement(HaveField("Kind", report.Seen)))
					Expect(result.Evidence).To(ContainElement(HaveField("Transcript", Not(BeEmpty()))))
				}
			})
		}
	})
}

// judge runs an area against a server of its own.
func judge(ctx context.Context, area spec.Area, fault string, strict bool) map[string]report.Result {
	var config ftptest.Config
	if fault != "" {
		f, ok := ftptest.LookupFault(fault)
		Expect(ok).To(BeTrue())
		config.Faults = []ftptest.Fault{f}
	}
	server, err := ftptest.Start(config)
	Expect(err).NotTo(HaveOccurred())
	defer server.Close()
	target, err := probe.ParseTarget(server.URL())
	Expect(err).NotTo(HaveOccurred())

	j := &spec.Judge{Dialer: &probe.Dialer{}, Target: target, Strict: strict}
	wait := suites.Ahead(ctx, j, area.Requirements, len(area.Requirements))
	defer wait()
	results := map[string]report.Result{}
	for _, r := range area.Requirements {
		results[r.ID] = j.Judge(ctx, r)
	}
	return results
}

func haveVerdict(verdicts ...report.Verdict) OmegaMatcher {
	return HaveField("Verdict", BeElementOf(verdicts))
}
