package probe

import (
	"io"
	"net"
	"testing"
	"time"
)

// gathered is a connection that gathers, and its peer.
func gathered(t *testing.T) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	g := gather(conn.(*net.TCPConn))
	t.Cleanup(func() { _, _ = g.Close(), peer.Close() })
	patience := time.Now().Add(30 * time.Second)
	_, _ = g.SetDeadline(patience), peer.SetDeadline(patience)
	return g, peer
}

// A peer that has sent a lot, then a little, and waits for an answer, gets it: no
// octet is left lying because more are hoped for.
func TestGatherLeavesNothing(t *testing.T) {
	g, peer := gathered(t)
	const bulk, last = 300_000, 1
	answered := make(chan error, 1)
	go func() {
		answered <- func() error {
			answer := make([]byte, 1)
			for range 50 {
				for _, n := range []int{bulk, last, last} {
					if _, err := peer.Write(make([]byte, n)); err != nil {
						return err
					}
					if _, err := io.ReadFull(peer, answer); err != nil {
						return err
					}
				}
			}
			return peer.Close()
		}()
	}()
	buf := make([]byte, bulk)
	for range 50 {
		for _, n := range []int{bulk, last, last} {
			if _, err := io.ReadFull(g, buf[:n]); err != nil {
				t.Fatal(err)
			}
			if _, err := g.Write(buf[:1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if n, err := g.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("%d, %v at the end", n, err)
	}
}

func TestGatherKeepsDeadlines(t *testing.T) {
	g, peer := gathered(t)
	const bulk = 300_000
	if _, err := peer.Write(make([]byte, bulk)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(g, make([]byte, bulk)); err != nil {
		t.Fatal(err)
	}
	if err := g.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	n, err := g.Read(make([]byte, 1))
	if e, ok := err.(net.Error); n != 0 || !ok || !e.Timeout() {
		t.Errorf("%d, %v of silence", n, err)
	}
}

func TestGatherDoesNotAllocate(t *testing.T) {
	g, peer := gathered(t)
	// Each time is enough for the reader to sleep once.
	sent, got := make([]byte, 200_000), make([]byte, 200_000)
	n := testing.AllocsPerRun(100, func() {
		if _, err := peer.Write(sent); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(g, got); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations for a read", n)
	}
}
