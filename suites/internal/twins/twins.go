// Package twins proves the requirements of an area: the reference server meets
// them all, strictly judged too, and every requirement has a twin, a fault of
// the reference server that it accuses and no other requirement of the area does.
//
// # Why
//
// A requirement that no wrong server has ever failed is not yet a requirement. A
// fault shows in a server that is configured for it, so an area brings settings
// beside the standard one; each of them is judged without a fault as well.
package twins

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
)

// Setting is a configuration of the server, what the judge is told about it, and
// the faults that show in it.
type Setting struct {
	// Name is for the reader; empty for the standard setting.
	Name string
	// Faults show in this setting; those that no setting names show in the
	// standard one.
	Faults []string
	// Apply changes the standard setting: an in-memory server on 127.0.0.1 with
	// TLS and the virtual hosts a.example and b.example, and a judge that knows of
	// them and may do everything but what is slow.
	Apply func(*ftptest.Config, *spec.Judge)
}

// atOnce is how many servers are judged at the same time. Nearly all of the
// time is spent waiting.
const atOnce = 16

// Prove declares the specs for an area. The servers are judged side by side
// before the first spec looks at its results.
func Prove(area spec.Area, settings ...Setting) {
	home := map[string]int{} // fault → index of its setting
	settings = append([]Setting{{}}, settings...)
	for i, s := range settings {
		for _, name := range s.Faults {
			home[name] = i
		}
	}
	twins := map[string][]string{} // fault → requirements of this area that catch it
	for _, f := range ftptest.Faults() {
		for _, r := range area.Requirements {
			if slices.Contains(f.Catches, r.ID) {
				twins[f.Name] = append(twins[f.Name], r.ID)
			}
		}
	}

	type trial struct {
		setting int
		fault   string
		strict  bool
	}
	trials := map[trial]map[string]report.Result{}
	for i := range settings {
		trials[trial{i, "", false}] = nil
		trials[trial{i, "", true}] = nil
	}
	for name := range twins {
		trials[trial{home[name], name, false}] = nil
	}

	Describe(area.Title, Ordered, ContinueOnFailure, func() {
		BeforeAll(func(ctx context.Context) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			slots := make(chan struct{}, atOnce)
			for t := range maps.Keys(maps.Clone(trials)) {
				wg.Go(func() {
					defer GinkgoRecover()
					slots <- struct{}{}
					defer func() { <-slots }()
					results := judge(ctx, area, settings[t.setting], t.fault, t.strict)
					mu.Lock()
					defer mu.Unlock()
					trials[t] = results
				})
			}
			wg.Wait()
		})

		for _, r := range area.Requirements {
			It(r.ID+" is met by the reference server", func() {
				judged := false
				for i, s := range settings {
					for _, strict := range []bool{false, true} {
						result := trials[trial{i, "", strict}][r.ID]
						Expect(result).To(haveVerdict(report.Pass, report.Info, report.Skip), "%s strict: %t", s.Name, strict)
						judged = judged || result.Verdict != report.Skip
					}
				}
				Expect(judged).To(BeTrue(), "skipped in every setting: %s", trials[trial{0, "", false}][r.ID].Reason)
			})
			It(r.ID+" has a twin", func() {
				found := false
				for _, ids := range twins {
					found = found || slices.Contains(ids, r.ID)
				}
				Expect(found).To(BeTrue(), "no fault of ftptest says that %s catches it", r.ID)
			})
		}
		for _, name := range slices.Sorted(maps.Keys(twins)) {
			ids := twins[name]
			It(fmt.Sprintf("%s is caught by %v and by no other requirement", name, ids), func() {
				for _, r := range area.Requirements {
					result := trials[trial{home[name], name, false}][r.ID]
					if !slices.Contains(ids, r.ID) {
						Expect(result).To(haveVerdict(report.Pass, report.Info, report.Skip), "%s: %s", r.ID, result.Reason)
						continue
					}
					Expect(result).To(haveVerdict(report.Fail, report.Warn))
					Expect(result.Reason).NotTo(BeEmpty())
					Expect(result.Evidence).To(ContainElement(HaveField("Kind", report.Expected)))
					Expect(result.Evidence).To(ContainElement(HaveField("Kind", report.Seen)))
					Expect(result.Evidence).To(ContainElement(HaveField("Transcript", Not(BeEmpty()))))
				}
			})
		}
	})
}

var certificate = sync.OnceValues(func() (*tls.Config, error) {
	config, _, err := ftptest.SelfSigned()
	return config, err
})

var servers atomic.Uint32

// Address is one to listen on that no other server of the tests has, where the system has more
// than one on loopback. Checks connect to ports that were given up, and must not
// meet somebody else's client there.
func Address() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d:0", 1+pid>>8%254, pid%256, 1+servers.Add(1)%254)
}

// judge runs an area against a server of its own.
func judge(ctx context.Context, area spec.Area, setting Setting, fault string, strict bool) map[string]report.Result {
	secure, err := certificate()
	Expect(err).NotTo(HaveOccurred())
	config := ftptest.Config{
		Addr:  Address(),
		TLS:   secure,
		Hosts: []string{"a.example", "b.example"},
	}
	j := &spec.Judge{
		Dialer:    &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}},
		Strict:    strict,
		Intrusive: true,
		Declared:  spec.Declared{Hosts: config.Hosts},
	}
	if setting.Apply != nil {
		setting.Apply(&config, j)
	}
	if fault != "" {
		f, ok := ftptest.LookupFault(fault)
		Expect(ok).To(BeTrue())
		config.Faults = append(config.Faults, f)
	}
	server, err := ftptest.Start(config)
	Expect(err).NotTo(HaveOccurred())
	defer server.Close()
	if j.Target.Host == "" {
		j.Target, err = probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
	}

	wait := suites.Ahead(ctx, j, area.Requirements, len(area.Requirements))
	wait()
	results := map[string]report.Result{}
	for _, r := range area.Requirements {
		results[r.ID] = j.Judge(ctx, r)
	}
	if fault == "" {
		Expect(j.Close(ctx)).To(Succeed())
	} else {
		_ = j.Close(ctx) // a server with a fault may refuse to
	}
	return results
}

func haveVerdict(verdicts ...report.Verdict) OmegaMatcher {
	return HaveField("Verdict", BeElementOf(verdicts))
}
