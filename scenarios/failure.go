package scenarios

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// group is what failures have in common.
type group struct {
	phase, cause string
	code         int
}

// maxGroups bounds how many groups of failures are told apart. The server
// chooses the reply codes, so it could make thousands.
const maxGroups = 100

// verifyError is a transfer that the server called complete and that was not
// what it should be: "1000 octets" instead of "4096".
type verifyError struct{ got, want string }

func (e *verifyError) Error() string {
	return fmt.Sprintf("transfer: %s instead of %s, and the server said that the transfer was complete", e.got, e.want)
}

// occupiedError is an upload that would have overwritten somebody's file.
type occupiedError struct{ path string }

func (e *occupiedError) Error() string {
	return fmt.Sprintf("command: %s was there before the run and is not overwritten", probe.Printable(e.path))
}

func groupOf(err error) group {
	var wire *probe.Error
	var size *verifyError
	var occupied *occupiedError
	switch {
	case errors.As(err, &wire):
		return group{wire.Phase.String(), wire.Cause.String(), wire.Reply.Code}
	case errors.As(err, &size):
		return group{probe.Transferring.String(), "verify", 0}
	case errors.As(err, &occupied):
		return group{probe.Command.String(), "occupied", 0}
	}
	return group{probe.Command.String(), probe.CauseOf(err).String(), 0}
}

// reason says why a session that was due could not begin.
type reason uint8

const (
	// atMost: as many ran as may.
	atMost reason = iota
	outOfDescriptors
	outOfPorts
	outOfOther

	reasons = int(outOfOther) + 1
)

func (r reason) String() string {
	return [...]string{"at-most", "file descriptors", "ports", "resources"}[r]
}

// reasonOf tells what this machine ran out of.
func reasonOf(err error) reason {
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return outOfDescriptors
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EADDRINUSE):
		return outOfPorts
	}
	return outOfOther
}

// lack tells what this machine had run out of when a connection could not be
// made, [reasons] when that is not why.
func lack(err error) reason {
	if probe.CauseOf(err) != probe.Local {
		return reason(reasons)
	}
	return reasonOf(err)
}

// failure is one failed operation.
type failure struct {
	group
	// lacking is what this machine had run out of, [reasons] when it had not.
	lacking reason
	text    string
	lines   []report.Line
}

// Bounds of an example: how many lines of the transcript, and how long.
const (
	exampleLines = 60
	exampleWidth = 1000
)

// example adds what is shown of the group.
func (f *failure) example(err error, t *probe.Transcript) {
	f.text = shorten(err.Error())
	if t == nil {
		return
	}
	lines := t.Lines()
	for _, l := range lines[max(0, len(lines)-exampleLines):] {
		f.lines = append(f.lines, report.Line{At: report.InSeconds(l.At), Dir: l.Dir.String(), Text: shorten(l.Text)})
	}
}

func shorten(s string) string {
	if len(s) > exampleWidth {
		return s[:exampleWidth] + "…"
	}
	return s
}
