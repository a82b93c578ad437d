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
		Entry("an unknown model", "name: x\nload: {model: half-open}\nsession: [login]", "2:15", `not "half-open"`),
		Entry("the open model without stages", "name: x\nload:\n  model: open\n", "3:3", "needs stages"),
		Entry("a stage without time", "name: x\nload: {model: open, stages: [{rate: 5/s}]}\nsession: [login]", "2:30", "for is missing"),
		Entry("a stage of no time", "name: x\nload: {model: open, stages: [{rate: 5/s, for: 0s}]}\nsession: [login]", "2:47", "some time"),
		Entry("rates of nothing", "name: x\nload: {model: open, stages: [{rate: 0/s, for: 1s}]}\nsession: [login]", "2:29", "ever due"),
		Entry("a rate without a unit", "name: x\nload: {model: open, stages: [{rate: 5, for: 1s}]}\nsession: [login]", "2:37", "not a rate"),
		Entry("stages for days", "name: x\nload: {model: open, stages: [{rate: 5/s, for: 23h}, {rate: 5/s, for: 2h}]}\nsession: [login]", "2:29", "more than 24 hours"),
		Entry("sessions of the open model", "name: x\nload: {model: open, stages: [{rate: 5/s, for: 1s}], sessions: 5}\nsession: [login]", "2:63", "no meaning in the open model"),
		Entry("stages of the closed model", "name: x\nload: {sessions: 5, for: 1s, stages: [{rate: 5/s, for: 1s}]}\nsession: [login]", "2:38", "no meaning in the closed model"),
		Entry("at most none", "name: x\nload: {model: open, at-most: 0, stages: [{rate: 5/s, for: 1s}]}\nsession: [login]", "2:30", "at least 1"),
		Entry("arrivals of another kind", "name: x\nload: {model: open, arrivals: bursts, stages: [{rate: 5/s, for: 1s}]}\nsession: [login]", "2:31", "neither even nor poisson"),
		Entry("a warm-up as long as the stages", "name: x\nload: {model: open, stages: [{rate: 5/s, for: 1s}]}\nwarm-up: 1s\nsession: [login]", "3:10", "shorter"),
		Entry("session and mix", least+"mix: [{session: [login]}]\n", "4:6", "not both"),
		Entry("a share without weight", "name: x\nload: {sessions: 1, count: 1}\nmix: [{weight: 0, session: [login]}]\n", "3:16", "between 1 and"),
		Entry("a share without session", "name: x\nload: {sessions: 1, count: 1}\nmix: [{weight: 1}]\n", "3:7", "session is missing"),
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

		Entry("a need of nothing", least+"needs:\n  - {}\n", "5:5", "file is missing"),
		Entry("an unknown need", least+"needs:\n  - dir: a\n", "5:5", "unknown field"),
		Entry("a file without size", least+"needs:\n  - file: {path: a}\n", "5:11", "size is missing"),
		Entry("a file with a bad size", least+"needs:\n  - file: {path: a, size: 4kb}\n", "5:27", "not a size"),
		Entry("a file with variables", least+"needs:\n  - file: {path: 'a{session}', size: 1}\n", "5:18", "the same for all"),
		Entry("a file twice", least+"needs:\n  - file: {path: a, size: 1}\n  - file: {path: a, size: 2}\n", "6:18", "needed twice"),

		Entry("no steps", "name: x\nload: {sessions: 1, count: 1}\nsession: []\n", "3:10", "list of steps"),
		Entry("steps as a word", "name: x\nload: {sessions: 1, count: 1}\nsession: login\n", "3:10", "list of steps"),
		Entry("steps that do nothing", "name: x\nload: {sessions: 1, count: 1}\nsession:\n  - think: 0s\n", "4:3", "never logs in"),
		Entry("an unknown step", entries+"  - fly\n", "5:5", "list, login, mdtm, mlsd"),
		Entry("an unknown step with settings", entries+"  - fly: {to: x}\n", "5:5", `"fly" is no step`),
		Entry("rest alone", entries+"  - rest: {offset: 5}\n", "5:11", "directly before the retr"),
		Entry("rest before another step", entries+"  - rest: {offset: 5}\n  - list\n", "5:11", "directly before the retr"),
		Entry("rest in a part of something unknown", entries+"  - rest: {offset: 50%}\n  - retr: {path: a}\n", "5:20", "not known"),
		Entry("content from an offset on", least[:len(least)-len("session: [login]\n")]+"needs: [file: {path: a, size: 9}]\nsession: [login, rest: {offset: 5}, retr: {path: a, verify: crc}]\n", "4:61", "from an offset on"),
		Entry("expect behind nothing", "name: x\nload: {sessions: 1, count: 1}\nsession: [expect: {code: 220}]\n", "3:19", "behind the step"),
		Entry("expect behind a pause", entries+"  - think: 1s\n  - expect: {code: 220}\n", "6:13", "behind the step"),
		Entry("expect at the begin of a repeat", entries+"  - repeat: 3\n    steps: [expect: {code: 220}]\n", "6:21", "behind the step"),
		Entry("expect behind a repeat", entries+"  - repeat: {times: 3, steps: [noop]}\n  - expect: {code: 220}\n", "6:13", "behind the step"),
		Entry("expect nothing", entries+"  - noop\n  - expect: {}\n", "6:13", "code, bytes"),
		Entry("expect nothing, as a word", entries+"  - noop\n  - expect\n", "6:5", "settings are missing"),
		Entry("expect a code of login", entries+"  - expect: {code: 230}\n", "5:20", "no reply that could be another"),
		Entry("expect a preliminary reply", entries+"  - noop\n  - expect: {code: [200, 150]}\n", "6:26", "between 200 and 699"),
		Entry("expect octets of a command", entries+"  - noop\n  - expect: {bytes: 5}\n", "6:21", "moves no data"),
		Entry("expect a sum of an upload", entries+"  - stor: {size: 1}\n  - expect: {crc32c: e3069283}\n", "6:13", "could have this sum"),
		Entry("expect another sum", entries+"  - retr: {path: a, verify: {crc32c: e3069283}}\n  - expect: {sha256: "+strings.Repeat("a", 64)+"}\n", "6:13", "could have this sum"),
		Entry("expect two sums", entries+"  - retr: {path: a}\n  - expect: {crc32c: e3069283, sha256: "+strings.Repeat("a", 64)+"}\n", "6:13", "one sum"),
		Entry("an upload after a cwd", entries+"  - cwd: {path: a}\n  - stor: {size: 1}\n", "6:11", "after a cwd"),
		Entry("an upload with a path after a cwd", entries+"  - cwd: {path: a}\n  - appe: {size: 1, path: b}\n", "6:27", "begins with a slash"),
		Entry("an upload before a cwd in a repeat", entries+"  - repeat: 2\n    steps: [stou: {size: 1}, cwd: {path: a}]\n", "6:19", "after a cwd"),
		Entry("an upload before a raw command in a repeat", entries+"  - repeat: 2\n    steps: [stou: {size: 1}, raw: CWD a]\n", "6:19", "after a cwd"),
		Entry("an upload after a cwd by chance", entries+"  - choose: [{steps: [noop]}, {steps: [cwd: {path: a}]}]\n  - stor: {size: 1}\n", "6:11", "after a cwd"),
		Entry("an upload after a raw command", entries+"  - raw: CWD a\n  - stor: {size: 1}\n", "6:11", "after a cwd"),
		Entry("the size of something that is appended to", entries+"  - stor: {path: a, size: 1}\n  - retr: {path: a, verify: size}\n  - appe: {path: a, size: 1}\n", "6:29", "not known"),
		Entry("the size of a path after a cwd", least[:len(least)-len("session: [login]\n")]+"needs: [file: {path: a, size: 9}]\nsession: [login, cwd: {path: b}, retr: {path: a, verify: size}]\n", "4:58", "not known"),
		Entry("one of no set of files", entries+"  - retr: {path: 'a{file}'}\n", "5:18", "no set of files"),
		Entry("an upload onto a set of files", entries+"  - stor: {path: 'a{file}', size: 1}\n", "5:18", "stands for files"),
		Entry("a raw command of a set of files", entries+"  - raw: 'XA {file}'\n", "5:10", "stands for files"),
		Entry("a raw transfer", entries+"  - raw: retr a\n", "5:10", "there is the step retr"),
		Entry("raw without a command", entries+"  - raw\n", "5:5", "settings are missing"),
		Entry("one choice", entries+"  - choose: [{steps: [list]}]\n", "5:13", "at least two"),
		Entry("choose alone", entries+"  - choose\n", "5:5", "settings are missing"),
		Entry("a choice without steps", entries+"  - choose: [{steps: [list]}, {weight: 5}]\n", "5:31", "steps is missing"),
		Entry("a choice without weight", entries+"  - choose: [{steps: [list]}, {weight: 0, steps: [list]}]\n", "5:40", "between 1 and"),
		Entry("a choice to quit", entries+"  - choose: [{steps: [list]}, {steps: [quit]}]\n", "5:40", "not in a repeat or choose"),
		Entry("no pace", entries+"  - pace\n", "5:5", "settings are missing"),
		Entry("pace of something else", entries+"  - pace: 5/m\n", "5:11", "not a rate of octets"),
		Entry("a hold without end of counted sessions", entries+"  - hold\n", "5:5", "no end that could end this hold"),
		Entry("a hold with hasty commands", entries+"  - hold: {for: 5s, noop: 1ms}\n", "5:27", "between 1s and"),
		Entry("thinking without time", entries+"  - think\n", "5:5", "settings are missing"),

		Entry("a step that is a number", entries+"  - 5\n", "5:5", "step is wanted"),
		Entry("two steps in one entry", entries+"  - list: {path: a}\n    quit: {}\n", "6:5", "does not belong here"),
		Entry("a step without login", "name: x\nload: {sessions: 1, count: 1}\nsession: [retr: {path: a}]", "3:17", "login must come before"),
		Entry("a step after quit", entries+"  - quit\n  - list\n", "6:5", "login must come before"),
		Entry("a second login", entries+"  - login\n", "5:5", "already"),
		Entry("a login in a repeat", "name: x\nload: {sessions: 1, count: 1}\nsession:\n  - repeat: 3\n    steps: [login]\n", "5:13", "not in a repeat"),
		Entry("an unknown setting", entries+"  - retr: {file: a}\n", "5:12", `unknown field "file"`),
		Entry("a step that lacks its setting", entries+"  - retr\n", "5:5", "path is missing"),
		Entry("an unknown check", entries+"  - retr: {path: a, verify: md5}\n", "5:29", `"md5" is none of none, size, crc`),
		Entry("a number for a check", entries+"  - retr: {path: a, verify: 5}\n", "5:29", "in quotes"),
		Entry("a sum that there is not", entries+"  - retr: {path: a, verify: {md5: aa}}\n", "5:30", `unknown field "md5"`),
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
		Entry("stor without size", entries+"  - stor: {path: a}\n", "5:11", "size is missing"),
		Entry("stor into changing directories", entries+"  - stor: {size: 1, path: 'd{session}/x'}\n", "5:27", "not of its directory"),
		Entry("stor onto what is needed", entries+"  - stor: {size: 1, path: a}\nneeds:\n  - file: {path: a, size: 1}\n", "5:27", "store into another"),
		Entry("repeat without steps", entries+"  - repeat: 10\n", "5:5", "steps is missing"),
		Entry("repeat without steps, in braces", entries+"  - repeat: {times: 3}\n", "5:13", "steps is missing"),
		Entry("bare repeat", entries+"  - repeat\n", "5:5", "settings are missing"),
		Entry("repeat zero times", entries+"  - repeat: 0\n    steps: [list]\n", "5:13", "between 1 and"),
		Entry("repeat with both forms", entries+"  - repeat: {times: 3, steps: [list]}\n    steps: [list]\n", "6:5", "already"),
		Entry("an unknown setting of repeat", entries+"  - repeat: 3\n    steps: [list]\n    foo: 1\n", "7:5", `unknown field "foo"`),
		Entry("a wrong step in a repeat", entries+"  - repeat: 3\n    steps:\n      - list\n      - quit\n", "8:9", "not in a repeat"),
		Entry("thinking for ever", entries+"  - think: soon\n", "5:12", "not a duration"),

		Entry("a set without a number in the path", least+"needs:\n  - file: {path: a, size: 1, count: 3}\n", "5:18", "holds {file}"),
		Entry("a set without a count", least+"needs:\n  - file: {path: 'a{file}', size: 1}\n", "5:18", "how many with count"),
		Entry("an empty set", least+"needs:\n  - file: {path: 'a{file}', size: 1, count: 0}\n", "5:45", "between 1 and 10000"),

		Entry("a rate of failures that is no share", least+"want:\n  - rate(failures) < 5/s\n", "5:5", "not a share"),
		Entry("a rate that is a share", least+"want:\n  - rate(login) > 5%\n", "5:5", "not a rate"),
		Entry("a count with a unit", least+"want:\n  - count(login) > 5/s\n", "5:5", "not a whole number"),
		Entry("a throughput of a phase", least+"want:\n  - throughput(connect) > 5MiB/s\n", "5:5", "neither an operation"),
		Entry("the lateness of the closed model", least+"want:\n  - p99(start) < 5ms\n", "5:5", "neither an operation"),
		Entry("the time of a total", least+"want:\n  - p99(failures) < 5ms\n", "5:5", "neither an operation"),
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
		Entry(nil, "duration", "0s", "above zero"),
		Entry(nil, "size", "big", "not a size"),
		Entry(nil, "rate", "5/s", "set a duration first"),
		Entry(nil, "rate", "5", "not a rate"),
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
		if s.Name == "" || len(s.Session)+len(s.Mix) == 0 || s.Load.check(nil) != nil {
			t.Fatalf("accepted, but not complete: %#v", s)
		}
		if _, err := s.compile("d"); err != nil {
			t.Fatalf("accepted, but cannot be compiled: %v", err)
		}
	})
}
