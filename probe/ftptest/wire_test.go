package ftptest_test

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// wire is a control connection that takes everything as it comes: what it sees, it returns.
type wire struct {
	srv     *ftptest.Server
	conn    net.Conn
	r       *bufio.Reader
	data    *tls.Config // for data connections; nil: clear
	session *tls.Config // of the control connection
	port    string      // that the last 227 or 229 named
	early   net.Conn
}

// silence is what is seen when nothing comes.
const silence = "(silence)"

// script runs steps, pairs of what to do and a pattern of what must be seen then:
//
//	connect            a new control connection; the greeting is seen
//	login              the same, with a login; the reply to PASS is seen
//	tls                AUTH TLS and the handshake; the reply to AUTH is seen
//	private            the same, then the login, PBSZ and PROT P; that of PROT is seen
//	data               connects to the port that was announced last
//	get COMMAND        EPSV, COMMAND, and what comes: "150 ...|data|226 ..."
//	fetch COMMAND      the same without EPSV, on the port that was announced last
//	put COMMAND<TEXT   EPSV, COMMAND, and TEXT is sent: "150 ...|226 ..."
//	send TEXT          sends TEXT as it is and does not wait for an answer
//	raw TEXT           sends TEXT as it is; the answer is seen
//	another            logs another session in, without an end to this one
//	wait DURATION      waits, for nothing
//	reply              the next reply is seen
//	COMMAND            a command; the reply is seen
//
// The end of the control connection is seen as (end).
func script(steps ...string) func(*ftptest.Server) error {
	return func(srv *ftptest.Server) error { return (&wire{srv: srv}).follow(steps...) }
}

// follow runs the steps of a script.
func (w *wire) follow(steps ...string) error {
	for i := 0; i+1 < len(steps); i += 2 {
		seen := w.step(steps[i])
		if !regexp.MustCompile(steps[i+1]).MatchString(seen) {
			return fmt.Errorf("%.60q: seen %.300q, not %s", steps[i], seen, steps[i+1])
		}
	}
	return nil
}

func (w *wire) step(step string) string {
	word, rest, _ := strings.Cut(step, " ")
	switch word {
	case "connect":
		w.conn = tcp(w.srv.Addr())
		w.r = bufio.NewReader(w.conn)
		return w.reply()
	case "login":
		w.step("connect")
		w.step("USER pasv")
		return w.step("PASS embedded")
	case "tls", "private":
		seen := w.step("AUTH TLS")
		w.session = &tls.Config{InsecureSkipVerify: true, ServerName: cmp.Or(rest, "localhost"), ClientSessionCache: tls.NewLRUClientSessionCache(4)}
		secure := tls.Client(w.conn, w.session)
		if err := secure.Handshake(); err != nil {
			return seen + " " + err.Error()
		}
		w.conn, w.r = secure, bufio.NewReader(secure)
		if word == "private" {
			w.step("USER pasv")
			w.step("PASS embedded")
			w.step("PBSZ 0")
			seen = w.step("PROT P")
			w.data = w.session
		}
		return seen
	case "data":
		conn, err := net.DialTimeout("tcp", w.address(), patience)
		if err != nil {
			return "refused"
		}
		DeferCleanup(func() { conn.Close() })
		w.early = conn
		return "connected"
	case "get":
		w.step("EPSV")
		return w.fetch(rest)
	case "fetch":
		return w.fetch(rest)
	case "put":
		command, text, _ := strings.Cut(rest, "<")
		w.step("EPSV")
		return w.transfer(command, func(data net.Conn) string {
			_, _ = io.WriteString(data, text)
			return ""
		})
	case "send":
		_, _ = io.WriteString(w.conn, rest)
		return ""
	case "raw":
		_, _ = io.WriteString(w.conn, rest)
		return w.reply()
	case "reply":
		return w.reply()
	case "another":
		return w.step("login")
	case "wait":
		d, _ := time.ParseDuration(rest)
		silent(w.conn, d)
		return ""
	}
	_, _ = io.WriteString(w.conn, step+"\r\n")
	return w.reply()
}

func (w *wire) fetch(command string) string {
	return w.transfer(command, func(data net.Conn) string {
		b, err := io.ReadAll(data)
		if err != nil {
			return string(b) + " " + err.Error()
		}
		return string(b)
	})
}

// transfer runs move on a data connection that is opened before the command.
func (w *wire) transfer(command string, move func(net.Conn) string) string {
	w.step("data")
	data := w.early
	mark := w.step(command)
	if !strings.HasPrefix(mark, "1") || data == nil {
		return mark
	}
	data.SetDeadline(time.Now().Add(patience))
	if w.data != nil {
		data = tls.Client(data, w.data)
	}
	moved := move(data)
	data.Close()
	return mark + "|" + moved + "|" + w.reply()
}

func (w *wire) address() string {
	host, _, _ := net.SplitHostPort(w.srv.Addr().String())
	return net.JoinHostPort(host, w.port)
}

var (
	announced227 = regexp.MustCompile(`^227 .*,(\d+),(\d+)\)`)
	announced229 = regexp.MustCompile(`^229 .*\D(\d+)\D\)`)
	ends         = regexp.MustCompile(`^(\d\d\d)([ :\r\n]|$)`)
	begins       = regexp.MustCompile(`^(\d\d\d)-`)
)

// reply is one reply with all its lines and their ends.
func (w *wire) reply() string {
	seen, code := "", ""
	for {
		w.conn.SetReadDeadline(time.Now().Add(10 * shortWhile))
		line, err := w.r.ReadString('\n')
		seen += line
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return seen + silence
		case err != nil:
			return seen + "(end)"
		}
		if m := begins.FindStringSubmatch(line); m != nil && code == "" {
			code = m[1]
			continue
		}
		if m := ends.FindStringSubmatch(line); m != nil && (code == "" || m[1] == code) || code == "" {
			break
		}
	}
	if m := announced227.FindStringSubmatch(seen); m != nil {
		high, _ := strconv.Atoi(m[1])
		low, _ := strconv.Atoi(m[2])
		w.port = strconv.Itoa(high<<8 | low)
	}
	if m := announced229.FindStringSubmatch(seen); m != nil {
		w.port = m[1]
	}
	return seen
}
