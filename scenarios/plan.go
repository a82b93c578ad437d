package scenarios

import (
	"slices"
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
	// opCommand sends text and expects a reply of a class.
	opCommand
	// opPassive asks for a passive port.
	opPassive
	// opOpenData opens the data connection there.
	opOpenData
	// opSecureData puts TLS on the data connection if the session is protected.
	opSecureData
	// opDrain receives to the end of the data, sums them up if there is a sum, and
	// discards them.
	opDrain
	// opFeed sends size octets and ends the data.
	opFeed
	// opCloseData closes the data connection.
	opCloseData
	// opComplete waits for the final reply of a transfer and expects a class.
	opComplete
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
	// opLoop jumps back to target, times-1 times.
	opLoop
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
	// class is the first digit that the reply must have.
	class int
	size  int64
	// sum and digest are those of a download.
	sum    algorithm
	digest string
	wait   time.Duration
	// depth is the number of loops around the operation.
	depth  int
	times  int64
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
}

// maxLoops is how deep repeats may be nested.
const maxLoops = 8

// compiler makes a plan of steps.
type compiler struct {
	plan
	// directory is the run's own, for uploads that name no path.
	directory string
	// sizes of files that are known.
	sizes map[Path]Size
	// open tells that there is a control connection at this point.
	open  bool
	depth int
	// node is where the step stands in the file.
	node ast.Node
}

// compile makes the plan of a session. Errors stand at the step.
func compile(steps Steps, needs []Need, directory string) (*plan, error) {
	c := &compiler{directory: directory, sizes: map[Path]Size{}}
	for _, n := range needs {
		if _, twice := c.sizes[n.File.Path]; twice {
			return nil, wrong(n.File.node, "%s is needed twice", n.File.Path)
		}
		c.sizes[n.File.Path] = n.File.Size
	}
	if err := c.steps(steps); err != nil {
		return nil, err
	}
	return &c.plan, nil
}

func (c *compiler) steps(steps Steps) error {
	for _, s := range steps {
		c.node = s.node
		if err := s.Step.compile(c); err != nil {
			return err
		}
	}
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
	c.emit(op{code: opEnd, name: i})
}

// loop repeats steps.
func (c *compiler) loop(times Count, steps Steps) error {
	at := len(c.ops)
	c.depth++
	err := c.steps(steps)
	c.depth--
	c.emit(op{code: opLoop, times: int64(times), target: at})
	return err
}
