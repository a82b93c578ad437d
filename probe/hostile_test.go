package probe_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/passiveftp/pasv/probe"
)

const password = "s3cret-hunter2"

// hostile is a server's behaviour and what the client is to make of it.
type hostile struct {
	script func(*peer)
	// phase and cause are those of the error; fine says that there is none.
	phase probe.Phase
	cause probe.Cause
	fine  bool
	// err is the named error, says a part of the text.
	err  error
	says string
	// stray is how many replies are left over.
	stray int

	secure probe.Security
	dialer probe.Dialer
	act    func(context.Context, *probe.Session) error // when logged in
}

// impatient is for servers that are silent.
var impatient = probe.Dialer{Timeout: 700 * time.Millisecond}

// bound is what a client may allocate, in octets, whatever the server does.
const bound = 48 << 20

// retrieve fetches a file and takes its leave.
func retrieve(ctx context.Context, s *probe.Session) error {
	if _, err := s.Retrieve(ctx, "RETR file", nil); err != nil {
		return err
	}
	_, err := s.Quit(ctx)
	return err
}

// list reads a listing.
func list(ctx context.Context, s *probe.Session) error {
	offer, err := s.Passive(ctx)
	if err != nil {
		return err
	}
	c, err := s.DialData(ctx, offer.Dial(probe.DialAdvertised, s.Peer()))
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := s.Do(ctx, "LIST"); err != nil {
		return err
	}
	_, err = c.ReadAll(ctx, 1<<20)
	return err
}

func (h hostile) meet(ctx context.Context) {
	running := goleak.IgnoreCurrent()
	addr, end := play(h.script)
	dialer := h.dialer
	dialer.Passive = max(dialer.Passive, probe.OnlyPASV)
	dialer.TLS = &tls.Config{InsecureSkipVerify: true}
	if h.act == nil {
		h.act = retrieve
	}
	certified() // its cost is not the client's
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := dialer.Dial(ctx, probe.Target{
		Security: h.secure, Host: "127.0.0.1", Port: uint16(addr.Port), User: "me", Pass: password,
	})
	if err == nil {
		if err = s.Enter(ctx); err == nil {
			err = h.act(ctx, s)
		}
		s.Close()
	}
	runtime.ReadMemStats(&after)
	end()
	Expect(ctx.Err()).NotTo(HaveOccurred(), "it did not come to an end by itself")
	Eventually(func() error { return goleak.Find(running) }).Should(Succeed())
	Expect(after.TotalAlloc - before.TotalAlloc).To(BeNumerically("<", bound))

	if s != nil {
		for _, l := range s.Transcript().Lines() {
			harmless(l.Text)
		}
		Expect(s.Stray()).To(HaveLen(h.stray))
	}
	if h.fine {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	var e *probe.Error
	Expect(errors.As(err, &e)).To(BeTrue(), "%v", err)
	Expect(fmt.Sprint(e.Phase, " ", e.Cause)).To(Equal(fmt.Sprint(h.phase, " ", h.cause)), e.Error())
	harmless(e.Error())
	Expect(len(e.Error())).To(BeNumerically("<", 5000))
	Expect(e.Error()).To(ContainSubstring(h.says))
	for inner := errors.Unwrap(e); inner != nil; inner = errors.Unwrap(inner) {
		Expect(inner.Error()).NotTo(ContainSubstring(password))
	}
	if h.err != nil {
		Expect(err).To(MatchError(h.err))
	}
}

// harmless is one printable line without the password.
func harmless(text string) {
	GinkgoHelper()
	Expect(utf8.ValidString(text)).To(BeTrue(), "%q", text)
	Expect(strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })).To(Equal(-1), "%q", text)
	Expect(text).NotTo(ContainSubstring(password))
	Expect(text).NotTo(ContainSubstring(password[:8]), "nor a good deal of it")
}

// answering answers the command with the octets; "" is the greeting.
func answering(verb, octets string) func(*peer) {
	return func(p *peer) {
		p.until(verb)
		p.say(octets)
		if strings.HasPrefix(octets, "2") || strings.HasPrefix(octets, "3") {
			p.serve("")
		}
	}
}

// offering answers PASV and EPSV.
func offering(octets string) func(*peer) { return answering("PASV", octets) }

