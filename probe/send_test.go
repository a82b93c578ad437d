package probe

import (
	"io"
	"net"
	"testing"
	"time"
)

// A server that takes a block for longer than the patience lasts, but goes on
// taking, is slow and not silent.
func TestSlowUploadIsNoStall(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	size := int64(len(feedBlock()))
	took := make(chan int64, 1)
	go func() {
		var n int64
		defer func() { took <- n }()
		control, err := l.Accept()
		if err != nil {
			return
		}
		defer control.Close()
		if _, err = io.WriteString(control, "220 ready\r\n"); err != nil {
			return
		}
		data, err := l.Accept()
		if err != nil {
			return
		}
		defer data.Close()
		pace := time.NewTicker(20 * time.Millisecond)
		defer pace.Stop()
		for err == nil {
			var m int64
			m, err = io.CopyN(io.Discard, data, 16<<10)
			n += m
			<-pace.C
		}
	}()
	at := addrPort(l.Addr())
	s, err := (&Dialer{Timeout: 300 * time.Millisecond}).Dial(t.Context(), Target{Host: at.Addr().String(), Port: at.Port()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.DialData(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	// Little room in the kernel, so that the server's pace is ours.
	if err := c.tcp.SetWriteBuffer(16 << 10); err != nil {
		t.Fatal(err)
	}
	if err := c.Feed(t.Context(), size); err != nil {
		t.Errorf("after %d bytes: %v", c.Bytes(), err)
	}
	_ = c.Close()
	if n := <-took; n != size {
		t.Errorf("%d bytes of %d", n, size)
	}
}
