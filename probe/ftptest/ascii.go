package ftptest

import (
	"bytes"
	"io"
)

// asciiReader turns the line ends of a file, LF, into those of TYPE A, CR LF
// (RFC 959 §3.1.1.1). Nothing else changes, so that asciiWriter is its exact inverse.
type asciiReader struct {
	from io.Reader
	in   [32 << 10]byte
	out  []byte // converted, not yet read
	buf  []byte
	err  error
}

func newASCIIReader(from io.Reader) *asciiReader { return &asciiReader{from: from} }

func (r *asciiReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		var n int
		n, r.err = r.from.Read(r.in[:])
		r.buf = r.buf[:0]
		for rest := r.in[:n]; len(rest) > 0; {
			line, tail, found := bytes.Cut(rest, []byte{'\n'})
			r.buf = append(r.buf, line...)
			if found {
				r.buf = append(r.buf, '\r', '\n')
			}
			rest = tail
		}
		r.out = r.buf
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// asciiWriter turns CR LF into LF. A CR at the end of a piece waits for the next.
type asciiWriter struct {
	to io.Writer
	cr bool
}

func (w *asciiWriter) Write(p []byte) (int, error) {
	out := make([]byte, 0, len(p)+1)
	for _, c := range p {
		if w.cr && c != '\n' {
			out = append(out, '\r')
		}
		if w.cr = c == '\r'; !w.cr {
			out = append(out, c)
		}
	}
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// end writes the CR that the last octet was.
func (w *asciiWriter) end() error {
	if !w.cr {
		return nil
	}
	w.cr = false
	_, err := w.to.Write([]byte{'\r'})
	return err
}

// asciiSize is the number of octets of a file in TYPE A.
func asciiSize(files FS, path string) (int64, error) {
	file, err := files.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var size int64
	buf := make([]byte, 64<<10)
	for {
		n, err := file.Read(buf)
		size += int64(n) + int64(bytes.Count(buf[:n], []byte{'\n'}))
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
