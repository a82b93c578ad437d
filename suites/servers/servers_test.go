package servers_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/html"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

var (
	update = flag.Bool("update", false, "write testdata/matrix.txt anew")
	page   = flag.String("page", "", "write the matrix as a page to this file")
	only   = flag.String("filter", "", "judge only what matches, and compare nothing else")
)

const (
	matrixFile = "testdata/matrix.txt"
	casesFile  = "testdata/adjudications.yaml"
)

func TestServers(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Real servers")
}

// column is a server and how it is talked to.
type column struct {
	kind   daemon.Kind
	secure bool
}

func (c column) String() string {
	if c.secure {
		return c.kind.String() + "+tls"
	}
	return c.kind.String()
}

// columns are those of the matrix.
func columns() (all []column) {
	for _, kind := range daemon.All() {
		all = append(all, column{kind, false}, column{kind, true})
	}
	return all
}

// matrix is the verdicts by requirement and column.
type matrix map[string]map[string]report.Verdict

var _ = Describe("The matrix", Ordered, ContinueOnFailure, func() {
	seen := matrix{}
	runs := map[column]report.Run{}

	BeforeAll(func(ctx context.Context) {
		requirements, err := catalog.Select(*only)
		Expect(err).NotTo(HaveOccurred())
		known, err := read(matrixFile)
		Expect(err).NotTo(HaveOccurred())
		var wg sync.WaitGroup
		var mu sync.Mutex
		daemons := map[column]*daemon.Daemon{}
		for _, c := range columns() {
			d := daemon.Start(GinkgoTB(), c.kind, daemon.Options{TLS: true})
			daemons[c] = d
			wg.Go(func() {
				defer GinkgoRecover()
				run := judge(ctx, c, d, requirements, 4)
				mu.Lock()
				defer mu.Unlock()
				runs[c] = run
			})
		}
		wg.Wait()
		// Eight servers at once are more than a small machine has time for, and a server
		// that is short of it may lose an event (pyftpdlib does). A verdict that differs
		// from the matrix and speaks of silence or of a 421 is found again, with nothing
		// beside it; any other difference stands.
		for _, c := range columns() {
			results := runs[c].Check.Results
			for i, r := range results {
				if r.Verdict != known[r.ID][c.String()] && lost(r.Reason) {
					AddReportEntry(r.ID, fmt.Sprintf("%s was %s for %s, and is judged again: %s", r.ID, r.Verdict, c, r.Reason))
					one := slices.DeleteFunc(catalog.All(), func(other *spec.Requirement) bool { return other.ID != r.ID })
					results[i] = judge(ctx, c, daemons[c], one, 1).Check.Results[0]
				}
			}
			for _, r := range results {
				if seen[r.ID] == nil {
					seen[r.ID] = map[string]report.Verdict{}
				}
				seen[r.ID][c.String()] = r.Verdict
			}
		}
		if *update {
			Expect(seen.write(matrixFile)).To(Succeed())
		}
		if *page != "" {
			var names []string
			var all []report.Run
			for _, c := range columns() {
				names, all = append(names, c.String()), append(all, runs[c])
			}
			f, err := os.Create(*page)
			Expect(err).NotTo(HaveOccurred())
			Expect(html.Comparison(f, "FTP servers, by requirement", report.Compare(names, all))).To(Succeed())
			Expect(f.Close()).To(Succeed())
		}
	})

	for _, c := range columns() {
		It("is that of "+matrixFile+" for "+c.String(), func() {
			want, err := read(matrixFile)
			Expect(err).NotTo(HaveOccurred())
			for _, r := range runs[c].Check.Results {
				if got := r.Verdict; want[r.ID][c.String()] != got {
					AddReportEntry(r.ID, fmt.Sprintf("%s: %s, not %s: %s", r.ID, got, want[r.ID][c.String()], r.Reason))
				}
				Expect(r.Verdict).NotTo(Equal(report.Error), "%s: %s", r.ID, r.Reason)
			}
			for _, r := range runs[c].Check.Results {
				if r.Verdict == report.Pass && slices.ContainsFunc(r.Notes, partly) {
					AddReportEntry(r.ID, r.ID+" was judged in part only")
					continue
				}
				Expect(r.Verdict).To(Equal(want[r.ID][c.String()]), "%s: %s", r.ID, r.Reason)
			}
		})

		It("accuses "+c.String()+" of nothing that is not adjudicated", func() {
			cases, err := adjudications()
			Expect(err).NotTo(HaveOccurred())
			for _, r := range runs[c].Check.Results {
				if accuses(r.Verdict) {
					Expect(cases.find(r.ID, c, r.Verdict)).NotTo(BeNil(), "%s is %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
		})
	}
})

var _ = Describe("The adjudications", func() {
	It("are of verdicts in the matrix, and complete", func() {
		m, err := read(matrixFile)
		Expect(err).NotTo(HaveOccurred())
		cases, err := adjudications()
		Expect(err).NotTo(HaveOccurred())
		for _, a := range cases {
			Expect(a.ID).To(BeKeyOf(m))
			Expect(a.Seen).NotTo(BeEmpty(), a.ID)
			Expect(a.Rule).NotTo(BeEmpty(), a.ID)
			Expect(a.Why).NotTo(BeEmpty(), a.ID)
			Expect(a.Servers).NotTo(BeEmpty(), a.ID)
			for _, server := range a.Servers {
				Expect(m[a.ID]).To(HaveKeyWithValue(server, a.Verdict), "%s of %s is out of date", a.ID, server)
			}
		}
	})

	It("are there for every requirement of the catalogue", func() {
		m, err := read(matrixFile)
		Expect(err).NotTo(HaveOccurred())
		for _, r := range catalog.All() {
			Expect(m).To(HaveKey(r.ID))
		}
		Expect(m).To(HaveLen(len(catalog.All())))
	})
})

// judge runs the requirements against a daemon, n at once.
func judge(ctx context.Context, c column, d *daemon.Daemon, requirements []*spec.Requirement, n int) report.Run {
	url := d.URL()
	dialer := &probe.Dialer{TLS: &tls.Config{RootCAs: x509.NewCertPool()}}
	pem, err := os.ReadFile(d.CA)
	Expect(err).NotTo(HaveOccurred())
	dialer.TLS.RootCAs.AppendCertsFromPEM(pem)
	if c.secure {
		url = strings.Replace(url, "ftp://", "ftpes://", 1)
	}
	target, err := probe.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	j := &spec.Judge{Dialer: dialer, Target: target}
	Expect(j.Reach(ctx)).To(Succeed(), c.String())
	suites.Ahead(ctx, j, requirements, n)()
	run := report.Run{Check: &report.Check{}, Target: report.Target{URL: target.String(), Server: probe.RecognizeProduct(j.Greeting()).String()}}
	for _, r := range requirements {
		run.Check.Add(j.Judge(ctx, r))
	}
	Expect(j.Close(ctx)).To(Succeed(), c.String())
	return run
}

// accuses tells the verdicts that need a reason in writing.
func accuses(v report.Verdict) bool {
	switch v {
	case report.Pass, report.Info, report.Skip:
		return false
	}
	return true
}

// write writes a table.
func (m matrix) write(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tabwriter.NewWriter(f, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "ID")
	for _, c := range columns() {
		fmt.Fprintf(w, "\t%v", c)
	}
	fmt.Fprintln(w)
	for _, r := range catalog.All() {
		if m[r.ID] == nil {
			continue
		}
		fmt.Fprint(w, r.ID)
		for _, c := range columns() {
			fmt.Fprintf(w, "\t%s", m[r.ID][c.String()])
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// read reads what write has written.
func read(name string) (matrix, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := matrix{}
	var head []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if head == nil {
			head = fields
			continue
		}
		if len(fields) != len(head) {
			return nil, fmt.Errorf("%s: %q has not one verdict a server", name, lines.Text())
		}
		m[fields[0]] = map[string]report.Verdict{}
		for i, v := range fields[1:] {
			m[fields[0]][head[i+1]] = report.Verdict(v)
		}
	}
	return m, nil
}

// adjudication is why a verdict against a server is just.
type adjudication struct {
	ID      string         `yaml:"id"`
	Servers []string       `yaml:"servers"`
	Verdict report.Verdict `yaml:"verdict"`
	// Seen is what the server did, in the words of the wire.
	Seen string `yaml:"seen"`
	// Rule is the sentence that it is measured by.
	Rule string `yaml:"rule"`
	// Why says why the server is wrong, or why it is only warned.
	Why string `yaml:"why"`
}

type judgements []adjudication

func adjudications() (judgements, error) {
	b, err := os.ReadFile(casesFile)
	if err != nil {
		return nil, err
	}
	var all judgements
	return all, yaml.UnmarshalWithOptions(b, &all, yaml.Strict())
}

// find is the adjudication of a verdict, nil when there is none.
func (j judgements) find(id string, c column, v report.Verdict) *adjudication {
	for i, a := range j {
		if a.ID == id && a.Verdict == v {
			for _, server := range a.Servers {
				if server == c.String() {
					return &j[i]
				}
			}
		}
	}
	return nil
}

// partly tells the note of a requirement that could not try all there is to try,
// because this machine is slow: that it found nothing says less then.
func partly(note string) bool {
	return strings.HasPrefix(note, "judged with ") && strings.Contains(note, "which is what could be made in")
}

// lost tells the reason of a verdict that rests on silence: a server's timer, or ours.
func lost(reason string) bool {
	return strings.Contains(reason, "i/o timeout") || strings.Contains(reason, "421 ")
}
