package text_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
	"github.com/passiveftp/pasv/report/render/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestText(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "report/render/text")
}

func show(o text.Options, r report.Run) string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(o.Write(&b, r)).To(Succeed())
	return b.String()
}

var _ = DescribeTable("the summary", func(golden string, o text.Options, r report.Run) {
	got := show(o, r)
	file := filepath.Join("testdata", golden+".txt")
	if *update {
		Expect(os.MkdirAll("testdata", 0o755)).To(Succeed())
		Expect(os.WriteFile(file, []byte(got), 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(string(want)))
},
	Entry("of a healthy run", "healthy", text.Options{}, sample.Healthy()),
	Entry("of a healthy run, verbose", "healthy-verbose", text.Options{Verbose: true}, sample.Healthy()),
	Entry("of a broken run", "broken", text.Options{}, sample.Broken()),
	Entry("of a broken run, wide and verbose", "broken-120-verbose", text.Options{Width: 120, Verbose: true}, sample.Broken()),
	Entry("of a broken run, coloured", "broken-color", text.Options{Color: true}, sample.Broken()),
	Entry("of an unreachable target", "unreachable", text.Options{}, sample.Unreachable()),
	Entry("of a search for capacity", "capacity", text.Options{}, sample.Searched()),
	Entry("of a hostile server", "hostile", text.Options{}, sample.Hostile()),
)

var colour = regexp.MustCompile("\x1b\\[[0-9]+m")

var _ = Describe("Text", func() {
	It("is what the function of the package writes with no options", func() {
		var b bytes.Buffer
		Expect(text.Write(&b, sample.Broken())).To(Succeed())
		Expect(b.String()).To(Equal(show(text.Options{Width: 80}, sample.Broken())))
	})

	It("differs with colour by nothing but colour", func() {
		for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Hostile(), sample.Garbage()} {
			painted := show(text.Options{Color: true}, r)
			Expect(painted).To(MatchRegexp(colour.String()))
			Expect(colour.ReplaceAllString(painted, "")).To(Equal(show(text.Options{}, r)))
		}
	})

	It("lets no byte of a hostile server through", func() {
		for _, r := range []report.Run{sample.Hostile(), sample.Garbage()} {
			for _, verbose := range []bool{false, true} {
				got := show(text.Options{Verbose: verbose}, r)
				Expect(got).To(ContainSubstring(`\x1b[2J`))
				harmless(got)
			}
		}
	})

	It("keeps to its width", func() {
		for _, width := range []int{80, 100, 120} {
			for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable(), sample.Searched()} {
				for line := range strings.Lines(show(text.Options{Width: width, Verbose: true}, r)) {
					Expect(utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))).To(BeNumerically("<=", width), line)
				}
			}
		}
	})

	It("is not pushed far beyond its width by a hostile server", func() {
		for _, r := range []report.Run{sample.Hostile(), sample.Garbage()} {
			for line := range strings.Lines(show(text.Options{}, r)) {
				Expect(utf8.RuneCountInString(line)).To(BeNumerically("<", 160), line)
			}
		}
	})

	It("copes with a terminal of no width", func() {
		Expect(show(text.Options{Width: 1}, sample.Hostile())).To(Equal(show(text.Options{Width: 40}, sample.Hostile())))
	})

	It("breaks a word of the server that is longer than a line", func() {
		r := report.Run{Target: report.Target{Greeting: strings.Repeat("Q", 5000)}}
		got := show(text.Options{}, r)
		Expect(strings.Count(got, "Q")).To(Equal(5000))
		for line := range strings.Lines(got) {
			Expect(len(line)).To(BeNumerically("<=", 81))
		}
	})

	It("keeps the spaces of what the server sent", func() {
		r := report.Run{Target: report.Target{Greeting: "a   b"}}
		Expect(show(text.Options{}, r)).To(ContainSubstring("a   b"))
	})

	It("shortens transcripts unless verbose", func() {
		lines := make([]report.Line, 50)
		for i := range lines {
			lines[i] = report.Line{Dir: "recv", Text: fmt.Sprintf("<line-%d>", i)}
		}
		lines[49].Text += strings.Repeat("y", 10_000)
		var c report.Check
		c.Add(report.Result{ID: "CTL-001", Verdict: report.Fail, Evidence: []report.Evidence{{Kind: report.Transcript, Session: 1, Transcript: lines}}})
		r := report.Run{Check: &c}

		short := show(text.Options{}, r)
		Expect(short).To(And(ContainSubstring("<line-30>"), Not(ContainSubstring("<line-29>")), ContainSubstring("the last 20 of 50 lines"), MatchRegexp(`\(9\d\d\d\s+more\)`)))
		Expect(strings.Count(short, "y")).To(BeNumerically("<", 400))
		whole := show(text.Options{Verbose: true}, r)
		Expect(whole).To(And(ContainSubstring("<line-0>"), ContainSubstring("<line-29>")))
		Expect(strings.Count(whole, "y")).To(BeNumerically(">=", 10_000))
	})

	It("marks a partial run and ends with the conclusion", func() {
		r := sample.Broken()
		got := show(text.Options{Width: 1000}, r)
		Expect(got).To(ContainSubstring("\nPARTIAL "))
		Expect(got).To(HaveSuffix("\n" + r.Conclusion() + "\n"))
		r.Partial = false
		Expect(show(text.Options{}, r)).NotTo(ContainSubstring("PARTIAL"))
	})

	It("passes on that it could not be written", func() {
		Expect(text.Write(full{}, sample.Healthy())).To(MatchError("disk full"))
	})
})

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// harmless fails unless a terminal would show s as it stands.
func harmless(s string) {
	GinkgoHelper()
	Expect(utf8.ValidString(s)).To(BeTrue())
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) {
			Fail(fmt.Sprintf("%U in the output", r))
		}
	}
}
