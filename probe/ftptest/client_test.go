package ftptest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// patience bounds every wait of the specs; none of them is expected to use it up.
const patience = 20 * time.Second

// start runs a server for the length of a spec, and sees that nothing of it is left.
func start(cfg ftptest.Config) *ftptest.Server {
	GinkgoHelper()
	if cfg.LoginDelay == 0 {
		cfg.LoginDelay = -1 // wrong passwords are many here
	}
	before := goleak.IgnoreCurrent()
	DeferCleanup(func() { Expect(goleak.Find(before)).To(Succeed()) })
	srv, err := ftptest.Start(cfg)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		Expect(srv.Close()).To(Succeed())
		stats := srv.Stats()
		Expect(stats.OpenSessions).To(BeZero(), "open sessions")
		Expect(stats.OpenListeners).To(BeZero(), "open listeners")
		Expect(stats.OpenDataConns).To(BeZero(), "open data connections")
	})
	return srv
}

// faulty runs a server with one fault.
func faulty(name string) *ftptest.Server {
	GinkgoHelper()
	return start(ftptest.Config{Faults: []ftptest.Fault{fault(name)}})
}

func fault(name string) ftptest.Fault {
	GinkgoHelper()
	f, ok := ftptest.LookupFault(name)
	Expect(ok).To(BeTrue(), "there is a fault %q", name)
	return f
}

// client is a control connection that insists on well-formed replies.
type client struct {
	net.Conn
	r    *bufio.Reader
	tls  *tls.Config
	last string // reply, with all its lines
}

// dial connects and takes the greeting.
func dial(srv *ftptest.Server) *client {
	GinkgoHelper()
	c := connect(srv.Addr())
	c.expect(220)
	return c
}

func connect(addr netip.AddrPort) *client {
	GinkgoHelper()
	return wrap(tcp(addr))
}

func wrap(conn net.Conn) *client { return &client{Conn: conn, r: bufio.NewReader(conn)} }

func tcp(addr netip.AddrPort) net.Conn {
	GinkgoHelper()
	conn, err := net.DialTimeout("tcp", addr.String(), patience)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { conn.Close() })
	Expect(conn.SetDeadline(time.Now().Add(patience))).To(Succeed())
	return conn
}

// login connects and logs in.
func login(srv *ftptest.Server) *client {
	GinkgoHelper()
	c := dial(srv)
	c.enter()
	return c
}

func (c *client) enter() {
	GinkgoHelper()
	c.do("USER pasv", 331)
	c.do("PASS embedded", 230)
}

func (c *client) send(line string) {
	GinkgoHelper()
	c.raw(line + "\r\n")
}

func (c *client) raw(s string) {
	GinkgoHelper()
	_, err := io.WriteString(c.Conn, s)
	Expect(err).NotTo(HaveOccurred())
}

var replyLine = regexp.MustCompile(`^([1-5][0-5][0-9])([ -])(.*)$`)

// read takes one reply; its text is that of all lines, without code and line ends.
func (c *client) read() (code int, text string) {
	GinkgoHelper()
	line := c.line()
	m := replyLine.FindStringSubmatch(line)
	Expect(m).NotTo(BeNil(), "the reply %q is well-formed", line)
	code, err := strconv.Atoi(m[1])
	Expect(err).NotTo(HaveOccurred())
	c.last = line
	text = m[3]
	for m[2] == "-" {
		line = c.line()
		c.last += "\n" + line
		if last, ok := strings.CutPrefix(line, m[1]+" "); ok {
			return code, text + "\n" + last
		}
		Expect(line).To(HavePrefix(" "))
		text += "\n" + line
	}
	return code, text
}

func (c *client) line() string {
	GinkgoHelper()
	line, err := c.r.ReadString('\n')
	Expect(err).NotTo(HaveOccurred(), "while reading a reply after %q", c.last)
	Expect(line).To(HaveSuffix("\r\n"))
	return strings.TrimSuffix(line, "\r\n")
}

func (c *client) expect(code int) string {
	GinkgoHelper()
	got, text := c.read()
	Expect(got).To(Equal(code), "the reply was %q", c.last)
	return text
}

// do sends a command and expects a code; it returns the text.
func (c *client) do(line string, code int) string {
	GinkgoHelper()
	c.send(line)
	got, text := c.read()
	Expect(got).To(Equal(code), "%q was answered %q", line, c.last)
	return text
}

