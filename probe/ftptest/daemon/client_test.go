package daemon_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

// client is as much of an FTP client as these specs need. The server under
// test is somebody else's, so the client is not one of ours either.
type client struct {
	*textproto.Conn
	d    *daemon.Daemon
	conn net.Conn
	tls  *tls.Config // nil: plain
}

func dial(d *daemon.Daemon, secure bool) *client {
	GinkgoHelper()
	conn, err := net.Dial("tcp", d.Addr.String())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = conn.Close() })
	Expect(conn.SetDeadline(time.Now().Add(time.Minute))).To(Succeed())
	c := &client{Conn: textproto.NewConn(conn), d: d, conn: conn}
	c.expect(220)
	if secure {
		pem, err := os.ReadFile(d.CA)
		Expect(err).NotTo(HaveOccurred())
		roots := x509.NewCertPool()
		Expect(roots.AppendCertsFromPEM(pem)).To(BeTrue())
		// TLS 1.2, because there a client can see whether the session was resumed.
		c.tls = &tls.Config{
			RootCAs: roots, ServerName: "localhost", MaxVersion: tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(8),
		}
		c.do(234, "AUTH TLS")
		t := tls.Client(conn, c.tls)
		Expect(t.Handshake()).To(Succeed())
		c.Conn = textproto.NewConn(t)
		c.do(200, "PBSZ 0")
		c.do(200, "PROT P")
	}
	return c
}

func (c *client) login() *client {
	GinkgoHelper()
	c.do(331, "USER %s", c.d.User)
	c.do(230, "PASS %s", c.d.Pass)
	c.do(200, "TYPE I")
	return c
}

// expect reads a reply, which may be any of the codes' first digits.
func (c *client) expect(code int) string {
	GinkgoHelper()
	_, text, err := c.ReadResponse(code)
	Expect(err).NotTo(HaveOccurred())
	return text
}

func (c *client) do(code int, format string, args ...any) string {
	GinkgoHelper()
	Expect(c.PrintfLine(format, args...)).To(Succeed())
	return c.expect(code)
}

// passive opens a data connection with EPSV, or PASV where v4 is wanted.
func (c *client) passive(v4 bool) net.Conn {
	GinkgoHelper()
	var port uint16
	host := c.d.Addr.Addr().String()
	if v4 {
		text := c.do(227, "PASV")
		var h [4]int
		var p1, p2 uint16
		_, err := fmt.Sscanf(text[strings.Index(text, "("):], "(%d,%d,%d,%d,%d,%d)", &h[0], &h[1], &h[2], &h[3], &p1, &p2)
		Expect(err).NotTo(HaveOccurred())
		host, port = fmt.Sprintf("%d.%d.%d.%d", h[0], h[1], h[2], h[3]), p1<<8|p2
	} else {
		text := c.do(229, "EPSV")
		_, err := fmt.Sscanf(text[strings.Index(text, "("):], "(|||%d|)", &port)
		Expect(err).NotTo(HaveOccurred())
	}
	Expect(port).To(And(BeNumerically(">=", c.d.PassivePorts[0]), BeNumerically("<=", c.d.PassivePorts[1])))
	data, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = data.Close() })
	Expect(data.SetDeadline(time.Now().Add(time.Minute))).To(Succeed())
	return data
}

// secure returns the data connection, after a TLS handshake where the session has TLS.
func (c *client) secure(data net.Conn) net.Conn {
	GinkgoHelper()
	if c.tls == nil {
		return data
	}
	t := tls.Client(data, c.tls)
	Expect(t.Handshake()).To(Succeed())
	return t
}

func (c *client) download(v4 bool, format string, args ...any) string {
	GinkgoHelper()
	data := c.passive(v4)
	Expect(c.PrintfLine(format, args...)).To(Succeed())
	c.expect(1)
	b, err := io.ReadAll(c.secure(data))
	Expect(err).NotTo(HaveOccurred())
	Expect(data.Close()).To(Succeed())
	c.expect(226)
	return string(b)
}

func (c *client) upload(v4 bool, name, content string) {
	GinkgoHelper()
	data := c.passive(v4)
	Expect(c.PrintfLine("STOR %s", name)).To(Succeed())
	c.expect(1)
	s := c.secure(data)
	_, err := io.WriteString(s, content)
	Expect(err).NotTo(HaveOccurred())
	Expect(s.Close()).To(Succeed())
	c.expect(226)
}
