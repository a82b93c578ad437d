package ftptest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// send copies a file or listing to the client and closes the data connection.
func (t *transfer) send(from io.Reader) error {
	if err := t.copy(from); err != nil {
		return err
	}
	if err := t.finish(); err != nil {
		return err
	}
	if h := t.s.hooks.hangUp; h != nil && h(t) {
		return nil
	}
	secure, ok := t.conn.(*tls.Conn)
	if !ok {
		return t.tcp.Close()
	}
	secure.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := secure.CloseWrite(); err != nil {
		return err
	}
	if err := t.tcp.CloseWrite(); err != nil {
		return err
	}
	// The close_notify of the client is still to come.
	t.draining = true
	t.s.srv.group.Go(func() {
		defer t.s.srv.untrack(t.tcp)
		drain(t.tcp)
	})
	return nil
}

// leaveOpen leaves the data connection to the client, or to Close.
func (t *transfer) leaveOpen() {
	t.draining = true
	t.tcp.SetDeadline(time.Time{})
	t.s.srv.group.Go(func() {
		defer t.s.srv.untrack(t.tcp)
		defer t.tcp.Close()
		_, _ = io.Copy(io.Discard, t.tcp)
	})
}

// piece is how much is sent between two looks at the clock.
const piece = 4 << 20

func (t *transfer) copy(from io.Reader) error {
	var to io.Writer = dataWriter{t}
	if h := t.s.hooks.download; h != nil {
		to = h(t, to)
	} else if file, ok := from.(*os.File); ok && t.conn == t.tcp {
		return t.sendFile(file)
	}
	if w, ok := from.(io.WriterTo); ok {
		_, err := w.WriteTo(to)
		return err
	}
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, buf[:])
	return err
}

// sendFile leaves the work to the kernel (sendfile). The deadline is for one piece; a client
// that is slow but not dead gets another one.
func (t *transfer) sendFile(file *os.File) error {
	for {
		t.tcp.SetWriteDeadline(time.Now().Add(t.s.srv.cfg.StallTimeout))
		n, err := io.CopyN(t.tcp, file, piece)
		t.count(n)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)):
			return err
		}
	}
}

func (t *transfer) count(n int64) {
	t.moved.Add(n)
	t.s.srv.counters.bytesOut.Add(n)
}

const bufferSize = 256 << 10

// buffers keeps the buffers of transfers that go through memory.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// dataWriter writes to the data connection for as long as something moves.
type dataWriter struct{ t *transfer }

func (w dataWriter) Write(p []byte) (total int, err error) {
	t := w.t
	for total < len(p) {
		rest := p[total:]
		if t.conn != t.tcp && len(rest) > bufferSize {
			rest = rest[:bufferSize] // TLS cannot go on after a timeout, so a shorter way to the next
		}
		t.conn.SetWriteDeadline(time.Now().Add(t.s.srv.cfg.StallTimeout))
		n, err := t.conn.Write(rest)
		t.count(int64(n))
		total += n
		if err != nil && (n == 0 || t.conn != t.tcp || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return total, err
		}
	}
	return total, nil
}

// receive copies what the client sends, up to its end, and closes the data connection.
func (t *transfer) receive(to io.Writer) error {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	var from io.Reader = dataReader{t}
	if h := t.s.hooks.upload; h != nil {
		from = h(t, from)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{to}, from, buf[:]); err != nil {
		return err
	}
	return nil
}

// cutDetector notices when the TCP connection below TLS ends. crypto/tls takes that for the end
// of the stream even if there was no close_notify.
type cutDetector struct {
	net.Conn
	ended bool
}

func (c *cutDetector) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.ended = c.ended || err == io.EOF
	return n, err
}

// dataReader reads from the data connection for as long as something moves. A TLS stream that ends
// without close_notify may have been cut by anybody, so it is no complete upload.
type dataReader struct{ t *transfer }

func (r dataReader) Read(p []byte) (int, error) {
	t := r.t
	t.conn.SetReadDeadline(time.Now().Add(t.s.srv.cfg.StallTimeout))
	n, err := t.conn.Read(p)
	total := t.moved.Add(int64(n))
	t.s.srv.counters.bytesIn.Add(int64(n))
	if most := t.s.srv.cfg.MaxUpload; most > 0 && total > most {
		return 0, fail(552, "More than %d octets, storage allocation exceeded.", most)
	}
	if err == io.EOF && t.cut != nil && t.cut.ended {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
