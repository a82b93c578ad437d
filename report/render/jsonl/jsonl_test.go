package jsonl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
	"github.com/passiveftp/pasv/report/render/jsonl"
)

// stream writes everything that a run says.
func stream(w io.Writer, r report.Run) error {
	s := jsonl.Stream{W: w}
	errs := []error{s.Start(r)}
	if r.Check != nil {
		for _, result := range r.Check.Results {
			errs = append(errs, s.Result(result))
		}
	}
	if r.Load != nil {
		for _, at := range r.Load.Series {
			errs = append(errs, s.Interval(jsonl.Interval{Interval: at, Step: 2, Elapsed: 1, Rate: float64(at.Operations), Throughput: float64(at.Bytes)}))
		}
	}
	return errors.Join(append(errs, s.End(r))...)
}

// schemas compiles that of a line and those of report.json by name.
func schemas(t *testing.T) func(name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, file := range [][]byte{report.JSONSchema, jsonl.JSONSchema} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(doc.(map[string]any)["$id"].(string), doc); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) *jsonschema.Schema {
		schema, err := c.Compile("https://github.com/passiveftp/pasv/report/v1" + name)
		if err != nil {
			t.Fatal(err)
		}
		return schema
	}
}

func TestLinesAreAsTheSchemaSays(t *testing.T) {
	g := NewWithT(t)
	schema := schemas(t)
	line := schema("/line")
	parts := map[string]*jsonschema.Schema{"result": schema("#/$defs/Result"), "summary": schema("")}
	seen := map[string]int{}
	for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable()} {
		var b bytes.Buffer
		g.Expect(stream(&b, r)).To(Succeed())
		g.Expect(b.String()).To(HaveSuffix("\n"))
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		g.Expect(lines[0]).To(HavePrefix(`{"type":"start",`))
		g.Expect(lines[len(lines)-1]).To(HavePrefix(`{"type":"summary",`))
		for _, text := range lines {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(line.Validate(value)).To(Succeed(), text)
			object := value.(map[string]any)
			kind := object["type"].(string)
			seen[kind]++
			if part := parts[kind]; part != nil {
				delete(object, "type")
				g.Expect(part.Validate(object)).To(Succeed(), text)
			}
		}
		last, err := report.Unmarshal([]byte(lines[len(lines)-1]))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(last.Check.Results).To(BeEmpty())
		for verdict, n := range r.Check.Summary {
			g.Expect(last.Check.Summary).To(HaveKeyWithValue(verdict, n))
		}
		last.Check.Results = r.Check.Results
		g.Expect(last.Conclusion()).To(Equal(r.Conclusion()))
	}
	g.Expect(seen).To(And(HaveKeyWithValue("start", 3), HaveKeyWithValue("result", BeNumerically(">", 40)),
		HaveKeyWithValue("interval", BeNumerically(">", 1)), HaveKeyWithValue("summary", 3)))
}

func TestTheSchemaRejects(t *testing.T) {
	line := schemas(t)("/line")
	for _, text := range []string{
		`{}`, `{"type":"weather"}`, `{"type":"interval","at":0}`, `{"type":"result","id":"PASV-001","verdict":"good"}`,
		`{"type":"summary","schema":"pasv/report/v2","exit":0,"partial":false}`,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if line.Validate(value) == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, r := range []report.Run{sample.Hostile(), sample.Garbage()} {
		var b bytes.Buffer
		if err := stream(&b, r); err != nil {
			t.Fatal(err)
		}
		for text := range strings.Lines(b.String()) {
			for _, c := range strings.TrimSuffix(text, "\n") {
				if !unicode.IsPrint(c) {
					t.Fatalf("%U in the output", c)
				}
			}
			if !json.Valid([]byte(text)) {
				t.Errorf("not a line of JSON: %s", text)
			}
		}
	}
}

// broken accepts some bytes.
type broken struct{ left int }

var errBroken = errors.New("broken pipe")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestAnErrorIsReportedOnce(t *testing.T) {
	g := NewWithT(t)
	out := &broken{left: 300}
	s := jsonl.Stream{W: out}
	g.Expect(s.Start(report.Run{})).To(Succeed())
	g.Expect(s.Result(report.Result{Reason: strings.Repeat("x", 300)})).To(MatchError(errBroken))
	left := out.left
	g.Expect(s.Interval(jsonl.Interval{})).To(Succeed())
	g.Expect(s.End(report.Run{})).To(Succeed())
	g.Expect(out.left).To(Equal(left), "nothing is written after an error")
}
