package passive

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Whoever guesses a port may connect to it beside the client. The kernel lets
// them; the server must not let them have anything.
var oneConnection = spec.Requirement{
	ID:       "PASV-019",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "Only one data connection per PASV is used: data never go to a second connection",
	Cites: []spec.Citation{
		spec.RFC(2577, "8", "The attacker can make a connection to this port, thus denying another legitimate client the ability to make a transfer. Alternatively, the attacker can steal a file meant for a legitimate user."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.File,
	BlockedBy: []*spec.Requirement{&earlyConnection},
	Timeout:   3 * time.Minute,
	Field:     "A second connection, by accident or on purpose, takes part of a file or breaks the transfer of the client that asked for it.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		sound(ctx, t, s, f)
		c1 := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
		defer c1.Close()
		c2 := reconnect(ctx, t, s, c1.Addr())
		if c2 == nil {
			m := t.TakeOn(ctx, s, c1, "RETR "+f.Path)
			t.ExpectComplete(m)
			t.ExpectContent(m.Data, f.Content, "RETR after a second connection was refused")
			return
		}
		defer c2.Close()

		t.ExpectCode(t.Do(ctx, s, "RETR "+f.Path), 125, 150)
		both := []*probe.DataConn{c1, c2}
		if s.Protected() {
			both = shaken(ctx, t, c1, c2)
		}
		served, data := drain(ctx, t, both)
		_ = both[served].Close()
		t.ExpectCode(t.Receive(ctx, s, "a final reply to RETR"), 226, 250)
		t.ExpectContent(data, f.Content, "RETR with two connections to the port")

		t.PASV(ctx, s)
		gone(ctx, t, s, both[1-served], "a second connection that gets nothing and is closed")
	},
}

// shaken puts TLS on the one of two connections that the server has taken, and
// returns that one first.
func shaken(ctx context.Context, t *spec.T, c1, c2 *probe.DataConn) []*probe.DataConn {
	short, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if c1.Handshake(short) == nil {
		return []*probe.DataConn{c1, c2}
	}
	if err := c2.Handshake(ctx); err != nil {
		t.Blame(err)
		t.Fail("a TLS handshake on one of two connections to the port", err.Error())
	}
	return []*probe.DataConn{c2, c1}
}

// drain reads what comes on two connections until the one on which something
// comes has ended. Which one that is, and what came, it returns; data on both
// fail.
func drain(ctx context.Context, t *spec.T, both []*probe.DataConn) (served int, data []byte) {
	const (
		turn     = 50 * time.Millisecond
		patience = 30 * time.Second
		most     = 2 * spec.FileSize
	)
	buffer := make([]byte, 32<<10)
	got, ended := [2][]byte{}, [2]bool{}
	for last := time.Now(); time.Since(last) < patience; {
		for i, c := range both {
			if ended[i] {
				continue
			}
			short, cancel := context.WithTimeout(ctx, turn)
			n, err := c.Read(short, buffer)
			cancel()
			got[i] = append(got[i], buffer[:n]...)
			if n > 0 {
				last = time.Now()
			}
			if err != nil && probe.CauseOf(err) != probe.Stalled {
				t.Blame(err)
				ended[i] = true
			}
			if ctx.Err() != nil {
				t.Inconclusive("%v", ctx.Err())
			}
		}
		switch {
		case len(got[0]) > 0 && len(got[1]) > 0:
			t.Fail("all data on one connection", fmt.Sprintf("%d octets on the first connection and %d on the second", len(got[0]), len(got[1])))
		case ended[0] && ended[1], len(got[0]) > 0 && ended[0], len(got[0]) > most:
			if len(got[1]) > 0 {
				return 1, got[1]
			}
			return 0, got[0]
		case len(got[1]) > 0 && ended[1], len(got[1]) > most:
			return 1, got[1]
		}
	}
	t.Fail("data on one of two connections to the port", fmt.Sprintf("neither data nor their end for %s", patience))
	return 0, nil
}

// The port is open to everybody who can reach the server. Only the address
// tells the client from a thief, at least without TLS.
var sameAddress = spec.Requirement{
	ID:       "PASV-020",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "A data connection from another address than the control connection's is not used",
	Cites: []spec.Citation{
		spec.RFC(2577, "4", "the server should confirm that the network address of the remote hosts on both the control connection and the data connection are within the organization before sending a restricted file."),
		spec.RFC(2577, "8", "Alternatively, the attacker can steal a file meant for a legitimate user. In addition, an attacker can insert a forged file into a data stream thought to come from an authenticated client."),
	},
	Needs:     spec.Login | spec.IPv4 | spec.File | spec.Source2,
	BlockedBy: []*spec.Requirement{&earlyConnection, &lateConnection},
	Takes:     2 * time.Second,
	Timeout:   5 * time.Minute,
	Field:     "Anybody who connects to a passive port first gets the file, or has a forged one stored. Servers that take part in transfers between two servers (FXP) allow it on purpose.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "pasv_promiscuous=NO"},
		{Server: "ProFTPD", Setting: "AllowForeignAddress off"},
		{Server: "pyftpdlib", Setting: "handler.permit_foreign_addresses = False"},
		{Server: "IIS", Setting: `matchClientAddressForPasv="true" of ftpServer/security/dataChannelSecurity`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		room := t.Room(ctx)
		s := t.Login(ctx)
		sound(ctx, t, s, f)
		d, target := t.With(func(d *probe.Dialer, _ *probe.Target) { d.Source = t.Source2() })
		stranger, err := d.Open(ctx, target)
		if err != nil {
			t.Blame(err)
			t.Skip("missing: src2 (%v)", err)
		}
		t.Keep(stranger)

		b := beset{t: t, session: s, stranger: stranger}
		got := b.try(ctx, "RETR "+f.Path, nil, func(c *probe.DataConn) ([]byte, error) { return c.ReadAll(ctx, 2*spec.FileSize) })
		t.ExpectContent(got, f.Content, "RETR after a connection from another address")

		path := room + "/stored"
		b.try(ctx, "STOR "+path, []byte("forged"), func(c *probe.DataConn) ([]byte, error) {
			if err := c.Send(ctx, bytes.NewReader(f.Content)); err != nil {
				return nil, err
			}
			return nil, c.Finish(ctx)
		})
	},
}

// beset is a session to whose passive ports a stranger connects first.
type beset struct {
	t                 *spec.T
	session, stranger *probe.Session
}

// try runs a transfer command when a stranger is connected to its port, who sends
// something if there is something to send. The stranger must get nothing, and
// nothing may end well yet. Then the client moves its own data: on the same
// port, or on a new one when the server has refused the transfer.
func (b beset) try(ctx context.Context, line string, forged []byte, move func(*probe.DataConn) ([]byte, error)) []byte {
	const hearing = 3 * time.Second
	t, s := b.t, b.session
	host := reachable(ctx, t)
	at := netip.AddrPortFrom(host, t.PASV(ctx, s).Advertised.Port)
	theirs, err := b.stranger.DialData(ctx, at)
	if err != nil {
		t.Blame(err)
		t.Skip("no connection from %s to the port: %v", t.Source2(), err)
	}
	defer theirs.Close()
	// A server that takes connections at once may complain at once, before there
	// is a command to refuse.
	t.Sleep(ctx, time.Second)
	t.Expect(s.Send(ctx, line)).To(Succeed())

	short, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	if s.Protected() {
		// It is for the server to turn them away; whether at this point or later
		// does not matter.
		_ = theirs.Handshake(short)
	}
	if len(forged) > 0 {
		_ = theirs.Send(short, bytes.NewReader(forged))
		_ = theirs.Finish(short)
	}
	if t.Watch(ctx, theirs, hearing) == spec.Spoke {
		t.Fail("no data for "+t.Source2().String(), "data on a connection from there")
	}
	r, marked := b.soFar(ctx)
	if r.Positive() && len(forged) > 0 {
		t.Fail("a refusal, or waiting for the client itself", fmt.Sprintf("what %s sent is stored: %s", t.Source2(), r))
	}
	if r.IsZero() {
		if ours := reconnect(ctx, t, s, at); ours != nil {
			defer ours.Close()
			data, final := b.resume(ctx, ours, marked, move)
			if final.Positive() {
				return data
			}
		} else if await(ctx, t, s, minute).IsZero() {
			t.Fail("a transfer to its end, or a refusal", "the client cannot connect to its port any more, and its command is not answered")
		}
	}

	c := t.Connect(ctx, s, t.PASV(ctx, s), &listening)
	defer c.Close()
	t.Expect(s.Send(ctx, line)).To(Succeed())
	data, final := b.resume(ctx, c, false, move)
	t.ExpectCode(final, 226, 250)
	return data
}

// soFar is what the server has answered to the running transfer command: a final
// reply, or whether it has sent a 1yz.
func (b beset) soFar(ctx context.Context) (final probe.Reply, marked bool) {
	for {
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		r, err := b.session.Receive(short)
		cancel()
		if err != nil || !r.Preliminary() {
			return r, marked
		}
		marked = true
	}
}

// resume goes on with a transfer command that was sent.
func (b beset) resume(ctx context.Context, c *probe.DataConn, marked bool, move func(*probe.DataConn) ([]byte, error)) (data []byte, final probe.Reply) {
	t, s := b.t, b.session
	if !marked {
		if r := t.Receive(ctx, s, "a reply"); !r.Preliminary() {
			return nil, r
		}
	}
	var err error
	if s.Protected() {
		err = c.Handshake(ctx)
	}
	if err == nil {
		data, err = move(c)
	}
	_ = c.Close()
	final = await(ctx, t, s, minute)
	switch {
	case final.IsZero():
		t.Fail("a final reply", "none within "+minute.String())
	case final.Positive():
		t.Expect(err).NotTo(HaveOccurred(), "the client's own transfer")
	}
	return data, final
}
