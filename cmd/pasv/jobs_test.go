package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/sync/errgroup"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

// valid reads a report file and validates it against the schema.
func valid(file string) report.Run {
	GinkgoHelper()
	b, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.JSONSchema))
	Expect(err).NotTo(HaveOccurred())
	compiler := jsonschema.NewCompiler()
	Expect(compiler.AddResource("report.json", doc)).To(Succeed())
	schema, err := compiler.Compile("report.json")
	Expect(err).NotTo(HaveOccurred())
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	Expect(err).NotTo(HaveOccurred())
	Expect(schema.Validate(instance)).To(Succeed())
	r, err := report.Unmarshal(b)
	Expect(err).NotTo(HaveOccurred())
	return r
}

var _ = Describe("pasv run", func() {
	It("does all three jobs on the embedded server and ends with 0", func() {
		dir := GinkgoT().TempDir()
		s := pasv("run", "--json", filepath.Join(dir, "report.json"), "--junit", filepath.Join(dir, "junit.xml"))
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Err.Contents())).To(ContainSubstring("using the server built into pasv"))
		Expect(string(s.Out.Contents())).To(And(ContainSubstring("CHECK"), ContainSubstring("LOAD"), ContainSubstring("DIAGNOSE"), ContainSubstring("exit 0")))

		r := valid(filepath.Join(dir, "report.json"))
		Expect(r.Target.Embedded).To(BeTrue())
		Expect(r.Check.Results).To(HaveLen(len(catalog.All())))
		for _, result := range r.Check.Results {
			// What the embedded server cannot show needs a flag.
			Expect(result.Verdict).To(Or(Equal(report.Pass), Equal(report.Info), Equal(report.Skip)), "%s: %s", result.ID, result.Reason)
			if result.Verdict == report.Skip {
				Expect(result.Reason).To(MatchRegexp(`^missing: (slow|intrusive|ipv6|hugefile|tls-required|tls-required-data|account-user|quota|chroot) \(|^missing: feat:LANG$|^nothing that was tried made the server say 421$`), result.ID)
			}
		}
		Expect(r.Load.Sessions.Failed).To(BeZero())
		Expect(r.Load.Sessions.Completed).To(BeNumerically(">", 0))
		Expect(r.Diagnose.Findings[0].Code).To(Equal(report.Healthy))

		b, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(xml.Unmarshal(b, new(any))).To(Succeed())
	})

	It("writes a report to stdout, and nothing else there", func() {
		s := pasv("diagnose", "--json", "-")
		Expect(s).To(gexec.Exit(0))
		r, err := report.Unmarshal(s.Out.Contents())
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Diagnose).NotTo(BeNil())
	})
})

var _ = Describe("pasv check", func() {
	It("ends with 0 against pasv serve, strictly judged, too", func() {
		Expect(pasv("check", "--strict", "--fail-on", "warn", serve())).To(gexec.Exit(0))
	})

	// The first twelve requirements are tried against a server with one of their
	// twins each. That all of them catch all their twins is proven in the packages of
	// the areas.
	It("names the requirement for a twin, with expected, seen, section and transcript", func() {
		twins := map[string]string{}
		first := regexp.MustCompile(`^PASV-0(0[1-9]|1[0-2])$`)
		for _, fault := range ftptest.Faults() {
			for _, id := range fault.Catches[:min(1, len(fault.Catches))] {
				if first.MatchString(id) && twins[id] == "" {
					twins[id] = fault.Name
				}
			}
		}
		Expect(twins).To(HaveLen(12), "a requirement has no twin")
		var group errgroup.Group
		group.SetLimit(4)
		for id, fault := range twins {
			group.Go(func() error {
				defer GinkgoRecover()
				s := pasv("check", "--fail-on", "warn", "--filter", id, serve("--fault", fault))
				Expect(s).To(gexec.Exit(1), "%s against %s", id, fault)
				r, _ := catalog.ByID(id)
				out := string(s.Out.Contents())
				verdict := strings.ToUpper(string(report.Weigh(r.Level, report.NotMet, false)))
				Expect(out).To(MatchRegexp(`(?m)^%s\s+%s\b`, verdict, id))
				Expect(out).To(And(ContainSubstring("expected "), ContainSubstring("seen "), ContainSubstring("> PASV")), fault)
				for _, c := range r.Cites {
					Expect(out).To(ContainSubstring(c.String()))
				}
				return nil
			})
		}
		Expect(group.Wait()).To(Succeed())
	})
})

var _ = Describe("pasv list and explain", func() {
	It("lists everything without a server, as a table and as JSON", func() {
		for what, first := range map[string]string{"requirements": "PASV-001", "scenarios": "download", "findings": "healthy", "faults": "pasv-unimplemented", "variants": "multi-line"} {
			s := pasv("list", what)
			Expect(s).To(gexec.Exit(0))
			Expect(string(s.Out.Contents())).To(ContainSubstring(first))
			s = pasv("list", what, "--json")
			var rows []map[string]any
			Expect(json.Unmarshal(s.Out.Contents(), &rows)).To(Succeed(), what)
			Expect(rows).NotTo(BeEmpty())
		}
	})

	It("prints the schema of a scenario file", func() {
		s := pasv("list", "scenarios", "--schema")
		Expect(s).To(gexec.Exit(0))
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.Out.Contents()))
		Expect(err).NotTo(HaveOccurred())
		compiler := jsonschema.NewCompiler()
		Expect(compiler.AddResource("scenario.json", doc)).To(Succeed())
		_, err = compiler.Compile("scenario.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(pasv("list", "faults", "--schema")).To(gexec.Exit(2))
	})

	It("explains every requirement, finding and fault", func() {
		var ids []string
		for _, r := range catalog.All() {
			ids = append(ids, r.ID)
		}
		for _, f := range ftptest.Faults() {
			ids = append(ids, f.Name)
		}
		for _, id := range ids {
			// In this process: there are hundreds.
			var out, errors bytes.Buffer
			Expect(run([]string{"explain", id}, &out, &errors)).To(Equal(report.ExitOK), id)
			Expect(out.Len()).To(BeNumerically(">", 80), id)
			Expect(errors.String()).To(BeEmpty(), id)
		}
	})
})