// unasked is a reply that arrives between two commands.
func unasked(secure probe.Security) hostile {
	now, sent := make(chan struct{}), make(chan struct{})
	return hostile{fine: true, stray: 1, secure: secure, script: func(p *peer) {
		if secure == probe.Explicit {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			p.serve("TYPE")
		} else {
			p.until("TYPE")
		}
		p.say("200 ok\r\n")
		select {
		case <-now:
		case <-p.stop:
			return
		}
		p.say("500 nobody asked\r\n")
		close(sent)
		p.serve("")
	}, act: func(ctx context.Context, s *probe.Session) error {
		close(now)
		select {
		case <-sent:
		case <-ctx.Done():
			return ctx.Err()
		}
		if r, err := s.Do(ctx, "NOOP"); err != nil || r.Code != 200 {
			return fmt.Errorf("NOOP: %s, %w", r, err)
		}
		return nil
	}}
}

// steps are the points of a session at which a server can misbehave: the
// command, "" being the greeting, and the phase it belongs to.
var steps = []struct {
	verb  string
	phase probe.Phase
}{
	{"", probe.Greeting}, {"USER", probe.Login}, {"PASS", probe.Login}, {"TYPE", probe.Command},
	{"PASV", probe.Passive}, {"RETR", probe.Opening}, {"QUIT", probe.Quit},
}

// everywhere is the same misbehaviour at each step.
func everywhere(what string, do func(*peer), cause probe.Cause, dialer probe.Dialer) []TableEntry {
	var entries []TableEntry
	for _, step := range steps {
		if step.verb == "" && cause == probe.Reset {
			continue // it can come before connect has returned
		}
		h := hostile{phase: step.phase, cause: cause, dialer: dialer, script: func(p *peer) {
			p.until(step.verb)
			do(p)
		}}
		if step.verb == "" && cause == probe.Stalled {
			h.cause = probe.NoGreeting
		}
		entries = append(entries, Entry(strings.TrimSpace(fmt.Sprintf("%s at %s %s", what, step.phase, step.verb)), h))
	}
	return entries
}

