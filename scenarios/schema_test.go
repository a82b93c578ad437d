package scenarios

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var _ = Describe("The JSON Schema", func() {
	var schema *jsonschema.Schema
	BeforeEach(func() {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
		Expect(err).NotTo(HaveOccurred())
		c := jsonschema.NewCompiler()
		Expect(c.AddResource("scenario.json", document)).To(Succeed())
		schema, err = c.Compile("scenario.json")
		Expect(err).NotTo(HaveOccurred())
	})
	validate := func(document string) error {
		GinkgoHelper()
		var v any
		Expect(yaml.Unmarshal([]byte(document), &v)).To(Succeed())
		b, err := json.Marshal(v)
		Expect(err).NotTo(HaveOccurred())
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		Expect(err).NotTo(HaveOccurred())
		return schema.Validate(instance)
	}

	It("is the same each time", func() {
		Expect(Schema()).To(Equal(Schema()))
	})

	It("accepts the built-in scenarios", func() {
		files, err := filepath.Glob("library/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		for _, name := range files {
			b, err := os.ReadFile(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(validate(string(b))).To(Succeed(), name)
		}
	})

	// What the one accepts the other does, as far as form goes.
	DescribeTable("agrees with Parse", func(document string, right bool) {
		_, err := Parse("s.yaml", []byte(document))
		verdict := validate(document)
		if right {
			Expect(err).NotTo(HaveOccurred())
			Expect(verdict).To(Succeed())
		} else {
			Expect(err).To(HaveOccurred())
			Expect(verdict).NotTo(Succeed())
		}
	},
		Entry("the least", least, true),
		Entry("every step", "name: x\n"+everyStep, true),
		Entry("an open model", "name: x\nload: {model: open, arrivals: poisson, at-most: 5, stages: [{rate: 0/s, to: 5/s, for: 1m30s}, {rate: 30/m, for: 1s}]}\nsession: [login]\n", true),
		Entry("a search for capacity", "name: x\nload: {model: capacity, from: 5, to: 100, for: 5s, ramp: 1s}\nsession: [login]\n", true),
		Entry("a mix", "name: x\nload: {sessions: 1, for: 1s, ramp: 1s}\nmix: [{session: [login]}, {weight: 3, session: [login, hold]}]\n", true),
		Entry("both forms of hold", entries+"  - hold: 1s\n  - hold: {for: 1s, noop: 1s}\n", true),
		Entry("repeat in braces", entries+"  - repeat: {times: 3, steps: [noop]}\n", true),
		Entry("conditions", least+"want: [p99.99(login) < 20ms, throughput(login) > 1MiB/s, count(failures) == 0]\n", true),
		Entry("digits that are a number", entries+"  - retr: {path: a, verify: {crc32c: 12345678}}\n", true),

		Entry("nothing in it", "name: x\n", false),
		Entry("an unknown field", least+"foo: 1\n", false),
		Entry("session and mix", least+"mix: [{session: [login]}]\n", false),
		Entry("a name with spaces", "name: X y\nload: {sessions: 1, count: 1}\nsession: [login]\n", false),
		Entry("an unknown step", entries+"  - fly\n", false),
		Entry("two steps in one entry", entries+"  - list: {path: a}\n    noop: {}\n", false),
		Entry("an unknown setting", entries+"  - retr: {path: a, file: a}\n", false),
		Entry("a step without its setting", entries+"  - retr: {verify: none}\n", false),
		Entry("a bare word that says too little", entries+"  - retr\n", false),
		Entry("a bare repeat", entries+"  - repeat\n", false),
		Entry("a bare choose", entries+"  - choose\n", false),
		Entry("a bare expect", entries+"  - noop\n  - expect\n", false),
		Entry("an expectation of nothing", entries+"  - noop\n  - expect: {}\n", false),
		Entry("a bare think", entries+"  - think\n", false),
		Entry("an unknown way to verify", entries+"  - retr: {path: a, verify: md5}\n", false),
		Entry("a duration without a unit", entries+"  - think: 5\n", false),
		Entry("repeat without steps", entries+"  - repeat: 3\n", false),
		Entry("one choice", entries+"  - choose: [{steps: [noop]}]\n", false),
		Entry("a preliminary reply", entries+"  - noop\n  - expect: {code: 150}\n", false),
		Entry("neither for nor count", "name: x\nload: {sessions: 1}\nsession: [login]\n", false),
		Entry("stages in the closed model", "name: x\nload: {sessions: 1, for: 1s, stages: [{rate: 1/s, for: 1s}]}\nsession: [login]\n", false),
		Entry("no stages in the open model", "name: x\nload: {model: open}\nsession: [login]\n", false),
		Entry("a search without an end", "name: x\nload: {model: capacity, for: 5s}\nsession: [login]\n", false),
		Entry("a search without a time", "name: x\nload: {model: capacity, to: 5}\nsession: [login]\n", false),
		Entry("a search with a number of sessions", "name: x\nload: {model: capacity, sessions: 3, to: 5, for: 1s}\nsession: [login]\n", false),
		Entry("bounds in the closed model", "name: x\nload: {sessions: 3, to: 5, for: 1s}\nsession: [login]\n", false),
		Entry("a need of something else", least+"needs: [ipv6]\n", false),
		Entry("no condition", least+"want: [fast]\n", false),
	)

	It("knows every step, and says what it does", func() {
		var document struct {
			Defs struct {
				Steps struct {
					Items struct {
						AnyOf []struct {
							Properties map[string]struct{ Description string }
						}
					}
				}
			} `json:"$defs"`
		}
		Expect(json.Unmarshal(Schema(), &document)).To(Succeed())
		about := map[string]string{}
		for _, kind := range document.Defs.Steps.Items.AnyOf {
			for name, p := range kind.Properties {
				if p.Description != "" {
					about[name] = p.Description
				}
			}
		}
		for name, kind := range steps {
			Expect(about).To(HaveKeyWithValue(name, kind.about))
		}
	})
})
