package probe_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
)

// bulk opens a session on a server with a large file of zeros in it.
func bulk(tb testing.TB, size int64) *probe.Session {
	tb.Helper()
	fs := ftptest.NewMemory()
	if err := fs.WriteZeros("/pub/bulk.bin", size); err != nil {
		tb.Fatal(err)
	}
	server, err := ftptest.Start(ftptest.Config{FS: fs, Discard: "/sink/"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = server.Close() })
	target, err := probe.ParseTarget(server.URL())
	if err != nil {
		tb.Fatal(err)
	}
	s, err := (&probe.Dialer{}).Open(tb.Context(), target)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// download retrieves the file; a nil writer discards it.
func download(tb testing.TB, s *probe.Session, w io.Writer, want int64) {
	tb.Helper()
	t, err := s.Retrieve(tb.Context(), "RETR /pub/bulk.bin", w)
	if err != nil || t.Bytes != want {
		tb.Fatalf("%d bytes of %d: %v", t.Bytes, want, err)
	}
}

// A transfer costs as many allocations, however much is transferred.
func TestBulkDoesNotAllocatePerRead(t *testing.T) {
	const small, large = 1 << 20, 256 << 20
	mallocs := func(move func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		move()
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	// The server is in this process, so what it does is measured as well, and a
	// runtime that does something of its own now and then. A thousand more
	// reads would show.
	const slack = 200

	few, many := bulk(t, small), bulk(t, large)
	download(t, few, nil, small) // what is made once is made now
	download(t, many, nil, large)
	for name, w := range map[string]func() io.Writer{
		"discarding": func() io.Writer { return nil },
		"summing":    func() io.Writer { return new(probe.Sum) },
	} {
		a := mallocs(func() { download(t, few, w(), small) })
		b := mallocs(func() { download(t, many, w(), large) })
		if b > a+slack {
			t.Errorf("%s: %d allocations for 1 MiB, %d for 256 MiB", name, a, b)
		}
	}
}

// The end of the data may have arrived together with them, before the reader
// looks; nothing wakes it again then.
func TestDownloadThatIsOverBeforeItIsRead(t *testing.T) {
	s := bulk(t, 4096)
	for range 200 {
		download(t, s, nil, 4096)
	}
}

// A server that goes silent below the low-water mark has sent what it has sent.
func TestStallCountsEveryByte(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const sent = 8<<20 + 12345
	release := make(chan struct{})
	defer close(release)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Write(make([]byte, sent))
		<-release
	}()
	s := control(t, 300*time.Millisecond)
	c, err := s.DialData(t.Context(), addrPort(l))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Receive(t.Context(), nil)
	if probe.CauseOf(err) != probe.Stalled || c.Bytes() != sent {
		t.Errorf("%d bytes of %d, %v", c.Bytes(), sent, err)
	}
}

func TestCancelEndsADownload(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Write(make([]byte, 1<<20))
		cancel()
		_, _ = io.Copy(io.Discard, c)
	}()
	c, err := control(t, time.Minute).DialData(t.Context(), addrPort(l))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Receive(ctx, nil); probe.CauseOf(err) != probe.Canceled {
		t.Errorf("%v", err)
	}
}

// control is a session whose control connection plays no part.
func control(t *testing.T, timeout time.Duration) *probe.Session {
	t.Helper()
	server, err := ftptest.Start(ftptest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	target, err := probe.ParseTarget(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&probe.Dialer{Timeout: timeout}).Dial(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestFeedSendsContent(t *testing.T) {
	s := bulk(t, 0)
	for _, size := range []int64{0, 1, 1<<20 + 7} {
		o, err := s.PASV(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.DialData(t.Context(), o.Dial(probe.DialAdvertised, s.Peer()))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Do(t.Context(), "STOR /pub/fed.bin"); err != nil || !r.Preliminary() {
			t.Fatal(r, err)
		}
		if err := c.Feed(t.Context(), size); err != nil {
			t.Fatal(err)
		}
		if err := c.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Complete(t.Context()); err != nil || !r.Positive() {
			t.Fatal(r, err)
		}
		var back bytes.Buffer
		if _, err := s.Retrieve(t.Context(), "RETR /pub/fed.bin", &back); err != nil {
			t.Fatal(err)
		}
		want, _ := io.ReadAll(probe.Content(size))
		if !bytes.Equal(back.Bytes(), want) {
			t.Errorf("%d bytes come back as %d others", size, back.Len())
		}
	}
}

// The ways to take a download, on one server in one run: only their ratios mean
// something.
func BenchmarkReceive(b *testing.B) {
	const size = 256 << 20
	for name, w := range map[string]func() io.Writer{
		"discard": func() io.Writer { return nil },
		"sum":     func() io.Writer { return new(probe.Sum) },
		"copy":    func() io.Writer { return io.Discard },
	} {
		b.Run(name, func(b *testing.B) {
			s := bulk(b, size)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				download(b, s, w(), size)
			}
		})
	}
}

func BenchmarkFeed(b *testing.B) {
	const size = 256 << 20
	s := bulk(b, 0)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Store(b.Context(), "STOR /sink/x", probe.Content(size)); err != nil {
			b.Fatal(err)
		}
	}
}
