package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/scenarios/library"
)

const (
	least   = "name: x\nload: {sessions: 1, count: 1}\nsession: [login]\n"
	entries = "name: x\nload: {sessions: 1, count: 1}\nsession:\n  - login\n"
	model   = "name: x\nsession: [login]\nload:\n  sessions: 1\n"
)

var _ = Describe("Parse", func() {
	It("reads everything that a scenario can have", func() {
		s, err := Parse("all.yaml", []byte(`# What it is for,
#   in two lines.

# Not this.
name: all-there-is
needs:
  - file: {path: pub/4k.bin, size: 4KiB}
  - file:
      path: pub/1m.bin
      size: 1MB
load:
  model: closed
  sessions: 8
  for: 1m30s
warm-up: 5s
session:
  - login
  - list
  - list: {path: pub}
  - repeat: 10
    steps:
      - retr: {path: pub/4k.bin, verify: size}
      - think: 50ms
      - repeat: {times: 2, steps: [stor: {size: 10}]}
  - stor: {path: up.bin, size: 4096}
  - retr: {path: up.bin, verify: size}
  - quit
want:
  - p99(data.connect) < 20ms
  - p99.9(retr) <= 1s
  - rate(failures) == 0
  - throughput > 100MiB/s
`))
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Name).To(Equal(Name("all-there-is")))
		Expect(s.Description).To(Equal("What it is for, in two lines."))
		Expect(s.Needs).To(HaveLen(2))
		Expect(s.Needs[1].File.Size).To(Equal(Size(1_000_000)))
		Expect(s.Load).To(Equal(Model{Model: Closed, Sessions: 8, For: Duration(90 * time.Second)}))
		Expect(s.WarmUp).To(Equal(Duration(5 * time.Second)))
		Expect(s.Session).To(HaveLen(7))
		Expect(s.Want).To(HaveLen(4))
	})

	DescribeTable("says what is wrong, and where",
		func(document, place, message string) {
			_, err := Parse("f.yaml", []byte(document))
			var e *Error
			Expect(errors.As(err, &e)).To(BeTrue(), "%v", err)
			Expect(err.Error()).To(HavePrefix("f.yaml:" + place + ": "))
			Expect(e.Message).To(ContainSubstring(message))
		},
		Entry("nothing", "", "1:1", "empty"),
		Entry("a comment alone", "# so\n", "1:1", "empty"),
		Entry("a list", "- a", "1:1", "mapping is expected"),
		Entry("a number", "5", "1:1", "mapping is expected"),
		Entry("no load", "name: x\nsession: [login]", "1:1", "load is missing"),
		Entry("no name", "load: {sessions: 1, count: 1}\nsession: [login]", "1:1", "name is missing"),
		Entry("no session", "name: x\nload: {sessions: 1, count: 1}", "1:1", "session is missing"),
		Entry("unknown field", least+"foo: 1\n", "4:1", `unknown field "foo"`),
		Entry("twice the same", least+"name: y\n", "4:1", "already defined"),
		Entry("two documents", least+"---\nname: y\n", "5:1", "one scenario"),
		Entry("an anchor", least+"foo: &a 1\n", "4:6", "no place"),
		Entry("an alias", least+"foo: *a\n", "4:6", "no place"),
		Entry("a tag", least+"foo: !!int 5\n", "4:6", "no place"),
		Entry("a merge", least+"foo: {<<: 5}\n", "4:7", "no place"),
		Entry("a tab", "name: x\n\tload: 5\n", "2:1", "cannot start"),
		Entry("an open bracket", "a: [", "1:4", "']' not found"),
		Entry("a deep one", "a: "+strings.Repeat("[", 100), "1:36", "too deeply"),
		Entry("an empty value", "name:\n", "1:7", "missing"),
		Entry("a name with spaces", "name: X y\n", "1:7", "lower-case"),
		Entry("a number for a name", "name: 5\n", "1:7", "in quotes"),

		Entry("load as a number", "name: x\nload: 5\n", "2:7", "mapping is expected"),
		Entry("the open model", "name: x\nload: {model: open, stages: [{rate: 5/s}]}\nsession: [login]", "2:15", "must be closed"),
		Entry("the open model, before anything else in it", "name: x\nload:\n  stages: []\n  model: open\n", "4:10", "must be closed"),
		Entry("for and count", model+"  for: 5s\n  count: 3\n", "6:10", "not both"),
		Entry("neither for nor count", model, "4:3", "must be set"),
		Entry("no sessions", "name: x\nload:\n  sessions: 0\n  count: 1\n", "3:13", "at least 1"),
		Entry("too many sessions", "name: x\nload:\n  count: 1\n  sessions: 200000\n", "4:13", "at most"),
		Entry("a number in quotes", model+"  count: '4'\n", "5:10", "without quotes"),
		Entry("a fraction", model+"  count: 1.5\n", "5:10", "whole number"),
		Entry("a negative number", model+"  count: -1\n", "5:10", "whole number"),
		Entry("a duration without unit", model+"  for: 10\n", "5:8", "not a duration"),
		Entry("a duration too long", model+"  for: 48h\n", "5:8", "at most 24h"),
		Entry("a list for a duration", model+"  for: [1s]\n", "5:8", "duration"),
		Entry("a warm-up of counted sessions", least+"warm-up: 5s\n", "4:10", "needs for"),

		Entry("a need of nothing", least+"needs:\n  - {}\n", "5:5", "a file is wanted"),
		Entry("an unknown need", least+"needs:\n  - dir: a\n", "5:5", "unknown field"),
		Entry("a file without size", least+"needs:\n  - file: {path: a}\n", "5:11", "size is missing"),
		Entry("a file with a bad size", least+"needs:\n  - file: {path: a, size: 4kb}\n", "5:27", "not a size"),
		Entry("a file with variables", least+"needs:\n  - file: {path: 'a{session}', size: 1}\n", "5:18", "the same for all"),
		Entry("a file twice", least+"needs:\n  - file: {path: a, size: 1}\n  - file: {path: a, size: 2}\n", "6:18", "needed twice"),

		Entry("no steps", "name: x\nload: {sessions: 1, count: 1}\nsession: []\n", "3:10", "list of steps"),
		Entry("steps as a word", "name: x\nload: {sessions: 1, count: 1}\nsession: login\n", "3:10", "list of steps"),
		Entry("steps that do nothing", "name: x\nload: {sessions: 1, count: 1}\nsession:\n  - think: 0s\n", "4:3", "never logs in"),
		Entry("an unknown step", entries+"  - fly\n", "5:5", "list, login, quit, repeat, retr, stor, think"),
		Entry("an unknown step with settings", entries+"  - fly: {to: x}\n", "5:5", `"fly" is no step`),
		Entry("a step that is a number", entries+"  - 5\n", "5:5", "step is wanted"),
		Entry("two steps in one entry", entries+"  - list: {path: a}\n    quit: {}\n", "6:5", "does not belong here"),
		Entry("a step without login", "name: x\nload: {sessions: 1, count: 1}\nsession: [retr: {path: a}]", "3:17", "login must come before"),
		Entry("a step after quit", entries+"  - quit\n  - list\n", "6:5", "login must come before"),
		Entry("a second login", entries+"  - login\n", "5:5", "already"),
		Entry("a login in a repeat", "name: x\nload: {sessions: 1, count: 1}\nsession:\n  - repeat: 3\n    steps: [login]\n", "5:13", "not in a repeat"),
		Entry("an unknown setting", entries+"  - retr: {file: a}\n", "5:12", `unknown field "file"`),
		Entry("a step that lacks its setting", entries+"  - retr\n", "5:5", "needs a path"),
		Entry("an unknown check", entries+"  - retr: {path: a, verify: md5}\n", "5:29", `"md5" is none of none, size, crc`),
		Entry("a number for a check", entries+"  - retr: {path: a, verify: 5}\n", "5:29", "in quotes"),
		Entry("a sum that there is not", entries+"  - retr: {path: a, verify: {md5: aa}}\n", "5:30", `"md5" is no sum`),
		Entry("two sums", entries+"  - retr: {path: a, verify: {crc32c: aabbccdd, sha256: aa}}\n", "5:29", "one sum"),
		Entry("no sum", entries+"  - retr: {path: a, verify: {}}\n", "5:29", "one sum"),
		Entry("a sum too short", entries+"  - retr: {path: a, verify: {crc32c: aabbcc}}\n", "5:38", "crc32c has 8 hexadecimal digits"),
		Entry("a sum too long", entries+"  - retr: {path: a, verify: {sha256: '"+strings.Repeat("a", 65)+"'}}\n", "5:38", "sha256 has 64 hexadecimal digits"),
		Entry("a sum that is none", entries+"  - retr: {path: a, verify: {crc32c: aabbccdg}}\n", "5:38", "crc32c has 8 hexadecimal digits"),
		Entry("a sum as a list", entries+"  - retr: {path: a, verify: {crc32c: [1]}}\n", "5:38", "a sum is wanted"),
		Entry("content that is not the run's", entries+"  - retr:\n      path: a\n      verify: crc\n", "7:15", "the content of a is not known"),
		Entry("an unknown size", entries+"  - retr: {path: a, verify: size}\n", "5:29", "not known"),
		Entry("an unknown variable", entries+"  - retr: {path: 'a{foo}'}\n", "5:18", "{foo} is none of"),
		Entry("a path that smuggles a command", entries+"  - retr: {path: \"a\\nDELE b\"}\n", "5:18", "one line"),
		Entry("stor without size", entries+"  - stor: {path: a}\n", "5:11", "needs a size"),
		Entry("stor into changing directories", entries+"  - stor: {size: 1, path: 'd{session}/x'}\n", "5:27", "not of its directory"),
		Entry("stor onto what is needed", entries+"  - stor: {size: 1, path: a}\nneeds:\n  - file: {path: a, size: 1}\n", "5:27", "store into another"),
		Entry("repeat without steps", entries+"  - repeat: 10\n", "5:5", "how often and what"),
		Entry("repeat without steps, in braces", entries+"  - repeat: {times: 3}\n", "5:13", "how often and what"),
		Entry("bare repeat", entries+"  - repeat\n", "5:5", "how often and what"),
		Entry("repeat zero times", entries+"  - repeat: 0\n    steps: [list]\n", "5:13", "between 1 and"),
		Entry("repeat with both forms", entries+"  - repeat: {times: 3, steps: [list]}\n    steps: [list]\n", "6:5", "already"),
		Entry("an unknown setting of repeat", entries+"  - repeat: 3\n    steps: [list]\n    foo: 1\n", "7:5", `unknown field "foo"`),
		Entry("a wrong step in a repeat", entries+"  - repeat: 3\n    steps:\n      - list\n      - quit\n", "8:9", "not in a repeat"),
		Entry("thinking for ever", entries+"  - think: soon\n", "5:12", "not a duration"),

		Entry("no condition", least+"want: [fast]", "4:8", "not a condition"),
		Entry("a number for a condition", least+"want:\n  - 5\n", "5:5", "condition is wanted"),
		Entry("a condition on nothing", least+"want:\n  - p99(nope) < 1s\n", "5:5", "neither an operation"),
		Entry("a condition on an operation of other scenarios", least+"want:\n  - p99(retr) < 1s\n", "5:5", "neither an operation"),
		Entry("a condition without subject", least+"want:\n  - p99 < 1s\n", "5:5", "in parentheses"),
		Entry("a condition without unit", least+"want:\n  - p99(login) < 1\n", "5:5", "not a duration"),
		Entry("no quantile", least+"want:\n  - p100(login) < 1s\n", "5:5", "measures nothing"),
		Entry("quantile zero", least+"want:\n  - p0(login) < 1s\n", "5:5", "no quantile"),
		Entry("more than all", least+"want:\n  - rate(failures) < 200%\n", "5:5", "not a share"),
		Entry("throughput without time", least+"want:\n  - throughput > 5MiB\n", "5:5", "not a rate"),
	)

	It("shows the line with a mark", func() {
		_, err := Parse("small.yaml", []byte(model+"  for: 10 apples\n"))
		Expect(err).To(MatchError("small.yaml:5:8: \"10 apples\" is not a duration like 50ms, 10s or 1m30s, of at most 24h\n" +
			"   5 |   for: 10 apples\n" +
			"              ^"))
	})

	It("lets nothing through to the terminal", func() {
		_, err := Parse("f.yaml", []byte("name: x # \x1b[31m \u202e\nfoo: \"\x1b[2J\"\n"))
		Expect(err).To(HaveOccurred())
		Expect(err.Error()).NotTo(ContainSubstring("\x1b"))
		_, err = Parse("f.yaml", []byte("name: \x1b[31m\n"))
		Expect(err).To(HaveOccurred())
		Expect(err.Error()).NotTo(ContainSubstring("\x1b"))
	})

	It("refuses large files", func() {
		_, err := Parse("f.yaml", []byte(least+strings.Repeat("#\n", maxFile/2)))
		Expect(err).To(MatchError(ContainSubstring("more than 65536 octets")))
	})
})

