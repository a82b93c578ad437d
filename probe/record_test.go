package probe_test

import (
	"bytes"
	"flag"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

var update = flag.Bool("update", false, "record the answers of the real servers in testdata anew")

// TestRecord renews testdata: what the real servers say to every command that
// this package reads the answer of, and their listings.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("records only with -update")
	}
	for _, kind := range daemon.All() {
		t.Run(kind.String(), func(t *testing.T) { record(t, kind) })
	}
}

func record(t *testing.T, kind daemon.Kind) {
	d := daemon.Start(t, kind, daemon.Options{TLS: true})
	for name, age := range map[string]time.Duration{
		"pub/two  words.txt": 0, "pub/old.txt": 3 * 365 * 24 * time.Hour, "pub/café.txt": time.Hour,
	} {
		must(t, d.WriteFile(name, []byte("Hello\r\n")))
		when := time.Now().Add(-age)
		must(t, os.Chtimes(filepath.Join(d.Root, name), when, when))
	}
	must(t, os.Symlink("hello.txt", filepath.Join(d.Root, "pub", "link")))

	conn, err := net.Dial("tcp", d.Addr.String())
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	r := &recorder{t: t, conn: conn, peer: d.Addr.Addr()}
	r.receive()
	for _, command := range []string{
		"NOOP", "FEAT", "PBSZ 0", "USER " + d.User, "PASS " + d.Pass, "SYST", "FEAT", "HELP", "STAT", "NOOP", "PWD", "TYPE I", "OPTS UTF8 ON",
		"CWD pub", "PWD", "SIZE 4k.bin", "SIZE missing", "SIZE .", "MDTM old.txt", "MDTM missing", "MLST 4k.bin", "MLST .", "STAT .",
		`MKD say "hello"`, `CWD say "hello"`, "PWD", "CDUP", `RMD say "hello"`, "MKD /new", "RMD /new", "RNFR missing", "RNTO x", "REST 100", "REST 0",
		"PASV", "PASV", "EPSV", "EPSV 1", "EPSV 9", "EPSV x", "XYZZY",
	} {
		r.do(command)
	}
	list, mlsd, nlst := r.transfer("LIST"), r.transfer("MLSD"), r.transfer("NLST")
	r.transfer("RETR missing")
	r.do("EPSV ALL")
	r.do("PASV")
	r.do("QUIT")
	for name, content := range map[string][]byte{
		"replies/" + kind.String() + ".txt":       r.said.Bytes(),
		"listings/" + kind.String() + "-list.txt": list,
		"listings/" + kind.String() + "-mlsd.txt": mlsd,
		"listings/" + kind.String() + "-nlst.txt": nlst,
	} {
		if len(content) > 0 {
			must(t, os.WriteFile(filepath.Join("testdata", name), content, 0o644))
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type recorder struct {
	t      *testing.T
	conn   net.Conn
	peer   netip.Addr
	parser probe.Parser
	unread []byte
	said   bytes.Buffer
}

func (r *recorder) do(command string) probe.Reply {
	r.t.Helper()
	_, err := io.WriteString(r.conn, command+"\r\n")
	must(r.t, err)
	return r.receive()
}

func (r *recorder) receive() probe.Reply {
	r.t.Helper()
	for {
		n, complete, err := r.parser.Feed(r.unread)
		must(r.t, err)
		r.said.Write(r.unread[:n])
		r.unread = r.unread[n:]
		if complete {
			return r.parser.Reply()
		}
		b := make([]byte, 512)
		n, err = r.conn.Read(b)
		must(r.t, err)
		r.unread = b[:n]
	}
}

func (r *recorder) transfer(command string) (data []byte) {
	r.t.Helper()
	e, err := probe.ParseEPSV(r.do("EPSV"))
	must(r.t, err)
	conn, err := net.Dial("tcp", netip.AddrPortFrom(r.peer, e.Port).String())
	must(r.t, err)
	defer conn.Close()
	must(r.t, conn.SetDeadline(time.Now().Add(time.Minute)))
	if strings.HasPrefix(command, "RETR") {
		r.do(command)
		return nil
	}
	if !r.do(command).Preliminary() {
		return nil
	}
	data, err = io.ReadAll(conn)
	must(r.t, err)
	r.receive()
	return data
}
