package daemon

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// TB is what the package needs of testing.TB; GinkgoTB() satisfies it too.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
	Failed() bool
}

// Options says how a daemon is to be started. The zero value is a plain server on 127.0.0.1.
type Options struct {
	Addr         string    // address to listen on; 127.0.0.1 when empty
	TLS          bool      // offer AUTH TLS beside plain sessions
	RequireReuse bool      // refuse data connections that do not resume the TLS session; vsftpd and ProFTPD only
	PassivePorts [2]uint16 // first and last; zero: about 500 ports that no other daemon of this user has
	Advertise    string    // IPv4 address for the 227 reply; empty: the control connection's
	ReadOnly     bool      // the account lies on a file system that sessions cannot change; WriteFile can
}

// Daemon is a running server.
type Daemon struct {
	Kind         Kind
	Addr         netip.AddrPort // of the control port
	PassivePorts [2]uint16      // first and last
	User, Pass   string
	Root         string // the account's home, in a temporary folder of the test
	CA           string // PEM file to trust when TLS is offered, else empty
	PID          int    // the first process of the daemon's process namespace

	logs string
}

const (
	user = "pasv"
	// pass holds characters that a URL, a password file or a command line may trip over.
	pass = "right:pass/word@1"
	// passHash is pass as crypt(3) knows it: `openssl passwd -1 -salt pasv`. MD5 is
	// chosen because it is quick, so that a load test meets the server and not its hash.
	passHash = "$1$pasv$R2RBECXDASFy..5yHYoEi/"

	// accountUID and accountGID are nobody and nogroup: the servers refuse to serve as root.
	accountUID, accountGID = 65534, 65534

	startTimeout = 20 * time.Second
	// startAttempts bounds the search for a control port that no stranger holds.
	startAttempts = 5
)

// settings is what a flavour turns into a configuration.
type settings struct {
	Options
	addr  netip.Addr
	port  uint16
	first uint16
	last  uint16
	pkg   string // the unpacked packages, as seen from outside
}

