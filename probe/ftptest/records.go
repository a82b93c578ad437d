package ftptest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
)

// records hands out the octets of a TLS connection record by record. crypto/tls reads as much
// as it can get; without the boundaries it would swallow the clear text that follows TLS
// after CCC and REIN.
type records struct {
	net.Conn
	header  [5]byte // type, version, length
	have    int     // octets of header that were read
	body    int     // octets of the record that are still to come
	ending  bool    // close_notify was sent: anything but a record is clear text
	isClear bool    // header[0] is the first octet of the clear text
}

func (r *records) Read(p []byte) (int, error) {
	if r.isClear {
		return 0, io.EOF
	}
	if r.body > 0 {
		n, err := r.Conn.Read(p[:min(len(p), r.body)])
		r.body -= n
		return n, err
	}
	want := len(r.header) - r.have
	if r.ending && r.have == 0 {
		want = 1
	}
	n, err := r.Conn.Read(r.header[r.have:][:min(len(p), want)])
	if n > 0 && r.ending && r.have == 0 && !recordType(r.header[0]) {
		r.isClear = true
		return 0, io.EOF
	}
	copy(p, r.header[r.have:][:n])
	if r.have += n; r.have == len(r.header) {
		r.have = 0
		r.body = int(binary.BigEndian.Uint16(r.header[3:]))
	}
	return n, err
}

// recordType reports whether b begins a TLS record rather than a command line.
func recordType(b byte) bool { return b >= 20 && b <= 24 }

// ended reports whether err is the end of TLS at which clear text may follow: a close_notify,
// or clear text itself.
func (r *records) ended(err error) bool { return r.isClear || errors.Is(err, io.EOF) }

// clear returns the first octet of the clear text when it was read already.
func (r *records) clear() (byte, bool) { return r.header[0], r.isClear }
