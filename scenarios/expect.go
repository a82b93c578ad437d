package scenarios

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

func init() {
	register("expect", "say how the step before must come out", func() Step { return &expect{} })
}

// expect says how the operation of the step before must come out, instead of the
// usual:
//
//	expect: {code: 550}           the final reply must be this one
//	expect: {code: [226, 425]}    or one of these
//	expect: {bytes: 4KiB}         so many octets must have moved
//	expect: {crc32c: e3069283}    with this sum, or {sha256: ...}
//
// A refusal that is expected is no failure, and has no part in the latencies.
type expect struct {
	Code   codes        `yaml:"code"`
	Bytes  Size         `yaml:"bytes"`
	CRC32C crc32cDigits `yaml:"crc32c"`
	SHA256 sha256Digits `yaml:"sha256"`
	node   ast.Node
}

// codes is a list of reply codes, or a single one.
type codes []int

// UnmarshalYAML reads 226 and [226, 250].
func (c *codes) UnmarshalYAML(n ast.Node) error {
	list := []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		list = s.Values
	}
	for _, v := range list {
		var code Count
		if err := code.UnmarshalYAML(v); err != nil {
			return err
		}
		if err := between(v, "a reply code", code, 200, 699); err != nil {
			return err
		}
		*c = append(*c, int(code))
	}
	if len(*c) == 0 {
		return wrong(n, "a reply code is wanted here")
	}
	return nil
}

// UnmarshalYAML reads what is expected. Nothing at all is no expectation.
func (e *expect) UnmarshalYAML(n ast.Node) error {
	if m, ok := n.(*ast.MappingNode); !ok || len(m.Values) == 0 {
		return wrong(n, "an expectation is wanted here: code, bytes, crc32c or sha256")
	}
	type plain expect
	if err := decode(n, (*plain)(e)); err != nil {
		return err
	}
	if e.CRC32C != "" && e.SHA256 != "" {
		return wrong(n, "one sum is enough")
	}
	e.node = n
	return nil
}

func (*expect) laden() {}

// replies tells the operations that expect one.
func (o *op) replies() bool {
	return o.code == opCommand || o.code == opPassive || o.code == opComplete || o.code == opAbort || o.code == opQuit
}

func (e *expect) compile(c *compiler) error {
	end := c.subject
	if end == 0 {
		return c.wrong("", "expect stands behind the step that it is about")
	}
	begin := end
	for c.ops[begin].code != opBegin {
		begin--
	}
	body := slices.Clone(c.ops[begin+1 : end])
	last := func(is func(o *op) bool) *op {
		for i := range slices.Backward(body) {
			if is(&body[i]) {
				return &body[i]
			}
		}
		return nil
	}
	drain := last(func(o *op) bool { return o.code == opDrain })
	var checks []op
	if has(e.node, "bytes") {
		if drain == nil && last(func(o *op) bool { return o.code == opFeed }) == nil {
			return c.wrong("bytes", "the step before moves no data to their end")
		}
		checks = append(checks, op{code: opVerify, size: int64(e.Bytes)})
	}
	if sum, digest := sumOf(e.CRC32C, e.SHA256); sum != noSum {
		if drain == nil || drain.sum != noSum && drain.sum != sum {
			return c.wrong("", "the step before receives no data that could have this sum")
		}
		drain.sum = sum
		checks = append(checks, op{code: opVerifySum, sum: sum, digest: digest})
	}
	for i := range checks {
		checks[i].depth = c.depth
	}
	if len(e.Code) > 0 {
		final := last((*op).replies)
		if final == nil {
			return c.wrong("code", "the step before has no reply that could be another")
		}
		final.class, final.codes = noClass, e.Code
	}
	// Where a reply ends the operation before its time.
	c.subject = end + len(checks)
	for i := range body {
		if o := &body[i]; o.replies() && (o.target != 0 || len(e.Code) > 0) && o.class != noClass {
			o.target = c.subject
			if len(e.Code) > 0 {
				o.codes = e.Code
			}
		}
	}
	c.ops = slices.Concat(c.ops[:begin+1], body, checks, c.ops[end:])
	return nil
}