// Start starts a daemon and returns when it has sent its greeting. The daemon is
// killed, and waited for, when the test ends; its logs go to the log of a test that failed.
//
// Where the machine cannot run the daemon (not Linux, not root, no apt) the test is
// skipped, or failed where the environment says CI=true.
func Start(tb TB, kind Kind, opt Options) *Daemon {
	tb.Helper()
	f := flavours[kind]
	if opt.RequireReuse && !f.reuse {
		tb.Fatalf("%s has no setting that requires TLS session resumption", kind)
	}
	if opt.Addr == "" {
		opt.Addr = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(opt.Addr)
	if err != nil {
		tb.Fatalf("%s: %v", kind, err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	pkg, err := Fetch(ctx, kind)
	cancel()
	if err != nil {
		unavailable(tb, kind, err)
	}

	for attempt := 1; ; attempt++ {
		d, err := start(tb, kind, addr, pkg, opt)
		if err == nil {
			return d
		}
		if attempt == startAttempts || !errors.Is(err, errPortTaken) {
			tb.Fatalf("%s: %v", kind, err)
		}
	}
}

// unavailable ends a test whose daemon this machine cannot run.
func unavailable(tb TB, kind Kind, err error) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s cannot be started, and CI=true demands it: %v", kind, err)
	}
	tb.Skipf("NOT TESTED with %s: %v. Run `.ci/test` as root on Debian or Ubuntu to test with it.", kind, err)
}

func start(tb TB, kind Kind, addr netip.Addr, pkg string, opt Options) (*Daemon, error) {
	tb.Helper()
	ports, err := claimPorts()
	if err != nil {
		return nil, err
	}
	tb.Cleanup(ports.release)

	// A stranger may hold a port that no other daemon of ours has.
	free, err := net.Listen("tcp", netip.AddrPortFrom(addr, ports.first).String())
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errPortTaken, err)
	}
	if err := free.Close(); err != nil {
		return nil, err
	}

	dir := tb.TempDir()
	d := &Daemon{
		Kind: kind, Addr: netip.AddrPortFrom(addr, ports.first),
		User: user, Pass: pass,
		PassivePorts: [2]uint16{ports.first + 1, ports.last},
		Root:         filepath.Join(dir, "home"),
		logs:         filepath.Join(dir, "log"),
	}
	if opt.PassivePorts != [2]uint16{} {
		d.PassivePorts = opt.PassivePorts
	}
	etc := filepath.Join(dir, "etc")
	for _, sub := range []string{d.Root, d.logs, etc, filepath.Join(dir, "run"), filepath.Join(dir, "empty")} {
		if err := os.Mkdir(sub, 0o755); err != nil {
			return nil, err
		}
	}
	if err := d.writeFixtures(); err != nil {
		return nil, err
	}
	if opt.TLS {
		d.CA = filepath.Join(etc, "cert.pem")
		if err := writeCertificate(d.CA, filepath.Join(etc, "key.pem"), addr, opt.Advertise); err != nil {
			return nil, err
		}
	}

	s := flavours[kind].setup(settings{
		Options: opt, addr: addr, port: ports.first,
		first: d.PassivePorts[0], last: d.PassivePorts[1], pkg: pkg,
	})
	for name, content := range s.files {
		name = filepath.Join(etc, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return d, d.run(tb, dir, pkg, opt.ReadOnly, s)
}

// run starts the process and waits for its greeting.
func (d *Daemon) run(tb TB, dir, pkg string, readOnly bool, s setup) error {
	tb.Helper()
	output, err := os.Create(filepath.Join(d.logs, "output"))
	if err != nil {
		return err
	}
	cmd := sandbox(dir, pkg, readOnly, s)
	cmd.Stdout, cmd.Stderr = output, output
	alive, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	err = cmd.Start()
	if closeErr := output.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("starting it in namespaces of its own: %w", err)
	}
	d.PID = cmd.Process.Pid
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// It is killed in the end; how it died says nothing.
		_ = cmd.Wait()
	}()
	tb.Cleanup(func() {
		// The first process of a process namespace takes all others with it.
		_ = cmd.Process.Kill()
		<-ended
		_ = alive.Close()
		if tb.Failed() {
			tb.Logf("%s on %s said:\n%s", d.Kind, d.Addr, d.log())
		}
	})

	deadline := time.Now().Add(startTimeout)
	for {
		greeting, err := greet(d.Addr)
		if err == nil && strings.HasPrefix(greeting, "220") {
			return nil
		}
		if err == nil {
			return fmt.Errorf("greeting %q", greeting)
		}
		select {
		case <-ended:
			return fmt.Errorf("ended at once:\n%s", d.log())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no greeting within %v: %w\n%s", startTimeout, err, d.log())
		}
	}
}

// greet returns the first line the server sends. It dials from the caller's
// goroutine, which may be locked to a thread in another network namespace.
func greet(addr netip.AddrPort) (string, error) {
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(startTimeout)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(io.LimitReader(c, 4096)).ReadString('\n')
	if err != nil {
		return "", err
	}
	// A session that says goodbye leaves no complaint in the logs. Whether
	// the server still hears it does not matter.
	_, _ = io.WriteString(c, "QUIT\r\n")
	return line, nil
}

// log returns what the daemon wrote, file by file.
func (d *Daemon) log() string {
	var all bytes.Buffer
	names, err := filepath.Glob(filepath.Join(d.logs, "*"))
	if err != nil {
		return err.Error()
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintf(&all, "%v\n", err)
			continue
		}
		if len(b) > 0 {
			fmt.Fprintf(&all, "--- %s\n%s\n", filepath.Base(name), b)
		}
	}
	return all.String()
}

// URL returns the target as users write it, password and all: ftp://user:pass@127.0.0.1:40000/.
// The scheme is ftp also where TLS is offered; a test that wants TLS says so.
func (d *Daemon) URL() string {
	u := url.URL{Scheme: "ftp", User: url.UserPassword(d.User, d.Pass), Host: d.Addr.String(), Path: "/"}
	return u.String()
}

// WriteFile puts a file into the account, owned by the account. The name is
// slash-separated and relative to Root; its folder is made if it is missing.
func (d *Daemon) WriteFile(name string, content []byte) error {
	at := d.Root
	parts := strings.Split(name, "/")
	for _, p := range parts[:len(parts)-1] {
		at = filepath.Join(at, p)
		if err := os.Mkdir(at, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := os.Chown(at, accountUID, accountGID); err != nil {
			return err
		}
	}
	at = filepath.Join(at, parts[len(parts)-1])
	if err := os.WriteFile(at, content, 0o644); err != nil {
		return err
	}
	return os.Chown(at, accountUID, accountGID)
}