// expectEnd expects the end of the control connection.
func (c *client) expectEnd() {
	GinkgoHelper()
	_, err := c.r.ReadByte()
	Expect(err).To(HaveOccurred())
	Expect(err).NotTo(MatchError(ContainSubstring("timeout")))
}

// expectSilence expects that the control connection is open and nothing comes for a while.
func (c *client) expectSilence(d time.Duration) {
	GinkgoHelper()
	Expect(c.silent(d)).To(BeTrue(), "the control connection is silent")
}

func (c *client) silent(d time.Duration) bool { return c.r.Buffered() == 0 && silent(c.Conn, d) }

// silent reports whether neither an octet nor an end comes on conn for d.
func silent(conn net.Conn, d time.Duration) bool {
	conn.SetReadDeadline(time.Now().Add(d))
	defer conn.SetReadDeadline(time.Now().Add(patience))
	_, err := conn.Read(make([]byte, 1))
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

var sixNumbers = regexp.MustCompile(`^Entering Passive Mode \((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)\.$`)

// pasv returns what PASV announces.
func (c *client) pasv() netip.AddrPort {
	GinkgoHelper()
	text := c.do("PASV", 227)
	m := sixNumbers.FindStringSubmatch(text)
	Expect(m).NotTo(BeNil(), text)
	return numbers(m[1:])
}

func numbers(s []string) netip.AddrPort {
	GinkgoHelper()
	var b [6]byte
	for i := range b {
		n, err := strconv.ParseUint(s[i], 10, 8)
		Expect(err).NotTo(HaveOccurred())
		b[i] = byte(n)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[:4])), uint16(b[4])<<8|uint16(b[5]))
}

var barPort = regexp.MustCompile(`^Entering Extended Passive Mode \(\|\|\|(\d+)\|\)$`)

// epsv returns where EPSV listens.
func (c *client) epsv() netip.AddrPort {
	GinkgoHelper()
	return c.extended(c.do("EPSV", 229))
}

func (c *client) extended(text string) netip.AddrPort {
	GinkgoHelper()
	m := barPort.FindStringSubmatch(text)
	Expect(m).NotTo(BeNil(), text)
	port, err := strconv.ParseUint(m[1], 10, 16)
	Expect(err).NotTo(HaveOccurred())
	return netip.AddrPortFrom(c.peer(), uint16(port))
}

func (c *client) peer() netip.Addr {
	return c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

// passive opens a data connection, to the address that the control connection has.
func (c *client) passive() net.Conn {
	GinkgoHelper()
	return tcp(c.epsv())
}

// get runs a transfer command that downloads, and returns what came.
func (c *client) get(command string) string {
	GinkgoHelper()
	data := c.passive()
	return c.fetch(command, data)
}

func (c *client) fetch(command string, data net.Conn) string {
	GinkgoHelper()
	c.do(command, 150)
	b, err := io.ReadAll(c.secure(data))
	Expect(err).NotTo(HaveOccurred())
	data.Close()
	c.expect(226)
	return string(b)
}

// put runs a transfer command that uploads; it returns the text of the mark.
func (c *client) put(command, content string) string {
	GinkgoHelper()
	data := c.passive()
	mark := c.do(command, 150)
	secure := c.secure(data)
	_, err := io.WriteString(secure, content)
	Expect(err).NotTo(HaveOccurred())
	Expect(secure.Close()).To(Succeed())
	c.expect(226)
	return mark
}

// secure makes data a TLS connection when the client uses TLS for data.
func (c *client) secure(data net.Conn) net.Conn {
	if c.tls == nil {
		return data
	}
	return tls.Client(data, c.tls)
}

// pool makes a pool of trusted certificates.
func pool(pem []byte) *x509.CertPool {
	p := x509.NewCertPool()
	Expect(p.AppendCertsFromPEM(pem)).To(BeTrue())
	return p
}

// drainTo reads n octets.
func drainTo(conn net.Conn, n int64) {
	GinkgoHelper()
	_, err := io.CopyN(io.Discard, conn, n)
	Expect(err).NotTo(HaveOccurred())
}

// memory returns the usual tree and a file /big.bin of zeros, too large for the buffers of
// any kernel.
func memory() *ftptest.Memory {
	m := ftptest.NewMemory()
	Expect(m.WriteZeros("/big.bin", bigSize)).To(Succeed())
	return m
}

const bigSize = 64 << 20
