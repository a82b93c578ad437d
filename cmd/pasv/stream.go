package main

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/report/render/jsonl"
)

// stream is where --jsonl goes. The zero value goes nowhere.
type stream struct {
	lines *jsonl.Stream
	file  io.Closer
	// err is why lines are missing.
	err error
}

// openStream begins the lines.
func (j *job) openStream() error {
	switch j.jsonl {
	case "":
		return nil
	case "-":
		j.stream.lines = &jsonl.Stream{W: j.stdout}
	default:
		f, err := os.Create(j.jsonl)
		if err != nil {
			return err
		}
		j.stream.lines, j.stream.file = &jsonl.Stream{W: f}, f
	}
	j.say(func(s *jsonl.Stream) error { return s.Start(j.report) })
	return nil
}

// say writes a line. The run does not depend on it: when nobody reads the lines
// any more, or the disk is full, it goes on.
func (j *job) say(write func(*jsonl.Stream) error) {
	if j.stream.lines == nil {
		return
	}
	if err := write(j.stream.lines); err != nil {
		j.stream.err = err
		j.complain("--jsonl: %v; the run goes on without it", err)
	}
}

// sayResult writes the line of a result, without secrets.
func (j *job) sayResult(r report.Result) {
	one := report.Run{Check: &report.Check{Results: []report.Result{r}}}
	j.redact(&one)
	j.say(func(s *jsonl.Stream) error { return s.Result(one.Check.Results[0]) })
}

// endStream writes the last line.
func (j *job) endStream() {
	j.say(func(s *jsonl.Stream) error { return s.End(j.report) })
	if j.stream.file != nil {
		j.stream.err = errors.Join(j.stream.err, j.stream.file.Close())
	}
}

// incomplete tells that lines are missing that somebody wants: who has closed the
// pipe does not.
func (s *stream) incomplete() bool { return s.err != nil && !errors.Is(s.err, syscall.EPIPE) }

// outlive lets the run go on when nobody reads stdout or stderr any more, so that
// it can clean up and write its report. The function ends that.
func outlive() (end func()) {
	signal.Ignore(syscall.SIGPIPE)
	return func() { signal.Reset(syscall.SIGPIPE) }
}