var _ = Describe("the library", func() {
	It("holds valid scenarios under their names, with a description", func() {
		Expect(library.Names()).To(ContainElements("download", "small-files", "smoke"))
		for _, name := range library.Names() {
			b, err := library.Open(name)
			Expect(err).NotTo(HaveOccurred())
			s, err := Parse(name+".yaml", b)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(s.Name)).To(Equal(name))
			Expect(s.Description).To(HaveSuffix("."), name)
			Expect(s.Set("sessions", "3")).To(Succeed(), name)
			Expect(s.Set("duration", "4s")).To(Succeed(), name)
			Expect(s.Set("size", "5KiB")).To(Succeed(), name)
		}
	})

	It("opens nothing else", func() {
		for _, name := range []string{"", "nope", "../library/smoke", "smoke.yaml", "."} {
			_, err := library.Open(name)
			Expect(err).To(MatchError(ContainSubstring("download, small-files, smoke")))
		}
	})
})

var _ = Describe("Set", func() {
	scenario := func() *Scenario {
		s, err := Parse("s.yaml", []byte("name: x\nload: {sessions: 2, count: 7}\nneeds: [file: {path: a, size: 1}]\n"+
			"session:\n  - login\n  - repeat: 2\n    steps: [stor: {size: 2}]\n  - retr: {path: a, verify: size}\n"))
		Expect(err).NotTo(HaveOccurred())
		return s
	}

	It("changes sessions, duration and size", func() {
		s := scenario()
		Expect(s.Set("sessions", "20")).To(Succeed())
		Expect(s.Set("duration", "3s")).To(Succeed())
		Expect(s.Set("size", "1MiB")).To(Succeed())
		Expect(s.Load).To(Equal(Model{Model: Closed, Sessions: 20, For: Duration(3 * time.Second)}))
		Expect(s.Needs[0].File.Size).To(Equal(Size(1 << 20)))
		p, err := s.compile("d")
		Expect(err).NotTo(HaveOccurred())
		sizes := map[code]int64{}
		for _, o := range p.ops {
			if o.size != 0 {
				sizes[o.code] = o.size
			}
		}
		Expect(sizes).To(Equal(map[code]int64{opFeed: 1 << 20, opVerify: 1 << 20}))
	})

	It("leaves a size alone that a given sum stands for", func() {
		s := parsed("load: {sessions: 2, count: 7}\nneeds: [file: {path: a, size: 1}]\nsession:\n  - login\n" +
			"  - repeat: {times: 2, steps: [stor: {path: b, size: 2}]}\n  - retr: {path: b, verify: {crc32c: 00000000}}\n")
		Expect(s.Set("size", "5")).To(MatchError("size=5: b is compared with a given sum, and would have another"))
		Expect(s.Needs[0].File.Size).To(Equal(Size(1)))
		s = parsed("load: {sessions: 2, count: 7}\nneeds: [file: {path: a, size: 1}]\nsession:\n  - login\n" +
			"  - retr: {path: a, verify: crc}\n  - retr: {path: other, verify: {crc32c: 00000000}}\n")
		Expect(s.Set("size", "5")).To(Succeed())
	})

	DescribeTable("refuses", func(key, value, message string) {
		s := scenario()
		Expect(s.Set(key, value)).To(MatchError(And(HavePrefix(key+"="+value), ContainSubstring(message))))
		Expect(s.Load).To(Equal(scenario().Load))
	},
		Entry(nil, "sessions", "0", "at least 1"),
		Entry(nil, "sessions", "-3", "whole number"),
		Entry(nil, "sessions", "200000", "at most"),
		Entry(nil, "duration", "soon", "not a duration"),
		Entry(nil, "duration", "0s", "must be set"),
		Entry(nil, "size", "big", "not a size"),
		Entry(nil, "rate", "5/s", "closed model"),
		Entry(nil, "color", "red", "no such setting"),
	)

	It("refuses a size where nothing has one", func() {
		s, err := Parse("s.yaml", []byte(least))
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Set("size", "1")).To(MatchError(ContainSubstring("names no size")))
	})
})

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("library/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{least, entries + "  - repeat: {times: 2, steps: [stor: {size: 1}]}\n", entries + "  - repeat: 3\n    steps:\n      - think: 1s\n",
		entries + "  - stor: {size: 1TiB, path: a}\n  - retr: {path: a, verify: crc}\n", entries + "  - retr: {path: a, verify: {crc32c: 1e234567}}\n", "a: [", "? a\n: b", "- - - x", "name: \"\\u", "a: |2\n  x", "a: >-\n\n", "'", "{a: {", "%YAML 1.2\n---\n", "a:\n  <<: *x\n", "\xff\xfe\x00", "--- --- ---", "!!binary x", "a: &a [*a]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse("f.yaml", b)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T is not an *Error: %v", err, err)
			}
			if e.Line < 1 || e.Column < 1 || e.Message == "" {
				t.Fatalf("no place or no message: %#v", e)
			}
			return
		}
		if s.Name == "" || len(s.Session) == 0 || s.Load.check(nil) != nil {
			t.Fatalf("accepted, but not complete: %#v", s)
		}
		if _, err := s.compile("d"); err != nil {
			t.Fatalf("accepted, but cannot be compiled: %v", err)
		}
	})
}
