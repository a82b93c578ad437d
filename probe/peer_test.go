package probe_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// peer is a server that follows a script for one control connection. What goes
// wrong on its side is the end of the script: the client is what is tested.
type peer struct {
	net.Conn
	tcp  *net.TCPConn
	in   *bufio.Reader
	cork *cork        // below TLS
	port net.Listener // for the data connection
	stop chan struct{}
}

// errScript ends a script whose client has gone.
type errScript struct{ error }

// play serves one connection by the script, and returns the address and what
// ends and cleans up everything.
func play(script func(*peer)) (addr *net.TCPAddr, end func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	p := &peer{stop: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		wg.Go(func() { // whatever the script waits for, the end of the spec ends it
			<-p.stop
			_ = conn.Close()
		})
		p.Conn, p.tcp, p.in = conn, conn.(*net.TCPConn), bufio.NewReader(conn)
		defer func() {
			if p.port != nil {
				_ = p.port.Close()
			}
			if failed := recover(); failed != nil {
				if _, ok := failed.(errScript); !ok {
					panic(failed)
				}
			}
		}()
		script(p)
		p.silent()
	})
	return l.Addr().(*net.TCPAddr), func() {
		_ = l.Close()
		close(p.stop)
		wg.Wait()
	}
}

// say sends octets in one segment.
func (p *peer) say(octets string) {
	if _, err := io.WriteString(p.Conn, octets); err != nil {
		panic(errScript{err})
	}
}

// flood sends the octets over and over until the client has gone.
func (p *peer) flood(octets string) {
	octets = strings.Repeat(octets, 1+(8<<10)/len(octets))
	for {
		p.say(octets)
	}
}

// drip sends the text octet by octet, with a pause before each, and from the
// beginning again at its end.
func (p *peer) drip(text string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		for i := range len(text) {
			p.say(text[i : i+1])
			select {
			case <-tick.C:
			case <-p.stop:
				panic(errScript{io.EOF})
			}
		}
	}
}

// silent reads and says nothing until the client has gone.
func (p *peer) silent() { _, _ = io.Copy(io.Discard, p.in) }

// line is the next command.
func (p *peer) line() string {
	line, err := p.in.ReadString('\n')
	if err != nil {
		panic(errScript{err})
	}
	return strings.TrimSpace(line)
}

// customary are the answers of a server that means no harm.
var customary = map[string]string{
	"USER": "331 go on\r\n", "PASS": "230 in\r\n", "TYPE": "200 ok\r\n", "NOOP": "200 ok\r\n", "QUIT": "221 bye\r\n",
	"PBSZ": "200 ok\r\n", "PROT": "200 ok\r\n", "CWD": "250 ok\r\n", "SIZE": "213 5\r\n",
}

// until greets and answers as is customary until the command comes; "" is for
// the greeting itself, which is not sent then.
func (p *peer) until(verb string) {
	if verb == "" {
		return
	}
	p.say("220 ready\r\n")
	p.serve(verb)
}

// serve answers as is customary until the command comes.
func (p *peer) serve(verb string) {
	for {
		command, _, _ := strings.Cut(p.line(), " ")
		switch {
		case command == verb:
			return
		case command == "PASV":
			p.say(p.offer())
		case command == "RETR", command == "LIST":
			p.say("150 here it comes\r\n")
			d := p.data()
			_, _ = io.WriteString(d, "hello")
			_ = d.Close()
			p.say("226 done\r\n")
		default:
			p.say(customary[command])
		}
	}
}

// offer opens a passive port and is the 227 for it.
func (p *peer) offer() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(errScript{err})
	}
	if p.port != nil {
		_ = p.port.Close()
	}
	p.port = l
	port := l.Addr().(*net.TCPAddr).Port
	return fmt.Sprintf("227 Entering Passive Mode (127,0,0,1,%d,%d).\r\n", port>>8, port&255)
}

// data accepts the data connection.
func (p *peer) data() *net.TCPConn {
	_ = p.port.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Second))
	conn, err := p.port.Accept()
	if err != nil {
		panic(errScript{err})
	}
	return conn.(*net.TCPConn)
}

// opened answers up to and with the 1yz reply to RETR, and is the data connection.
func (p *peer) opened(verb string) *net.TCPConn {
	p.until(verb)
	p.say("150 here it comes\r\n")
	return p.data()
}

// reset ends a connection with a RST.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

// secure makes the handshake on the control connection.
func (p *peer) secure() {
	p.cork = &cork{Conn: p.tcp}
	conn := tls.Server(p.cork, certified())
	if err := conn.Handshake(); err != nil {
		panic(errScript{err})
	}
	p.Conn, p.in = conn, bufio.NewReader(conn)
}

// certified is a TLS configuration with a certificate of its own.
var certified = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})

// twice sends two TLS records in one segment.
func (p *peer) twice(first, second string) {
	p.cork.holding = true
	p.say(first)
	p.say(second)
	p.cork.holding = false
	if _, err := p.tcp.Write(p.cork.held); err != nil {
		panic(errScript{err})
	}
}

// cork can hold back what is written.
type cork struct {
	net.Conn
	holding bool
	held    []byte
}

func (c *cork) Write(b []byte) (int, error) {
	if c.holding {
		c.held = append(c.held, b...)
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// secured answers up to and with the 1yz reply under TLS, and is the data connection.
func (p *peer) secured() *net.TCPConn {
	p.serve("RETR")
	p.say("150 here it comes\r\n")
	return p.data()
}

// read reads something, whatever it is.
func (p *peer) read() {
	if _, err := p.in.Read(make([]byte, 4096)); err != nil {
		panic(errScript{err})
	}
}
