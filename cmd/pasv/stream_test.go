package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/jsonl"
)

// lines reads JSON Lines and validates each.
func lines(b []byte) (all []map[string]any) {
	GinkgoHelper()
	compiler := jsonschema.NewCompiler()
	for _, file := range [][]byte{report.JSONSchema, jsonl.JSONSchema} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
		Expect(err).NotTo(HaveOccurred())
		Expect(compiler.AddResource(doc.(map[string]any)["$id"].(string), doc)).To(Succeed())
	}
	schemas := map[string]*jsonschema.Schema{}
	for kind, name := range map[string]string{"line": "/line", "result": "#/$defs/Result", "summary": ""} {
		var err error
		schemas[kind], err = compiler.Compile("https://github.com/passiveftp/pasv/report/v1" + name)
		Expect(err).NotTo(HaveOccurred())
	}
	for _, text := range bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n")) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		Expect(err).NotTo(HaveOccurred())
		Expect(schemas["line"].Validate(value)).To(Succeed(), string(text))
		var line map[string]any
		Expect(json.Unmarshal(text, &line)).To(Succeed())
		all = append(all, line)
		object := value.(map[string]any)
		if part := schemas[object["type"].(string)]; part != nil {
			delete(object, "type")
			Expect(part.Validate(object)).To(Succeed(), string(text))
		}
	}
	return all
}

// sum adds up a field of the lines of a type.
func sum(all []map[string]any, kind, field string) (n float64) {
	for _, line := range all {
		if line["type"] == kind {
			n += line[field].(float64)
		}
	}
	return n
}

var _ = Describe("--jsonl", func() {
	const pass = "not-for-everybody"

	It("says on stdout how a load goes while it goes, and nothing else there", func() {
		s := pasv("load", "--scenario", "testdata/short.yaml", "--interval", "200ms", "--jsonl", "-", serve("--user", "me:"+pass))
		Expect(s).To(gexec.Exit(0))
		all := lines(s.Out.Contents())
		Expect(all[0]).To(HaveKeyWithValue("type", "start"))
		Expect(string(s.Err.Contents())).To(MatchRegexp(`load: 00:0\d of 00:01 \(warm-up\), 2 sessions`))
		summary := all[len(all)-1]
		Expect(summary).To(HaveKeyWithValue("type", "summary"))
		Expect(len(all)).To(BeNumerically(">", 4))
		load := summary["load"].(map[string]any)
		// What sessions report after the end is in the summary alone, and nothing of the warm-up is anywhere.
		Expect(sum(all, "interval", "operations")).To(And(BeNumerically(">", 0), BeNumerically("<=", operations(load))))
		Expect(sum(all, "interval", "bytes")).To(And(BeNumerically(">", 0), BeNumerically("<=", load["bytes"].(float64))))
		Expect(sum(all, "interval", "elapsed")).To(BeNumerically("<=", load["elapsed"].(float64)+1e-6))
		Expect(string(s.Out.Contents())).NotTo(ContainSubstring(pass))
	})

	It("has a line for each result of a check, and the summary without them", func() {
		file := filepath.Join(GinkgoT().TempDir(), "lines")
		s := pasv("check", "--filter", "/PASV-00[1-6]/", "--jsonl", file, serve("--user", "me:"+pass))
		Expect(s).To(gexec.Exit(0))
		Expect(string(s.Out.Contents())).To(ContainSubstring("CHECK"), "the summary for people is elsewhere")
		b, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		all := lines(b)
		check := all[len(all)-1]["check"].(map[string]any)
		Expect(check["results"]).To(BeEmpty())
		var counted float64
		for _, n := range check["summary"].(map[string]any) {
			counted += n.(float64)
		}
		Expect(counted).To(Equal(6.0))
		Expect(all).To(HaveLen(1 + int(counted) + 1))
		Expect(string(b)).NotTo(ContainSubstring(pass))
	})

	It("has the findings of a diagnosis at its end", func() {
		s := pasv("diagnose", "--samples", "2", "--jsonl", "-")
		Expect(s).To(gexec.Exit(0))
		all := lines(s.Out.Contents())
		Expect(all).To(HaveLen(2))
		Expect(all[1]["diagnose"]).To(HaveKeyWithValue("findings", Not(BeEmpty())))
	})

	It("says that an interrupted run is partial", func() {
		file := filepath.Join(GinkgoT().TempDir(), "lines")
		if runtime.GOOS == "windows" {
			Skip("a console interrupt cannot be sent to one process on Windows")
		}
		s := start(nil, "load", "--scenario", "testdata/upload.yaml", "--interval", "100ms", "--jsonl", file)
		Eventually(s.Err).Should(gbytes.Say(`load: 00:0[0-9] of `))
		s.Interrupt()
		Eventually(s).Should(gexec.Exit(4))
		b, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		all := lines(b)
		Expect(all[len(all)-1]).To(And(HaveKeyWithValue("type", "summary"), HaveKeyWithValue("partial", true), HaveKeyWithValue("exit", 4.0)))
	})

	It("does not end the run when its reader goes away", func() {
		if runtime.GOOS == "windows" {
			Skip("there are no broken pipes on Windows")
		}
		file := filepath.Join(GinkgoT().TempDir(), "report.json")
		cmd := exec.Command(os.Args[0], "load", "--scenario", "testdata/short.yaml", "--interval", "100ms", "--jsonl", "-", "--json", file)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(cmd.Start()).To(Succeed())
		first, err := bufio.NewReader(out).ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		Expect(first).To(ContainSubstring(`"start"`))
		Expect(out.Close()).To(Succeed())
		Expect(cmd.Wait()).To(Succeed(), said.String())
		Expect(said.String()).To(ContainSubstring("--jsonl: write /dev/stdout: broken pipe; the run goes on without it"))
		r := valid(file)
		Expect(r.Partial).To(BeFalse())
		Expect(r.Load.Sessions.Completed).To(BeNumerically(">", 0))
	})

	It("ends with 2 when the lines cannot all be written, after the run", func() {
		if _, err := os.Stat("/dev/full"); err != nil {
			Skip("no device that is always full here")
		}
		s := pasv("load", "--scenario", "testdata/short.yaml", "--jsonl", "/dev/full")
		Expect(s).To(gexec.Exit(2))
		Expect(string(s.Err.Contents())).To(ContainSubstring("no space left on device; the run goes on without it"))
		Expect(string(s.Out.Contents())).To(ContainSubstring("LOAD  short"))
	})

	DescribeTable("is refused before anything is said to the server", func(want string, args ...string) {
		s := pasv(append([]string{"load"}, args...)...)
		Expect(s).To(gexec.Exit(2))
		Expect(string(s.Err.Contents())).To(And(ContainSubstring(want), Not(ContainSubstring("started"))))
		Expect(s.Out.Contents()).To(BeEmpty())
	},
		Entry("with another report on stdout", "only one report can go to stdout", "--jsonl", "-", "--json", "-"),
		Entry("with a file that cannot be made", "/nowhere/lines", "--jsonl", "/nowhere/lines"),
		Entry("with lines all the time", "--interval must be at least 100ms", "--interval", "1ms"),
	)
})

// operations are the operations of a load that came out as they had to.
func operations(load map[string]any) (n float64) {
	for _, o := range load["operations"].(map[string]any) {
		n += o.(map[string]any)["latency"].(map[string]any)["count"].(float64)
	}
	return n
}
