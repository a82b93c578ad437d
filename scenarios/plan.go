package scenarios

import (
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// code says what an operation does.
type code uint8

const (
	// opBegin begins the named operation name, opEnd ends it.
	opBegin code = iota
	opEnd
	// opConnect opens the control connection and reads the greeting.
	opConnect
	// opEnter secures the control connection as the target asks for, logs in,
	// sets TYPE I, and enters the target's directory.
	opEnter
	// opDrop closes the control connection without a word.
	opDrop
	// opCommand sends text and expects a reply. Where none is expected in
	// particular, it waits for the final one.
	opCommand
	// opPassive asks for a passive port and expects a reply.
	opPassive
	// opOpenData opens the data connection there.
	opOpenData
	// opSecureData puts TLS on the data connection if the session is protected.
	opSecureData
	// opDrain receives to the end of the data, sums them up if there is a sum, and
	// discards them.
	opDrain
	// opReceive receives until size octets have come, or the data have ended.
	opReceive
	// opFeed sends size octets and ends the data.
	opFeed
	// opCloseData closes the data connection.
	opCloseData
	// opComplete waits for the final reply of a transfer, and expects it to be a
	// certain one.
	opComplete
	// opAbort ends the transfer with ABOR, closes the data connection, and expects
	// a reply.
	opAbort
	// opVerify expects that size octets have been moved by the operation.
	opVerify
	// opVerifySum expects that the sum of what opDrain received is digest, or
	// without one that of size octets of generated content.
	opVerifySum
	// opClaim makes sure that the file named by text was not there before the
	// run, and books it as the run's own.
	opClaim
	// opWait does nothing for a while.
	opWait
	// opHold does nothing for a while, or, when wait is zero, for as long as the
	// load lasts. When the load ends it jumps to target, and the session goes on
	// to its end instead of being interrupted.
	opHold
	// opPace has the data connections that follow move no more than size octets a
	// second; zero: as many as they can.
	opPace
	// opLoop jumps back to target, times-1 times.
	opLoop
	// opChoose jumps to one of the choices.
	opChoose
	// opJump jumps to target.
	opJump
	// opQuit says QUIT and closes the control connection.
	opQuit
)

// op is one operation of a plan. Which fields count depends on its code.
type op struct {
	code code
	// name is an index into plan.names.
	name int
	// text is a command or a path; if variable, with variables to be replaced.
	text     string
	variable bool
	// set is the number of files among which the variable for one chooses.
	set int64
	// class is the first digit that the reply must have, anyReply, or noClass.
	class int
	// codes are replies that are as good. One that comes before the end of the
	// operation ends it, and jumps to target.
	codes []int
	size  int64
	// sum and digest are those of a download.
	sum    algorithm
	digest string
	wait   time.Duration
	// depth is the number of loops around the operation.
	depth   int
	times   int64
	target  int
	choices []choice
}

// Values of op.class that are no digit of a reply.
const (
	anyReply = 0
	noClass  = -1
)

// choice is a place to jump to. Its weight is added to those before it: the last
// one has the sum of all.
type choice struct {
	upTo   int64
	target int
}

// plan is what a session does, as a flat program. It is plain data, shared by
// all sessions, and never changes.
type plan struct {
	ops []op
	// names are the operations that are counted and timed.
	names []string
	// uploads are the paths that sessions store, as far as the scenario names them.
	uploads []Path
	// generated are the paths whose content is compared with that of the run.
	generated []Path
	// ownDirectory is set when sessions store into the directory of the run.
	ownDirectory bool
	// tls is set when a target without TLS will not do.
	tls bool
}

// maxLoops is how deep repeats may be nested.
const maxLoops = 8

// compiler makes a plan of steps.
type compiler struct {
	plan
	// directory is the run's own, for uploads that name no path.
	directory string
	// needed are the files that the run sees to, sizes those of all that are known.
	needed map[Path]File
	sizes  map[Path]Size
	// growing are the files that are appended to, whose size is never known.
	growing map[Path]bool
	// open tells that there is a control connection at this point.
	open bool
	// moved tells that the session may not be in its first directory any more.
	moved bool
	// following is the step behind the one that is being compiled, offset what a
	// rest has set for it, nil without one.
	following Step
	offset    *Size
	// depth is the number of loops around this point, nested that of steps of any
	// kind.
	depth, nested int
	// set is the number of files that the path of this step stands for.
	set int64
	// subject is the end of the operation that an expect at this point is about; 0
	// when there is none.
	subject int
	// endless is a hold that lasts as long as the load.
	endless ast.Node
	// node is where the step stands in the file.
	node ast.Node
}

// compile makes the plan of sessions, each of which has its share of all. Errors
// stand at the step.
func compile(mix []Share, needs []Need, directory string) (*compiler, error) {
	c := &compiler{directory: directory, needed: map[Path]File{}, sizes: map[Path]Size{}, growing: map[Path]bool{}}
	for _, n := range needs {
		f := n.File
		if n.TLS {
			c.tls = true
			continue
		}
		if _, twice := c.needed[f.Path]; twice {
			return nil, wrong(f.node, "%s is needed twice", f.Path)
		}
		c.needed[f.Path], c.sizes[f.Path] = f, f.Size
	}
	for _, m := range mix {
		m.Session.all(func(s Step) {
			if a, ok := s.(*appe); ok {
				c.growing[a.Path] = true
			}
		})
	}
	if len(mix) == 1 {
		return c, c.steps(mix[0].Session)
	}
	return c, c.branch(len(mix), func(i int) (Count, error) {
		c.open, c.moved = false, false
		return mix[i].Weight, c.steps(mix[i].Session)
	})
}

func (c *compiler) steps(steps Steps) error {
	for i, s := range steps {
		c.node, c.set = s.node, 0
		if _, ok := s.Step.(*expect); !ok {
			c.subject = 0
		}
		c.following = nil
		if i+1 < len(steps) {
			c.following = steps[i+1].Step
		}
		if err := s.Step.compile(c); err != nil {
			return err
		}
	}
	return nil
}

// inner compiles steps that stand in another.
func (c *compiler) inner(steps Steps) error {
	c.nested++
	defer func() { c.nested-- }()
	return c.steps(steps)
}

// branch compiles n alternatives, each of which tells its weight.
func (c *compiler) branch(n int, alternative func(i int) (Count, error)) error {
	at := len(c.ops)
	c.emit(op{code: opChoose})
	var choices []choice
	var exits []int
	sum := int64(0)
	for i := range n {
		target := len(c.ops)
		weight, err := alternative(i)
		if err != nil {
			return err
		}
		sum += int64(weight)
		choices = append(choices, choice{sum, target})
		exits = append(exits, len(c.ops))
		c.emit(op{code: opJump})
	}
	c.ops[at].choices = choices
	for _, i := range exits {
		c.ops[i].target = len(c.ops)
	}
	c.subject = 0
	return nil
}

// known is the size of a file, if that is the same each time.
func (c *compiler) known(path Path) (Size, bool) {
	size, ok := c.sizes[path]
	return size, ok && !c.growing[path] && !c.astray(path)
}

// astray tells that nobody knows, before the run, which file the path means.
func (c *compiler) astray(path Path) bool { return c.moved && !strings.HasPrefix(string(path), "/") }

// reads checks the path of a file that is only read. It may stand for a set of files.
func (c *compiler) reads(path Path) error {
	if !strings.Contains(string(path), fileVariable) {
		return nil
	}
	f, ok := c.needed[path]
	if !ok || c.astray(path) {
		return c.wrong("path", "%s is no set of files: name it under needs, as file: {path: %[1]s, count: 10, size: 4KiB}", path)
	}
	c.set = int64(f.Count)
	return nil
}

// wrong is an error at a setting of the step that is being compiled.
func (c *compiler) wrong(key, format string, args ...any) error {
	if c.node == nil {
		return wrong(nil, format, args...)
	}
	return wrong(field(c.node, key), format, args...)
}

// connected refuses a step that has no control connection to work on.
func (c *compiler) connected() error {
	if !c.open {
		return c.wrong("", "a login must come before this step")
	}
	return nil
}

func (c *compiler) emit(o op) {
	o.depth = c.depth
	o.variable = Path(o.text).Variable()
	if o.variable {
		o.set = c.set
	}
	c.ops = append(c.ops, o)
}

// operation wraps what body emits into a named operation.
func (c *compiler) operation(name string, ops ...op) {
	i := slices.Index(c.names, name)
	if i < 0 {
		i = len(c.names)
		c.names = append(c.names, name)
	}
	c.emit(op{code: opBegin, name: i})
	for _, o := range ops {
		c.emit(o)
	}
	c.subject = len(c.ops)
	c.emit(op{code: opEnd, name: i})
}

// loop repeats steps.
func (c *compiler) loop(times Count, steps Steps) error {
	at := len(c.ops)
	// What a round leaves behind, the next one finds.
	steps.all(func(s Step) {
		switch s.(type) {
		case *cwd, *raw:
			c.moved = true
		}
	})
	c.depth++
	err := c.inner(steps)
	c.depth--
	c.emit(op{code: opLoop, times: int64(times), target: at})
	c.subject = 0
	return err
}
