package probe

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
)

// octetConn is a connection that octets are read from.
type octetConn struct {
	net.Conn
	io.Reader
}

func (c octetConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }

// However the octets arrive, no read goes past the end of a record, and what
// comes behind the last one is kept.
func TestRecords(t *testing.T) {
	const first, second, clear = "\x17\x03\x03\x00\x03abc", "\x15\x03\x03\x01\x00", "220 clear\r\n"
	body := strings.Repeat("x", 256)
	for name, arriving := range map[string]func(io.Reader) io.Reader{
		"at once":        func(r io.Reader) io.Reader { return r },
		"octet by octet": iotest.OneByteReader,
		"in halves":      iotest.HalfReader,
	} {
		r := &records{wire: wire{Conn: octetConn{Reader: arriving(strings.NewReader(first + second + body + clear))}}}
		for _, want := range []string{first[:5], first[5:], second, body} {
			// More is asked for than the part of the record has.
			got := make([]byte, 0, 1024)
			for len(got) < len(want) {
				n, err := r.Read(got[len(got):cap(got)])
				if err != nil {
					t.Fatalf("%s: %v after %q", name, err, got)
				}
				got = got[:len(got)+n]
			}
			if string(got) != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		rest, err := io.ReadAll(r.Conn)
		if err != nil || string(r.unread)+string(rest) != clear {
			t.Errorf("%s: %q and %q are left, %v", name, r.unread, rest, err)
		}
		if r.ended {
			t.Errorf("%s: ended before the end", name)
		}
	}
}