var _ = Describe("A hostile server", func() {
	meet := func(ctx SpecContext, h hostile) {
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		h.meet(limited)
	}

	DescribeTable("that sends without an end", meet,
		Entry("a greeting in one line", hostile{script: func(p *peer) { p.say("220 "); p.flood("x") }, phase: probe.Greeting, cause: probe.Excess, err: probe.ErrGreetingTooLong,
			dialer: probe.Dialer{Limits: probe.Limits{Greeting: 10 << 10}}, says: "an unfinished reply: 220 xxx"}),
		Entry("a line", hostile{script: func(p *peer) { p.until("USER"); p.say("331 "); p.flood("x") }, phase: probe.Login, cause: probe.Excess, err: probe.ErrLineTooLong}),
		Entry("a line of NULs", hostile{script: func(p *peer) { p.flood("\x00") }, phase: probe.Greeting, cause: probe.Excess}),
		Entry("a line of Telnet commands", hostile{script: func(p *peer) { p.flood("\xff\xfb\x01") }, phase: probe.Greeting, cause: probe.Excess}),
		Entry("a greeting of many lines", hostile{script: func(p *peer) { p.flood("220-welcome\r\n") }, phase: probe.Greeting, cause: probe.Excess, err: probe.ErrGreetingTooLong}),
		Entry("a reply of many lines", hostile{script: func(p *peer) { p.until("TYPE"); p.flood("200-" + strings.Repeat("x", 1000) + "\r\n") }, phase: probe.Command, cause: probe.Excess, err: probe.ErrReplyTooLong}),
		Entry("a reply of short lines", hostile{script: func(p *peer) { p.until("PASV"); p.say("227-\r\n"); p.flood("\n") }, phase: probe.Passive, cause: probe.Excess, err: probe.ErrTooManyLines}),
		Entry("120", hostile{script: func(p *peer) { p.flood("120 soon\r\n") }, phase: probe.Greeting, cause: probe.Excess, err: probe.ErrTooManyPreliminary}),
		Entry("preliminary replies to a transfer", hostile{script: func(p *peer) {
			d := p.opened("RETR")
			_ = d.Close()
			p.flood("150 still\r\n")
		}, phase: probe.Completion, cause: probe.Excess, err: probe.ErrTooManyPreliminary}),
		Entry("replies that nobody asked for", hostile{script: func(p *peer) { p.until("TYPE"); p.flood("200 ok\r\n") }, phase: probe.Command, cause: probe.Excess, err: probe.ErrTooManyReplies, stray: 100,
			act: func(ctx context.Context, s *probe.Session) (err error) {
				for err == nil {
					_, err = s.Do(ctx, "NOOP")
				}
				return err
			}}),
		Entry("large replies that nobody asked for", hostile{script: func(p *peer) {
			p.until("TYPE")
			for {
				p.say("200-" + strings.Repeat("x", 9000) + "\r\n200 ok\r\n")
			}
		}, phase: probe.Command, cause: probe.Excess, err: probe.ErrTooManyReplies, stray: 11, dialer: probe.Dialer{Limits: probe.Limits{Reply: 100_000}},
			act: func(ctx context.Context, s *probe.Session) (err error) {
				for err == nil {
					_, err = s.Do(ctx, "NOOP")
				}
				return err
			}}),
		Entry("a listing", hostile{script: func(p *peer) {
			d := p.opened("LIST")
			defer d.Close()
			for {
				if _, err := io.WriteString(d, strings.Repeat("-rw-r--r-- 1 a b 5 Jan 1 2020 file\r\n", 1000)); err != nil {
					return
				}
			}
		}, phase: probe.Transferring, cause: probe.Excess, err: probe.ErrTooMuchData, act: list}),
		Entry("a line under TLS", hostile{script: func(p *peer) { p.until("AUTH"); p.say("234 go\r\n"); p.secure(); p.say("331 "); p.flood("x") }, secure: probe.Explicit, phase: probe.Login, cause: probe.Excess, err: probe.ErrLineTooLong}),
		Entry("TLS handshake records", hostile{script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.flood("\x16\x03\x03\x00\x04\x02\xff\xff\xff")
		}, secure: probe.Explicit, phase: probe.TLS, cause: probe.Handshake}),
		Entry("TLS warnings", hostile{script: func(p *peer) { p.until("AUTH"); p.say("234 go\r\n"); p.flood("\x15\x03\x03\x00\x02\x01\x5a") }, secure: probe.Explicit, phase: probe.TLS, cause: probe.Handshake}),
		Entry("one octet at a time: a greeting", hostile{script: func(p *peer) { p.drip("220-slow\r\n") }, phase: probe.Greeting, cause: probe.Stalled, says: "bytes of an unfinished reply: 220-slow",
			dialer: probe.Dialer{ReplyTimeout: 700 * time.Millisecond}}),
		Entry("one octet at a time: a reply", hostile{script: func(p *peer) { p.until("PASS"); p.drip("230-slow\r\n") }, phase: probe.Login, cause: probe.Stalled, says: "bytes of an unfinished reply: 230-slow",
			dialer: probe.Dialer{ReplyTimeout: 700 * time.Millisecond}}),
		Entry("one octet at a time, with the default bound", hostile{script: func(p *peer) { p.until("PASS"); p.drip("230-slow\r\n") }, phase: probe.Login, cause: probe.Stalled, says: "bytes of an unfinished reply: 230-slow",
			dialer: probe.Dialer{Timeout: 500 * time.Millisecond}}),
	)

	DescribeTable("that says nothing", meet, everywhere("is silent", (*peer).silent, probe.Stalled, impatient),
		Entry("on the data connection", hostile{script: func(p *peer) { d := p.opened("RETR"); defer d.Close(); p.silent() }, phase: probe.FirstByte, cause: probe.Stalled, dialer: impatient}),
		Entry("in the middle of the data", hostile{script: func(p *peer) {
			d := p.opened("RETR")
			defer d.Close()
			_, _ = io.WriteString(d, "hel")
			p.silent()
		}, phase: probe.Transferring, cause: probe.Stalled, says: "after 3 bytes", dialer: impatient}),
		Entry("after the data, and does not end them", hostile{script: func(p *peer) {
			d := p.opened("RETR")
			defer d.Close()
			_, _ = io.WriteString(d, "hello")
			p.say("226 done\r\n")
			p.silent()
		}, phase: probe.Transferring, cause: probe.Stalled, dialer: impatient}),
		Entry("after the data", hostile{script: func(p *peer) { _ = p.opened("RETR").Close(); p.silent() }, phase: probe.Completion, cause: probe.Stalled, dialer: impatient}),
		Entry("after half a reply", hostile{script: answering("USER", "331-go\r\n331"), phase: probe.Login, cause: probe.Stalled, says: "after 11 bytes of an unfinished reply", dialer: impatient}),
		Entry("to a TLS handshake", hostile{script: answering("AUTH", "234 go\r"+"\n"), phase: probe.TLS, cause: probe.Stalled, secure: probe.Explicit, dialer: impatient}),
		Entry("to a TLS handshake at once", hostile{script: (*peer).silent, phase: probe.TLS, cause: probe.Stalled, secure: probe.Implicit, dialer: impatient}),
	)

	DescribeTable("that closes", meet, everywhere("closes", func(p *peer) { _ = p.Close() }, probe.Closed, probe.Dialer{}),
		Entry("after the data", hostile{script: func(p *peer) { _ = p.opened("RETR").Close(); _ = p.Close() }, phase: probe.Completion, cause: probe.Closed}),
		Entry("the control connection, but not the data connection", hostile{script: func(p *peer) {
			d := p.opened("RETR")
			_ = p.Close()
			_, _ = io.WriteString(d, "hello")
			_ = d.Close()
		}, phase: probe.Completion, cause: probe.Closed}),
		Entry("the data connection too early, and says so", hostile{script: func(p *peer) {
			d := p.opened("RETR")
			_, _ = io.WriteString(d, "hel")
			_ = d.Close()
			p.say("426 \x1b[1msorry\r\n")
		}, phase: probe.Completion, cause: probe.Refusal, says: `426 \x1b[1msorry`}),
		Entry("in the middle of a reply", hostile{script: func(p *peer) { p.say("220-hello\r\n"); _ = p.Close() }, phase: probe.Greeting, cause: probe.Closed, says: `closed by the peer after 11 bytes of an unfinished reply: 220-hello\r\n`}),
		Entry("in the middle of the password", hostile{script: func(p *peer) { p.until("PASS"); p.say("530 not " + password[:10]); _ = p.Close() }, phase: probe.Login, cause: probe.Closed, says: "530 not ***"}),
		Entry("after having said 421 before it was asked", hostile{script: func(p *peer) {
			p.until("PASS")
			p.say("230 in\r\n421 too long \x07\r\n")
			_ = p.tcp.CloseWrite()
		}, phase: probe.Command, cause: probe.Closed, says: `the server had said: 421 too long \a`, stray: 1}),
		Entry("TLS without a close_notify", hostile{script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			p.serve("TYPE")
			_ = p.tcp.CloseWrite()
		}, secure: probe.Explicit, phase: probe.Command, cause: probe.Closed}),
		Entry("instead of a TLS handshake", hostile{script: func(p *peer) { p.until("AUTH"); p.say("234 go\r\n"); _ = p.tcp.CloseWrite() }, secure: probe.Explicit, phase: probe.TLS, cause: probe.Closed}),
	)

	DescribeTable("that resets", meet, everywhere("resets", func(p *peer) { reset(p.tcp) }, probe.Reset, probe.Dialer{}),
		Entry("instead of a greeting", hostile{script: func(p *peer) { p.secure(); reset(p.tcp) }, secure: probe.Implicit, phase: probe.Greeting, cause: probe.Reset}),
		Entry("the data connection before the data", hostile{script: func(p *peer) { reset(p.opened("RETR")); p.say("426 sorry\r\n") }, phase: probe.FirstByte, cause: probe.Reset}),
		Entry("after the data", hostile{script: func(p *peer) { _ = p.opened("RETR").Close(); reset(p.tcp) }, phase: probe.Completion, cause: probe.Reset}),
		Entry("everything during the data", hostile{script: func(p *peer) { d := p.opened("RETR"); reset(p.tcp); reset(d) }, phase: probe.FirstByte, cause: probe.Reset}),
		Entry("in the middle of a reply", hostile{script: func(p *peer) { p.until("USER"); p.say("331-\x1b[2J"); reset(p.tcp) }, phase: probe.Login, cause: probe.Reset, says: `unfinished reply: 331-\x1b[2J`}),
	)

	DescribeTable("that refuses with 421", meet, func() (entries []TableEntry) {
		for _, step := range steps {
			if step.verb != "QUIT" { // whose reply is given back
				entries = append(entries, Entry(fmt.Sprintf("at %s %s", step.phase, step.verb), hostile{phase: step.phase, cause: probe.Refusal, says: "421 going down", script: answering(step.verb, "421 going down\r\n")}))
			}
		}
		return entries
	}(),
		Entry("after the data", hostile{script: func(p *peer) { _ = p.opened("RETR").Close(); p.say("421 going down\r\n") }, phase: probe.Completion, cause: probe.Refusal, says: "421"}),
	)

	DescribeTable("that has odd replies", meet,
		Entry("code 000", hostile{script: answering("", "000 nothing\r\n"), phase: probe.Greeting, cause: probe.Refusal, says: "000 nothing"}),
		Entry("code 999", hostile{script: answering("", "999 much\r\n"), phase: probe.Greeting, cause: probe.Refusal}),
		Entry("code 6yz", hostile{script: answering("TYPE", "631 AAAA\r\n"), phase: probe.Command, cause: probe.Refusal}),
		Entry("a preliminary reply to a login", hostile{script: answering("USER", "150 wait\r\n"), phase: probe.Login, cause: probe.Refusal}),
		Entry("one octet in a segment", hostile{fine: true, script: func(p *peer) {
			for _, c := range "220-a\r\n220 b\r\n" {
				p.say(string(c))
			}
			p.serve("")
		}}),
		Entry("NULs", hostile{fine: true, script: answering("", "220 \x00a\x00\r\x00\r\n")}),
		Entry("8-bit octets", hostile{fine: true, script: answering("", "220 \x80\xfe caf\xe9 \xff\xff \u202e\r\n")}),
		Entry("escape sequences in a greeting that refuses", hostile{script: answering("", "500 \x1b]0;evil\x07\x1b[2J\x9b31m\r\n"), phase: probe.Greeting, cause: probe.Refusal, says: `500 \x1b]0;evil\a`}),
		Entry("escape sequences in a greeting", hostile{fine: true, script: answering("", "220-\x1b]0;evil\x07\r\n\x1b[2J\r\n220 \x9b31m\r\n")}),
		Entry("escape sequences in a 230", hostile{fine: true, script: answering("PASS", "230-\x1b[2J\r\n230 \x1bc\r\n")}),
		Entry("escape sequences in a 530", hostile{script: answering("PASS", "530-\x1b[2J\r\n530 \x1bc\r\n"), phase: probe.Login, cause: probe.Refusal, says: `530-\x1b[2J … 530 \x1bc`}),
		Entry("escape sequences in a 227", hostile{script: offering("227 \x1b[2J(1,2,3)\r\n"), phase: probe.Passive, cause: probe.Unreadable, says: `227 \x1b[2J(1,2,3)`}),
		Entry("escape sequences in a 550", hostile{script: answering("RETR", "550 \x1b]52;c;ZXZpbA==\x07\r\n"), phase: probe.Opening, cause: probe.Refusal}),
		Entry("escape sequences where a reply is due", hostile{script: answering("USER", "\x1b[2J331 go\r\n"), phase: probe.Login, cause: probe.Alien}),
		Entry("the password in a 530", hostile{script: answering("PASS", "530 PASS "+password+" is wrong\r\n"), phase: probe.Login, cause: probe.Refusal, says: "530 PASS *** is wrong"}),
		Entry("the password in several lines", hostile{script: answering("PASS", "530-"+password+"\r\n "+password+"\r\n530 "+password+"\r\n"), phase: probe.Login, cause: probe.Refusal, says: "530-*** … 530 ***"}),
		Entry("the password where a reply is due", hostile{script: answering("PASS", "PASS "+password+"?\r\n"), phase: probe.Login, cause: probe.Alien, says: "PASS ***?"}),
		Entry("the password where it is cut", hostile{script: answering("PASS", strings.Repeat("x", 256-10)+password+"\r\n"), phase: probe.Login, cause: probe.Alien, says: "xxx***"}),
		Entry("the password in a 227", hostile{script: offering("227 " + password + "\r\n"), phase: probe.Passive, cause: probe.Unreadable, says: "227 ***"}),
		Entry("60,000 octets of refusal", hostile{script: answering("USER", "530 "+strings.Repeat("é", 30000)+"\r\n"), phase: probe.Login, cause: probe.Refusal, says: "…"}),
	)

	DescribeTable("that gets out of step", meet,
		Entry("two replies in one segment", hostile{fine: true, stray: 1, script: answering("USER", "331 one\r\n530 two\r\n")}),
		Entry("a reply before the command", hostile{fine: true, stray: 1, script: answering("PASS", "230 in\r\n530 no\r\n")}),
		Entry("every reply twice", hostile{fine: true, stray: 3, script: func(p *peer) {
			p.say("220 one\r\n220 two\r\n")
			for _, verb := range []string{"USER", "PASS"} {
				p.serve(verb)
				p.say(customary[verb] + "500 again\r\n")
			}
			p.serve("")
		}}),
		Entry("half a reply too many", hostile{fine: true, stray: 1, script: func(p *peer) {
			p.until("USER")
			p.say("331 go\r\n530 this is")
			p.serve("PASS")
			p.say(" none\r\n230 in\r\n")
			p.serve("")
		}}),
		Entry("a late reply", hostile{fine: true, stray: 1, dialer: impatient, script: func(p *peer) {
			p.until("NOOP")
			p.serve("PWD")
			p.say("200 late\r\n257 \"/\"\r\n")
			p.serve("")
		}, act: func(ctx context.Context, s *probe.Session) error {
			if _, err := s.Do(ctx, "NOOP"); probe.CauseOf(err) != probe.Stalled {
				return fmt.Errorf("NOOP was answered: %w", err)
			}
			if r, err := s.Do(ctx, "PWD"); err != nil || r.Code != 257 {
				return fmt.Errorf("PWD: %s, %w", r, err)
			}
			return retrieve(ctx, s)
		}}),
		Entry("a reply that waits in the socket", unasked(probe.Plain)),
		Entry("a reply that waits in the socket, under TLS", unasked(probe.Explicit)),
		Entry("a reply too many under TLS", hostile{fine: true, stray: 1, secure: probe.Explicit, script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			p.serve("USER")
			p.say("331 go\r\n530 no\r\n")
			p.serve("TYPE")
			p.say("200 ok\r\n")
		}, act: func(context.Context, *probe.Session) error { return nil }}),
		Entry("a reply too many under TLS, in a record of its own", hostile{fine: true, stray: 1, secure: probe.Explicit, script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			p.serve("USER")
			p.say("331 go\r\n")
			p.serve("PASS")
			p.twice("230 in\r\n", "500 no\r\n")
			p.serve("TYPE")
			p.say("200 ok\r\n")
		}, act: func(context.Context, *probe.Session) error { return nil }}),
		Entry("clear text behind the reply to AUTH", hostile{fine: true, secure: probe.Explicit, script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n230 you are in\r\n")
			p.secure()
			p.serve("TYPE")
			p.say("200 ok\r\n")
		}, act: func(_ context.Context, s *probe.Session) error {
			for _, l := range s.Transcript().Lines() {
				if strings.HasPrefix(l.Text, "PASS") {
					return nil
				}
			}
			return errors.New("logged in without a password")
		}}),
	)

	DescribeTable("that is none", meet,
		Entry("HTTP, when spoken to", hostile{script: func(p *peer) {
			p.line()
			p.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		}, phase: probe.Greeting, cause: probe.Alien, says: "HTTP/1.1 400", dialer: impatient}),
		Entry("HTTP", hostile{script: answering("", "HTTP/1.1 400 Bad Request\r\n\r\n"), phase: probe.Greeting, cause: probe.Alien}),
		Entry("SSH", hostile{script: answering("", "SSH-2.0-OpenSSH_9.9\r\n"), phase: probe.Greeting, cause: probe.Alien, says: "SSH-2.0"}),
		Entry("SMTP", hostile{script: func(p *peer) { p.until("USER"); p.say("502 5.5.2 not recognized\r\n") }, phase: probe.Login, cause: probe.Refusal}),
		Entry("TLS, when spoken to", hostile{script: func(p *peer) { p.line(); p.say("\x15\x03\x01\x00\x02\x02\x46") }, phase: probe.Greeting, cause: probe.Alien, dialer: impatient}),
		Entry("clear text where TLS is due", hostile{script: answering("", "220 hello\r"+"\n"), phase: probe.TLS, cause: probe.Handshake, secure: probe.Implicit}),
		Entry("garbage behind AUTH", hostile{script: func(p *peer) { p.until("AUTH"); p.say("234 go\r\n"); p.read(); p.say("\x00\x1b[2J garbage\r\n") }, phase: probe.TLS, cause: probe.Handshake, secure: probe.Explicit}),
		Entry("garbage instead of TLS on the data connection", hostile{script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			d := p.secured()
			defer d.Close()
			_, _ = io.WriteString(d, "\x00\x1b[2J garbage\r\n")
			p.say("426 no\r\n")
		}, phase: probe.DataTLS, cause: probe.Handshake, secure: probe.Explicit}),
		Entry("silence instead of TLS on the data connection", hostile{script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			defer p.secured().Close()
			p.silent()
		}, phase: probe.DataTLS, cause: probe.Stalled, secure: probe.Explicit, dialer: impatient}),
	)

	DescribeTable("that names an odd place", meet,
		Entry("10,000 digits", hostile{script: offering("227 (" + strings.Repeat("1", 10000) + ",0,0,1,4,1)\r\n"), phase: probe.Passive, cause: probe.Unreadable}),
		Entry("10,000 numbers", hostile{script: offering("227 (" + strings.Repeat("1,", 10000) + "1)\r\n"), phase: probe.Passive, cause: probe.Unreadable}),
		Entry("garbage in a 229", hostile{script: answering("EPSV", "229 (|||\xff\x00\x1b|)\r\n"), phase: probe.Passive, cause: probe.Unreadable, dialer: probe.Dialer{Passive: probe.OnlyEPSV}}),
		Entry("port 65536 in a 229", hostile{script: answering("EPSV", "229 (|||65536|)\r\n"), phase: probe.Passive, cause: probe.Unreadable, dialer: probe.Dialer{Passive: probe.OnlyEPSV}}),
		Entry("port 0", hostile{script: offering("227 (127,0,0,1,0,0)\r\n"), phase: probe.Passive, cause: probe.Unreadable, says: "port 0"}),
		Entry("port 0 in a 229", hostile{script: answering("EPSV", "229 (|||0|)\r\n"), phase: probe.Passive, cause: probe.Unreadable, says: "port 0", dialer: probe.Dialer{Passive: probe.OnlyEPSV}}),
		Entry("0.0.0.0", hostile{script: offering("227 (0,0,0,0,4,1)\r\n"), phase: probe.DataConnect, cause: probe.Unreachable}),
		Entry("255.255.255.255", hostile{script: offering("227 (255,255,255,255,4,1)\r\n"), phase: probe.DataConnect, cause: probe.Unreachable}),
		Entry("a multicast address", hostile{script: offering("227 (224,0,0,1,4,1)\r\n"), phase: probe.DataConnect, cause: probe.Unreachable}),
		Entry("another host", hostile{script: offering("227 (198,51,100,1,4,1)\r\n"), phase: probe.DataConnect, cause: probe.Unreachable}),
		Entry("a port where nothing listens", hostile{script: func(p *peer) {
			p.until("PASV")
			offer := p.offer()
			_ = p.port.Close()
			p.say(offer)
		}, phase: probe.DataConnect, cause: probe.Refused}),
	)

	DescribeTable("that has odd data connections", meet,
		Entry("data before the command", hostile{fine: true, script: func(p *peer) {
			p.until("PASV")
			p.say(p.offer())
			d := p.data()
			_, _ = io.WriteString(d, "hello")
			p.serve("RETR")
			p.say("150 here it came\r\n")
			_ = d.Close()
			p.say("226 done\r\n")
			p.serve("")
		}}),
		Entry("more data than SIZE said", hostile{fine: true, script: func(p *peer) {
			d := p.opened("RETR")
			_, _ = io.WriteString(d, strings.Repeat("x", 1<<20))
			_ = d.Close()
			p.say("226 done\r\n")
			p.serve("")
		}, act: func(ctx context.Context, s *probe.Session) error {
			size, err := s.Size(ctx, "file")
			if err != nil || size != 5 {
				return fmt.Errorf("SIZE: %d, %w", size, err)
			}
			t, err := s.Retrieve(ctx, "RETR file", nil)
			if err == nil && t.Bytes != 1<<20 {
				err = fmt.Errorf("%d bytes", t.Bytes)
			}
			return err
		}}),
	)

	It("has its address and its cause told when it listens nowhere", func(ctx SpecContext) {
		addr, end := play((*peer).silent)
		end()
		at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(addr.Port))
		for _, icmp := range []bool{false, true} {
			_, err := (&probe.Dialer{ICMP: icmp}).Dial(ctx, probe.Target{Host: "127.0.0.1", Port: at.Port()})
			var e *probe.Error
			Expect(errors.As(err, &e)).To(BeTrue())
			Expect(e.Cause).To(Equal(probe.Refused))
			Expect(e.ICMP).To(BeNil(), "a RST is no ICMP message")
			Expect(e.Error()).To(Equal("connect " + at.String() + ": connection refused"))
		}
	})
})
