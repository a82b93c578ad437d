package suites_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/catalog"
	"github.com/passiveftp/pasv/suites/spec"
)

// The reference server through both doors. That requirements are also failed is
// proven in the packages of the areas.

var (
	judge = &spec.Judge{Dialer: &probe.Dialer{}}
	heard []string
	_     = suites.Describe(judge, quick(), func(r report.Result) { heard = append(heard, r.ID) })
	_     = AfterSuite(func() { Expect(heard).To(Equal([]string{"PASV-001", "PASV-002", "PASV-003"})) })
)

// quick are requirements that take no time.
func quick() []*spec.Requirement {
	selected, err := catalog.Select("/PASV-00[1-3]/")
	if err != nil {
		panic(err)
	}
	return selected
}

func start(t *testing.T, faults ...string) (*ftptest.Server, probe.Target) {
	t.Helper()
	var config ftptest.Config
	for _, name := range faults {
		f, ok := ftptest.LookupFault(name)
		if !ok {
			t.Fatalf("no fault %s", name)
		}
		config.Faults = append(config.Faults, f)
	}
	server, err := ftptest.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	target, err := probe.ParseTarget(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	return server, target
}

func TestWithGinkgo(t *testing.T) {
	_, judge.Target = start(t)
	RegisterFailHandler(Fail)
	RunSpecs(t, "A server under Ginkgo")
}

func TestWithoutGinkgo(t *testing.T) {
	_, target := start(t)
	suites.Test(t, &spec.Judge{Dialer: &probe.Dialer{}, Target: target}, quick())
}

func TestAhead(t *testing.T) {
	g := NewWithT(t)
	server, target := start(t, "pasv-no-parentheses")
	j := &spec.Judge{Dialer: &probe.Dialer{}, Target: target}
	wait := suites.Ahead(t.Context(), j, quick(), 2)
	wait()
	before := server.Stats().Sessions
	for _, r := range quick() {
		result := j.Judge(t.Context(), r)
		want := report.Pass
		if r.ID == "PASV-003" {
			want = report.Warn
		}
		g.Expect(result.Verdict).To(Equal(want), r.ID)
	}
	g.Expect(server.Stats().Sessions).To(Equal(before), "the results were there already")
}
