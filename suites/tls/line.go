package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

// patience is how long a line waits for a reply.
const patience = 30 * time.Second

// line is a control connection whose TLS begins and ends when the check says so.
// The session story, which the check has besides, tells of it in its transcript.
type line struct {
	t     *spec.T
	story *probe.Session
	from  netip.Addr
	tcp   net.Conn
	conn  net.Conn // tcp or TLS
	below *records
	stop  func() bool

	parser probe.Parser
	unread []byte
}

// connect opens a line and reads its greeting.
func connect(ctx context.Context, t *spec.T, story *probe.Session) *line {
	if t.Target().Security == probe.Implicit {
		t.Skip("the target has TLS from the first octet")
	}
	d, _ := t.With(func(*probe.Dialer, *probe.Target) {})
	l := &line{t: t, story: story, from: d.Source}
	for try := 1; ; try++ {
		conn, err := l.dial(ctx, story.Peer())
		if err != nil {
			t.Skip("no other session: %v", err)
		}
		l.tcp, l.conn, l.unread = conn, conn, nil
		// The line ends with the check, whatever way it ends.
		l.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		l.note("another control connection")
		r, err := l.hear(ctx, patience)
		if err == nil && r.Preliminary() {
			r, err = l.hear(ctx, patience)
		}
		if err == nil && r.Positive() {
			return l
		}
		_ = conn.Close()
		if err != nil || r.Class() != 4 || try == 5 {
			t.Skip("no other session: %s", either(r, err))
		}
		t.Sleep(ctx, time.Second)
	}
}

// dial opens a TCP connection to an address of the server.
func (l *line) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	d := net.Dialer{Timeout: patience}
	if l.from.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(l.from, 0))
	}
	return d.DialContext(ctx, "tcp", to.String())
}

// close closes the line without a word.
func (l *line) close() {
	l.stop()
	_ = l.tcp.Close()
}

func (l *line) note(format string, args ...any) {
	l.story.Note("other connection: " + fmt.Sprintf(format, args...))
}

// say writes octets. That they cannot be written shows in the reply that is missing.
func (l *line) say(ctx context.Context, octets string) {
	shown := strings.ReplaceAll(strings.TrimSuffix(octets, "\r\n"), "\r\n", " CR LF ")
	if strings.HasPrefix(shown, "PASS ") {
		shown = "PASS ***"
	}
	l.note("sent %s", probe.Printable(shown))
	_ = l.conn.SetWriteDeadline(deadline(ctx, patience))
	_, _ = io.WriteString(l.conn, octets)
}

// hear is the next reply, if one comes in time. After a timeout it can be heard on.
func (l *line) hear(ctx context.Context, d time.Duration) (probe.Reply, error) {
	_ = l.conn.SetReadDeadline(deadline(ctx, d))
	buffer := make([]byte, 512)
	for {
		for len(l.unread) > 0 {
			n, complete, err := l.parser.Feed(l.unread)
			l.unread = l.unread[n:]
			if err != nil {
				l.note("received what is no reply: %v", err)
				return probe.Reply{}, err
			}
			if complete {
				r := l.parser.Reply()
				l.note("received %s", r)
				return r, nil
			}
		}
		n, err := l.conn.Read(buffer)
		l.unread = buffer[:n]
		if n == 0 && err != nil {
			if probe.CauseOf(err) != probe.Stalled {
				l.note("%v", err)
			}
			return probe.Reply{}, err
		}
	}
}

// do sends a command and hears the reply.
func (l *line) do(ctx context.Context, command string) (probe.Reply, error) {
	l.say(ctx, command+"\r\n")
	return l.hear(ctx, patience)
}

// config is the TLS configuration of a session of this check, changed.
func (l *line) config(t *spec.T, changes ...func(*probe.Dialer, *probe.Target)) *tls.Config {
	d, target := with(t, changes)
	if d.TLS.ServerName == "" {
		d.TLS.ServerName = target.Host
	}
	return d.TLS
}

// handshake begins TLS.
func (l *line) handshake(ctx context.Context, conf *tls.Config) error {
	l.below = &records{Conn: l.tcp}
	conn := tls.Client(l.below, conf)
	_ = conn.SetDeadline(deadline(ctx, patience))
	if err := conn.HandshakeContext(ctx); err != nil {
		l.note("%v", err)
		return err
	}
	_ = conn.SetDeadline(time.Time{})
	l.note("%s", tls.VersionName(conn.ConnectionState().Version))
	l.conn = conn
	return nil
}

// secure sends AUTH TLS and begins TLS.
func (l *line) secure(ctx context.Context, conf *tls.Config) error {
	r, err := l.do(ctx, "AUTH TLS")
	if err == nil && r.Code != 234 {
		err = errors.New(r.String())
	}
	if err != nil {
		return err
	}
	return l.handshake(ctx, conf)
}

