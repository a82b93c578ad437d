package probe

import (
	"context"
	"net"
	"testing"
)

// BenchmarkDo is the cost of one command on a control connection that is in
// step: besides the time of the loopback, system calls and allocations.
func BenchmarkDo(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		greeting, reply, command := []byte("220 ready\r\n"), []byte("200 ok\r\n"), make([]byte, 64)
		_, err = conn.Write(greeting)
		for err == nil {
			if _, err = conn.Read(command); err == nil {
				_, err = conn.Write(reply)
			}
		}
	}()
	at := addrPort(l.Addr())
	s, err := (&Dialer{}).Dial(context.Background(), Target{Host: at.Addr().String(), Port: at.Port()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Do(context.Background(), "NOOP"); err != nil {
			b.Fatal(err)
		}
		s.Timeline().Reset()
		s.Transcript().Keep(10)
	}
	s.Close()
	<-served
}
