package report_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/internal/sample"
)

// definition is the part of a schema that mirrors a Go type.
type definition struct {
	additional bool
	required   []string
	properties []string
}

var _ = Describe("The JSON Schema", func() {
	var (
		document map[string]any
		schema   *jsonschema.Schema
	)
	BeforeEach(func() {
		parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.JSONSchema))
		Expect(err).NotTo(HaveOccurred())
		document = parsed.(map[string]any)
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		Expect(c.AddResource("report.json", parsed)).To(Succeed())
		schema, err = c.Compile("report.json")
		Expect(err).NotTo(HaveOccurred())
	})
	validate := func(file []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
		Expect(err).NotTo(HaveOccurred())
		return schema.Validate(v)
	}

	It("is draft 2020-12", func() {
		Expect(document["$schema"]).To(Equal("https://json-schema.org/draft/2020-12/schema"))
	})

	DescribeTable("accepts", func(r report.Run) {
		b, err := report.Marshal(r)
		Expect(err).NotTo(HaveOccurred())
		Expect(validate(b)).To(Succeed())
	},
		Entry("a healthy run", sample.Healthy()),
		Entry("a broken run", sample.Broken()),
		Entry("an unreachable target", sample.Unreachable()),
		Entry("a search for capacity", sample.Searched()),
		Entry("jobs that found nothing", report.Run{Schema: report.Schema, Tool: sample.Healthy().Tool, Target: report.Target{URL: "ftp://127.0.0.1/"},
			Check: &report.Check{}, Load: &report.Load{Scenario: "smoke", Model: "closed"}, Diagnose: &report.Diagnosis{}}),
	)

	It("describes every field of every type, and no others", func() {
		types := map[string]reflect.Type{}
		structs(reflect.TypeFor[report.Run](), types)
		defs := document["$defs"].(map[string]any)
		for name, t := range types {
			Expect(defs).To(HaveKey(name))
			Expect(described(defs[name].(map[string]any))).To(Equal(declared(t)), name)
		}
		for name, def := range defs {
			if def.(map[string]any)["type"] == "object" {
				Expect(types).To(HaveKey(name))
			}
		}
	})

	It("is tested with values in every field", func() {
		filled := map[string]bool{}
		for _, r := range []report.Run{sample.Healthy(), sample.Broken(), sample.Unreachable(), sample.Searched()} {
			fill(reflect.ValueOf(r), filled)
		}
		types := map[string]reflect.Type{}
		structs(reflect.TypeFor[report.Run](), types)
		for name, t := range types {
			for _, f := range exported(t) {
				Expect(filled).To(HaveKey(name + "." + f.Name))
			}
		}
	})

	It("explains every property", func() {
		for name, def := range document["$defs"].(map[string]any) {
			Expect(def).To(HaveKey("description"), name)
			properties, _ := def.(map[string]any)["properties"].(map[string]any)
			for key, p := range properties {
				Expect(p).To(Or(HaveKey("description"), HaveKey("$ref")), name+"."+key)
			}
		}
	})

	DescribeTable("has the values of", func(name string, want []string) {
		Expect(document["$defs"].(map[string]any)[name].(map[string]any)["enum"]).To(ConsistOf(want))
	},
		Entry(nil, "Verdict", texts(report.Verdicts)),
		Entry(nil, "Level", texts(levels)),
		Entry(nil, "Severity", texts(severities)),
		Entry(nil, "FailOn", texts([]report.FailOn{report.FailOnFail, report.FailOnWarn, report.FailOnWarnCritical, report.FailOnWarnMajor})),
		Entry(nil, "Weight", texts([]report.Weight{report.Blocking, report.Limited, report.Note})),
	)

	DescribeTable("rejects", func(old, new, place string) {
		b, err := report.Marshal(sample.Broken())
		Expect(err).NotTo(HaveOccurred())
		spoilt := strings.Replace(string(b), old, new, 1)
		Expect(spoilt).NotTo(Equal(string(b)))
		Expect(validate([]byte(spoilt))).To(MatchError(ContainSubstring(place)))
	},
		Entry("another version", "pasv/report/v1", "pasv/report/v2", "/schema"),
		Entry("a misspelt field", `"partial"`, `"partal"`, "partal"),
		Entry("a misspelt field of a result", `"severity"`, `"seriousness"`, "/check/results/0"),
		Entry("an unknown verdict", `"verdict": "pass"`, `"verdict": "good"`, "/check/results/0/verdict"),
		Entry("a count of an unknown verdict", `"xfail": 1`, `"good": 1`, "invalid propertyName 'good'"),
		Entry("an unknown exit code", `"exit": 4`, `"exit": 7`, "/exit"),
		Entry("a duration in words", `"elapsed": 47.25`, `"elapsed": "47s"`, "/elapsed"),
		Entry("a negative duration", `"elapsed": 47.25`, `"elapsed": -1`, "/elapsed"),
		Entry("a date that is none", `"started": "2026-`, `"started": "soon-`, "/started"),
		Entry("too much confidence", `"confidence": 0.95`, `"confidence": 95`, "/diagnose/findings/0/confidence"),
		Entry("a port that is none", `"port": 50000`, `"port": 70000`, "/diagnose/ports/0/port"),
		Entry("an unknown state of a port", `"state": "open"`, `"state": "ajar"`, "/diagnose/ports/0/state"),
		Entry("a finding code with spaces", `"code": "address-private"`, `"code": "Address private"`, "/diagnose/findings/0/code"),
	)
})

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// structs collects the struct types of package report that t is made of.
func structs(t reflect.Type, into map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		structs(t.Elem(), into)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || into[t.Name()] != nil {
			return
		}
		into[t.Name()] = t
		for _, f := range exported(t) {
			structs(f.Type, into)
		}
	}
}

// exported are the fields of a struct that are written.
func exported(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return !f.IsExported() })
}

// declared is what the JSON tags of t say.
func declared(t reflect.Type) definition {
	var d definition
	for _, f := range exported(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		d.properties = append(d.properties, name)
		if options == "" {
			d.required = append(d.required, name)
		}
	}
	slices.Sort(d.properties)
	slices.Sort(d.required)
	return d
}

// described is what the schema says.
func described(def map[string]any) definition {
	d := definition{additional: def["additionalProperties"] != false}
	for name := range def["properties"].(map[string]any) {
		d.properties = append(d.properties, name)
	}
	for _, name := range def["required"].([]any) {
		d.required = append(d.required, fmt.Sprint(name))
	}
	slices.Sort(d.properties)
	slices.Sort(d.required)
	return d
}

// fill notes which fields below v are not zero.
func fill(v reflect.Value, into map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), into)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), into)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			fill(v.MapIndex(key), into)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for _, f := range exported(v.Type()) {
			value := v.FieldByIndex(f.Index)
			if !value.IsZero() {
				into[v.Type().Name()+"."+f.Name] = true
			}
			fill(value, into)
		}
	}
}