// enter logs in.
func (l *line) enter(ctx context.Context, target probe.Target) error {
	user, pass := target.User, string(target.Pass)
	if user == "" {
		user = probe.Anonymous
	}
	if user == probe.Anonymous && pass == "" {
		pass = "anonymous@"
	}
	r, err := l.do(ctx, "USER "+user)
	if err == nil && r.Code == 331 {
		r, err = l.do(ctx, "PASS "+pass)
	}
	if err == nil && !r.Positive() {
		err = errors.New(r.String())
	}
	return err
}

// accept sends commands that have to be accepted.
func (l *line) accept(ctx context.Context, commands ...string) error {
	for _, command := range commands {
		r, err := l.do(ctx, command)
		if err == nil && !r.Positive() {
			err = fmt.Errorf("%s is answered %s", command, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errNoPort is the lack of a data connection, for which TLS is not to blame.
var errNoPort = errors.New("no data connection")

// open asks for a passive port and connects to it, at the address of the control
// connection.
func (l *line) open(ctx context.Context) (net.Conn, error) {
	peer := l.story.Peer()
	verb, parse := "PASV", probe.ParsePASV
	if !peer.Addr().Is4() {
		verb, parse = "EPSV", probe.ParseEPSV
	}
	r, err := l.do(ctx, verb)
	if err == nil && r.Class() == 4 && r.Code != 421 {
		l.t.Sleep(ctx, spec.RetryAfter)
		r, err = l.do(ctx, verb)
	}
	if err == nil && r.Negative() && verb == "PASV" {
		verb, parse = "EPSV", probe.ParseEPSV
		r, err = l.do(ctx, verb)
	}
	if err == nil && !r.Positive() {
		err = fmt.Errorf("%w: %s is answered %s", errNoPort, verb, r)
	}
	if err != nil {
		return nil, err
	}
	at, err := parse(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPort, err)
	}
	conn, err := l.dial(ctx, netip.AddrPortFrom(peer.Addr(), at.Port))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPort, err)
	}
	return conn, nil
}

// listing downloads a listing in clear text, unless it is refused.
func (l *line) listing(ctx context.Context) error {
	data, err := l.open(ctx)
	if err != nil {
		return err
	}
	defer data.Close()
	r, err := l.do(ctx, "LIST")
	if err != nil || r.Negative() {
		return err
	}
	_ = data.SetDeadline(deadline(ctx, patience))
	if _, err := io.Copy(io.Discard, io.LimitReader(data, maxData)); err != nil {
		return err
	}
	_ = data.Close()
	r, err = l.hear(ctx, patience)
	if err == nil && !r.Positive() {
		err = errors.New(r.String())
	}
	return err
}

// unwrap ends TLS in both directions, and leaves the connection in clear text. A
// close_notify that does not come is an error.
func (l *line) unwrap(ctx context.Context, d time.Duration) error {
	conn := l.conn.(*tls.Conn)
	_ = conn.SetDeadline(deadline(ctx, d))
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	l.note("sent close_notify")
	return l.notified(ctx, d)
}

// notified waits for the server's close_notify. Replies before it are passed over.
func (l *line) notified(ctx context.Context, d time.Duration) error {
	_ = l.conn.SetReadDeadline(deadline(ctx, d))
	buffer := make([]byte, 512)
	for {
		n, err := l.conn.Read(buffer)
		switch {
		case err == io.EOF && !l.below.ended:
			l.note("received close_notify")
			return nil
		case err != nil:
			return err
		}
		l.unread = append(l.unread, buffer[:n]...)
	}
}

// lay goes on without TLS.
func (l *line) lay() { l.conn, l.unread = l.tcp, l.below.unread }

func deadline(ctx context.Context, d time.Duration) time.Time {
	at := time.Now().Add(d)
	if end, ok := ctx.Deadline(); ok && end.Before(at) {
		return end
	}
	return at
}

// either is a reply, or why there is none.
func either(r probe.Reply, err error) string {
	if err != nil {
		return err.Error()
	}
	return r.String()
}

// records hands TLS its octets record by record, lest it swallow the clear text
// behind them.
type records struct {
	net.Conn
	ended  bool // TCP was read to its end
	buffer [4096]byte
	unread []byte
	header [5]byte
	have   int // octets of the header that went through
	body   int // octets of the record that are still to go through
}

// Read hands out octets up to the end of a record's header or body.
func (r *records) Read(p []byte) (int, error) {
	if len(r.unread) == 0 {
		n, err := r.Conn.Read(r.buffer[:])
		r.ended = r.ended || err == io.EOF
		r.unread = r.buffer[:n]
		if n == 0 {
			return 0, err
		}
	}
	n := min(len(p), len(r.unread))
	if r.body > 0 {
		n = min(n, r.body)
		r.body -= n
	} else {
		n = copy(r.header[r.have:], r.unread[:n])
		if r.have += n; r.have == len(r.header) {
			r.have, r.body = 0, int(r.header[3])<<8|int(r.header[4])
		}
	}
	copy(p, r.unread[:n])
	r.unread = r.unread[n:]
	return n, nil
}
