package ftptest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// entered is a session that is logged in.
func entered(srv *ftptest.Server) *wire {
	w := &wire{srv: srv}
	Expect(w.step("login")).To(HavePrefix("230 "))
	return w
}

// private is a session with TLS on both connections.
func private(srv *ftptest.Server) *wire {
	w := &wire{srv: srv}
	w.step("connect")
	Expect(w.step("private")).To(HavePrefix("200 "))
	return w
}

// begun is a session in which a transfer has begun.
func begun(w *wire, command string) (*wire, net.Conn) {
	w.step("EPSV")
	w.step("data")
	Expect(w.step(command)).To(HavePrefix("150 "))
	return w, w.early
}

func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// Faults that take more than a script to see.
func init() {
	download := func(srv *ftptest.Server) (*wire, net.Conn) { return begun(entered(srv), "RETR big.bin") }
	for name, probe := range map[string]func(srv *ftptest.Server) error{
		"ctl-idle-in-transfer": func(srv *ftptest.Server) error {
			w, data := download(srv)
			silent(data, time.Millisecond)
			if seen := w.step("reply"); seen != silence {
				return fmt.Errorf("seen %q", seen)
			}
			return nil
		},
		"login-quit-cuts": func(srv *ftptest.Server) error {
			w, data := download(srv)
			w.step("send QUIT\r\n")
			go func() { _, _ = io.Copy(io.Discard, data) }()
			return w.follow("reply", "^226 ", "reply", "^221 ")
		},

		"pasv-port-stays": func(srv *ftptest.Server) error {
			w := entered(srv)
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(ln.Close)
			port := ln.Addr().(*net.TCPAddr).Port
			w.step(fmt.Sprintf("PORT 127,0,0,1,%d,%d", port>>8, port&255))
			w.step("PASV")
			return w.follow("fetch NLST", whole(`pub\r\n`))
		},
		"pasv-serves-twice": func(srv *ftptest.Server) error {
			return entered(srv).follow("PASV", "^227 ", "fetch NLST", "226", "data", "refused")
		},
		"pasv-two-connections": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("PASV")
			w.step("data")
			first := w.early
			w.step("data")
			w.step("NLST")
			one, _ := io.ReadAll(first)
			two, _ := io.ReadAll(w.early)
			if len(one) > 0 && len(two) > 0 {
				return fmt.Errorf("%q and %q", one, two)
			}
			return nil
		},
		"pasv-any-peer": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("PASV")
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}}
			foreign, err := d.Dial("tcp", w.address())
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(foreign.Close)
			w.step("NLST")
			foreign.SetReadDeadline(time.Now().Add(patience))
			if b, _ := io.ReadAll(foreign); len(b) > 0 {
				return fmt.Errorf("%q", b)
			}
			return nil
		},
		"pasv-predictable": func(srv *ftptest.Server) error {
			c := login(srv)
			steps, last := 0, c.pasv().Port()
			for range 20 {
				next := c.pasv().Port()
				if next == last+1 || next == last+2 {
					steps++
				}
				last = next
			}
			if steps > 10 {
				return fmt.Errorf("%d steps of 1 or 2", steps)
			}
			return nil
		},
		"pasv-shared-port": func(srv *ftptest.Server) error {
			seen := map[uint16]bool{}
			for range 50 {
				port := login(srv).pasv().Port()
				if seen[port] {
					return fmt.Errorf("port %d twice", port)
				}
				seen[port] = true
			}
			return nil
		},
		"pasv-leaks": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("PASV")
			old := w.port
			w.step("PASV")
			w.port = old
			return w.follow("data", "refused")
		},
		"pasv-tires": func(srv *ftptest.Server) error {
			c := login(srv)
			c.do("TYPE I", 200)
			for range 500 {
				c.send("RETR nosuch")
				if _, text := c.read(); strings.Contains(text, "No port") {
					return errors.New(text)
				}
			}
			return nil
		},
		"epsv-beside-pasv": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("PASV")
			w.step("data")
			w.step("EPSV")
			w.early.SetReadDeadline(time.Now().Add(10 * shortWhile))
			if _, err := w.early.Read(make([]byte, 1)); timedOut(err) {
				return err
			}
			return nil
		},

		"stor-corrupt": func(srv *ftptest.Server) error {
			w := entered(srv)
			content := strings.Repeat("0123456789", 10_000)
			if seen := w.step("TYPE I") + w.step("put STOR x<"+content) + w.step("get RETR x"); !strings.Contains(seen, "|"+content+"|") {
				return fmt.Errorf("seen %.100q", seen)
			}
			return nil
		},
		"type-ascii-split": func(srv *ftptest.Server) error {
			w, data := begun(entered(srv), "STOR x")
			for _, segment := range []string{"a\r", "\nb\r\n"} {
				_, _ = io.WriteString(data, segment)
				silent(data, shortWhile)
			}
			data.Close()
			return w.follow("reply", "^226 ", "TYPE I", "^200 ", "get RETR x", whole(`a\nb\n`))
		},
		"feat-dead-draft": func(srv *ftptest.Server) error {
			w := entered(srv)
			if strings.Contains(w.step("FEAT"), "\n MFMT\r\n") {
				return w.follow("MFMT 20200229123000 pub/4k.bin", "^213 ")
			}
			return nil
		},
		"retr-block-short": func(srv *ftptest.Server) error {
			w := entered(srv)
			content := strings.Repeat("0123456789abcdef", 4<<10)
			if seen := w.step("TYPE I") + w.step("put STOR x<"+content) + w.step("get RETR x"); !strings.Contains(seen, "|"+content+"|") {
				return fmt.Errorf("%d octets of replies and data", len(seen))
			}
			return nil
		},
		"stor-block-long": func(srv *ftptest.Server) error {
			return entered(srv).follow("TYPE I", "^200 ", "put STOR x<"+strings.Repeat("0123456789abcdef", 4<<10), "226", "SIZE x", "^213 65536\r\n$")
		},
		"retr-tenth": func(srv *ftptest.Server) error {
			w := entered(srv)
			for range 10 {
				if err := w.follow("get RETR pub/hello.txt", whole(helloASCII)); err != nil {
					return err
				}
			}
			return nil
		},
		"abor-stale": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("ABOR", "^426 ", "reply", "^226 ", "get RETR pub/hello.txt", whole(helloASCII))
		},
		"retr-slow-gaps": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("TYPE I")
			_, data := begun(w, "RETR big.bin")
			w.step("wait 3s")
			if n, _ := io.Copy(io.Discard, data); n != bigSize {
				return fmt.Errorf("%d octets", n)
			}
			return nil
		},
		"stor-pause-ends": func(srv *ftptest.Server) error {
			w, data := begun(entered(srv), "STOR x")
			_, _ = io.WriteString(data, "abc")
			w.step("wait 2s")
			_, _ = io.WriteString(data, "def")
			data.Close()
			return w.follow("reply", "^226 ", "get RETR x", whole("abcdef"))
		},
		"retr-crosses-four": func(srv *ftptest.Server) error {
			for i := range 4 {
				w := entered(srv)
				w.step("TYPE I")
				_, _ = begun(w, fmt.Sprintf("RETR pub/large-%d", i))
			}
			return entered(srv).follow("get RETR pub/hello.txt", whole(helloASCII))
		},
		"stor-visible-late": func(srv *ftptest.Server) error {
			a, b := entered(srv), entered(srv)
			a.step("put STOR x<abc")
			return b.follow("SIZE x", "^213 3")
		},
		"stor-reset-complete": func(srv *ftptest.Server) error {
			w, data := begun(entered(srv), "STOR x")
			_, _ = data.Write(make([]byte, 300_000))
			data.(*net.TCPConn).SetLinger(0)
			data.Close()
			return w.follow("reply", "^4")
		},
		"retr-open-end": func(srv *ftptest.Server) error {
			w, data := begun(entered(srv), "RETR pub/4k.bin")
			w.step("reply")
			data.SetReadDeadline(time.Now().Add(20 * shortWhile))
			_, err := io.Copy(io.Discard, data)
			return err
		},
		"retr-no-end": func(srv *ftptest.Server) error {
			w, data := begun(entered(srv), "RETR pub/4k.bin")
			w.step("reply")
			data.SetReadDeadline(time.Now().Add(20 * shortWhile))
			_, err := io.Copy(io.Discard, data)
			return err
		},
		"abor-hangs-up": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("ABOR", "^426 ")
		},
		"abor-sends-on": func(srv *ftptest.Server) error {
			w, data := download(srv)
			if err := w.follow("ABOR", "^426 ", "reply", "^226 "); err != nil {
				return err
			}
			if n, _ := io.Copy(io.Discard, data); n == bigSize {
				return errors.New("everything was sent")
			}
			return nil
		},
		"retr-reset-end": func(srv *ftptest.Server) error {
			_, data := begun(entered(srv), "RETR pub/1m.bin")
			_, err := io.Copy(io.Discard, data)
			return err
		},
		"retr-cut-hangs": func(srv *ftptest.Server) error {
			w, data := download(srv)
			drainTo(data, 64<<10)
			data.Close()
			return w.follow("reply", "^426 ")
		},
		"pasv-closed-data-hangs": func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step("PASV")
			w.step("data")
			w.early.Close()
			w.step("RETR big.bin")
			return w.follow("reply", "^4")
		},
		"abor-complete": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("ABOR", "^426 ")
		},
		"abor-closes": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("ABOR", "^426 ", "reply", "^226 ", "NOOP", "^200 ")
		},
		"abor-leaves-data": func(srv *ftptest.Server) error {
			w, data := download(srv)
			drainTo(data, 64<<10)
			if err := w.follow("ABOR", "^426 ", "reply", "^226 "); err != nil {
				return err
			}
			data.SetReadDeadline(time.Now().Add(10 * shortWhile))
			if _, err := io.Copy(io.Discard, data); timedOut(err) {
				return err
			}
			return nil
		},
		"retr-stat-refused": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("STAT", "^211-")
		},
		"retr-noop-refused": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("NOOP", `^\(silence\)$`)
		},
		"retr-outlives-control": func(srv *ftptest.Server) error {
			w, data := download(srv)
			w.conn.Close()
			data.SetReadDeadline(time.Now().Add(20 * shortWhile))
			if n, err := io.Copy(io.Discard, data); n == bigSize || timedOut(err) {
				return fmt.Errorf("%d octets, then %v", n, err)
			}
			return nil
		},
		"retr-stall-forever": func(srv *ftptest.Server) error {
			w, _ := download(srv)
			return w.follow("reply", "^426 ")
		},
		"retr-crosses": func(srv *ftptest.Server) error {
			for range 40 {
				_, _ = begun(entered(srv), "STOR x")
			}
			return entered(srv).follow("get RETR pub/hello.txt", whole(helloASCII))
		},

		"tls-reuse-complete": func(srv *ftptest.Server) error {
			w := private(srv)
			w.data = w.data.Clone()
			w.data.ClientSessionCache = nil
			return w.follow("get NLST", `\|522 `)
		},
		"tls-injection": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			w.step("connect")
			w.step("raw AUTH TLS\r\nFEAT\r\n")
			secure := tls.Client(w.conn, &tls.Config{InsecureSkipVerify: true})
			if err := secure.Handshake(); err != nil {
				return nil
			}
			w.conn = secure
			w.r.Reset(secure)
			return w.follow("NOOP", "^200 ")
		},
		"tls-fragment": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			w.step("connect")
			w.step("raw AUTH TLS\r\nX")
			secure := tls.Client(w.conn, &tls.Config{InsecureSkipVerify: true})
			Expect(secure.Handshake()).To(Succeed())
			w.conn = secure
			w.r.Reset(secure)
			return w.follow("NOOP", "^200 ")
		},
		"tls-handshake-blocks": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			w.step("connect")
			w.step("AUTH TLS")
			if silent(tcp(srv.Addr()), 3*shortWhile) {
				return errors.New("no greeting")
			}
			return nil
		},
		"tls-failure-complete": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "LIST")
			_, _ = io.WriteString(data, "GARBAGE\r\n\r\n")
			return w.follow("reply", "^522 ")
		},
		"tls-clear-octets-first": func(srv *ftptest.Server) error {
			_, data := begun(private(srv), "RETR pub/4k.bin")
			if !silent(data, 15*shortWhile) {
				return errors.New("octets before the handshake")
			}
			return nil
		},
		"tls-no-close-notify": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "RETR pub/4k.bin")
			log := &recorder{Conn: data}
			_, _ = io.Copy(io.Discard, tls.Client(log, w.data))
			last := log.seen.Bytes()
			// With TLS 1.3 the alert is a record of 19 octets with the type of data.
			if n := len(last) - 24; n < 0 || last[n] != 23 || last[n+3] != 0 || last[n+4] != 19 {
				return errors.New("no alert at the end")
			}
			return nil
		},
		"tls-other-certificate": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "RETR pub/4k.bin")
			cfg := w.data.Clone()
			cfg.ClientSessionCache = nil
			secure := tls.Client(data, cfg)
			Expect(secure.Handshake()).To(Succeed())
			a, b := w.conn.(*tls.Conn).ConnectionState().PeerCertificates[0], secure.ConnectionState().PeerCertificates[0]
			if !a.Equal(b) {
				return errors.New("two certificates")
			}
			return nil
		},
		"tls-rein-stays": func(srv *ftptest.Server) error {
			w := private(srv)
			return w.follow("REIN", "^220 ", "reply", `^\(end\)$`)
		},
		"tls-abor-ignored": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "RETR big.bin")
			Expect(tls.Client(data, w.data).Handshake()).To(Succeed())
			return w.follow("ABOR", "^426 ")
		},
		"tls-old-versions": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			w.step("connect")
			w.step("AUTH TLS")
			old := tls.Client(w.conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
			if old.Handshake() == nil {
				return errors.New("accepted")
			}
			return nil
		},
		"tls-prot-falls-back": func(srv *ftptest.Server) error {
			return private(srv).follow("PROT X", "^504 ", "get NLST", whole(`pub\r\n`))
		},
		"tls-tires": func(srv *ftptest.Server) error {
			w := private(srv)
			for range 20 {
				if err := w.follow("get NLST", whole(`pub\r\n`)); err != nil {
					return err
				}
			}
			return nil
		},
		"tls-clear-upload": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "STOR x")
			_, _ = io.WriteString(data, "in clear")
			data.(*net.TCPConn).CloseWrite()
			return w.follow("reply", "^5")
		},

		"sec-no-delay": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			w.step("connect")
			w.step("USER pasv")
			w.step("send PASS wrong\r\n")
			if !silent(w.conn, 3*shortWhile) {
				return errors.New("at once")
			}
			return nil
		},
		"sec-silent-lock-out": func(srv *ftptest.Server) error {
			for range 50 {
				tcp(srv.Addr())
			}
			w := &wire{srv: srv}
			for range 3 {
				if err := w.follow("connect", "^220 "); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		probes[name] = probe
	}
}

// recorder keeps what was read.
type recorder struct {
	net.Conn
	seen bytes.Buffer
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.seen.Write(p[:n])
	return n, err
}
