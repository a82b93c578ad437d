package main

import (
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/term"
)

// screen is stderr, shared by the display of a run and by whoever has something to
// say meanwhile: on a terminal it goes above the bars, or it would be drawn over.
type screen struct {
	io.Writer
	display atomic.Pointer[io.Writer]
}

func (s *screen) Write(b []byte) (int, error) {
	if d := s.display.Load(); d != nil {
		return (*d).Write(b)
	}
	return s.Writer.Write(b)
}

// raise has everything go through a display, which writes to the screen's own
// writer.
func (s *screen) raise(d io.Writer) { s.display.Store(&d) }

// isTerminal tells whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
