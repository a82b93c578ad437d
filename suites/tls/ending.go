package tls

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// CCC is there for firewalls that want to read along. Few servers have it, and
// some that do give up more with it than the control connection.
var clearCommands = spec.Requirement{
	ID:       "TLS-022",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "CCC is accepted with 200 or refused; after 200 the control connection goes on in clear text and data stay protected",
	Cites: []spec.Citation{
		spec.RFC(4217, "5", "Otherwise, if the control connection is not protected with TLS, then a 533 reply should be sent."),
		spec.RFC(4217, "5", "o Shutdown the TLS session on the socket and leave it open. o Continue the control connection in plaintext, expecting the next command from the client to be in plaintext. o Not accept any more PBSZ or PROT commands. All subsequent data transfers must be protected with the current PROT settings."),
		spec.RFC(2228, "3", "If the command is not integrity-protected, the server must respond with a 533 reply code."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protClear, &protPrivate, &everyTransfer},
	Field:     "Clients behind firewalls that read the control connection lose the session when they ask for CCC, or the protection of their data.",
	Check: func(ctx context.Context, t *spec.T) {
		if t.Target().Security != probe.Implicit {
			r := t.Do(ctx, t.DialClear(ctx), "CCC")
			if r.Code == 530 && t.Target().Security == probe.Plain {
				r = t.Do(ctx, t.Login(ctx), "CCC")
			}
			t.ExpectRefusal(r, 533, 500, 502, 534, 530)
		}

		s := private(ctx, t)
		err := s.ClearCommandChannel(ctx)
		switch r := s.Last(); {
		case probe.CauseOf(err) == probe.Refusal:
			t.ExpectRefusal(r, 534, 500, 502, 533)
			t.Note("CCC is refused: %s", r)
			return
		case err != nil:
			t.Blame(err)
			t.Fail("200 to CCC and an orderly end of TLS on both sides", fmt.Sprintf("%s, then %v", r, err))
		}
		t.Alive(ctx, s)
		privateListing(ctx, t, s, dial(ctx, t, s, ask(ctx, t, s)), glance, "after CCC")
		for _, line := range []string{"PBSZ 0", "PROT C"} {
			if r := t.Do(ctx, s, line); r.Positive() {
				t.Warn("no more PBSZ and PROT after CCC", line+" is answered "+r.String())
			}
		}
	},
}

// REIN begins the session anew, and a session begins in clear text.
var reinitialized = spec.Requirement{
	ID:       "TLS-023",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "REIN is answered under TLS, and then TLS ends and the session goes on in clear text",
	Cites: []spec.Citation{
		spec.RFC(4217, "13", "When this command is processed by the server, the TLS session(s) MUST be cleared and the control and data connections revert to unprotected, clear communications."),
		spec.RFC(4217, "13", "If the REIN command is being used to clear a TLS session, then the reply to the REIN command MUST be sent in a protected session prior to the session(s) being cleared."),
	},
	Needs:     spec.TLS | spec.Rein | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate},
	Field:     "A client that begins anew after REIN and a server that does not wait for each other's handshakes and lines.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "the end of TLS after the reply to REIN"
		story := handshaken(ctx, t)
		l := connect(ctx, t, story)
		defer l.close()
		must := func(err error) {
			if err != nil {
				t.Blame(err)
				t.Skip("no other session: %v", err)
			}
		}
		must(l.secure(ctx, l.config(t)))
		must(l.enter(ctx, t.Target()))
		must(l.accept(ctx, "PBSZ 0", "PROT P"))
		r, err := l.do(ctx, "REIN")
		if err == nil && r.Preliminary() {
			r, err = l.hear(ctx, patience)
		}
		switch {
		case err != nil:
			t.Blame(err)
			t.Fail("a reply to REIN under TLS", err.Error())
		case !r.Positive():
			t.Skip("REIN is answered %s", r)
		case r.Code != 220:
			t.Note("unlisted-code: %s where 220 is listed", r)
		}

		// Who has not ended TLS answers in it; who has waits for the client's end.
		err = l.notified(ctx, hearing)
		if probe.CauseOf(err) == probe.Stalled {
			if r, still := l.do(ctx, "NOOP"); still == nil {
				t.Fail(expected, "NOOP under TLS is answered "+r.String())
			}
		}
		if err != nil && probe.CauseOf(err) != probe.Stalled {
			t.Blame(err)
			t.Fail(expected+", and a session that goes on", err.Error())
		}
		if err := l.unwrap(ctx, slowness); err != nil {
			t.Blame(err)
			t.Fail(expected+" in order, with close_notify", err.Error())
		}
		l.lay()
		if r, err = l.do(ctx, "NOOP"); err != nil {
			t.Blame(err)
			t.Fail("a reply to NOOP in clear text after REIN", err.Error())
		}
		if t.Target().Security != probe.Plain {
			t.Note("PROT after REIN is not judged: no password is sent in the clear to a target that asks for TLS")
			return
		}
		must(l.enter(ctx, t.Target()))
		if err := l.listing(ctx); err != nil {
			t.Blame(err)
			// What no session in clear text has is not REIN's doing.
			plain := connect(ctx, t, story)
			defer plain.close()
			must(plain.enter(ctx, t.Target()))
			if without := plain.listing(ctx); without != nil {
				t.Skip("no listing in clear text without REIN either: %v", without)
			}
			if errors.Is(err, errNoPort) {
				t.Inconclusive("after REIN: %v", err)
			}
			t.Fail("a listing in clear text after REIN", err.Error())
		}
	},
}

// Nobody knows what the other side thinks after a handshake that failed. A session
// that goes on in clear text is one that an attacker can bring about.
var failedNegotiation = spec.Requirement{
	ID:       "TLS-024",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "A failed TLS handshake on the control connection ends the session",
	Cites: []spec.Citation{
		spec.RFC(4217, "10.1", "In this case, the control connection should still be in an unprotected mode and the server SHOULD issue an unprotected '421' reply to end the session."),
		spec.RFC(4217, "10.1", "In this case, the control connection is in an unknown state and the server SHOULD simply drop the control connection."),
	},
	Needs:     spec.TLS,
	BlockedBy: []*spec.Requirement{&authTLS},
	Timeout:   3 * time.Minute,
	Field:     "A client whose handshake fails waits for a long time, and sessions pile up on the server.",
	Check: func(ctx context.Context, t *spec.T) {
		const (
			expected = "the end of the session after a handshake that failed"
			whole    = time.Minute
		)
		if t.Target().Security == probe.Implicit {
			t.Skip("the target has TLS from the first octet")
		}
		d, target := t.With(func(d *probe.Dialer, target *probe.Target) {
			target.Security, d.Timeout = probe.Plain, slowness
		})
		s := opened(ctx, t, func() (*probe.Session, error) { return d.Dial(ctx, target) })
		defer s.Close()
		if r := t.Do(ctx, s, "AUTH TLS"); r.Code != 234 {
			t.Skip("AUTH TLS is answered %s", r)
		}
		if err := s.Write(ctx, "NOOP\r\n"); err != nil {
			t.Blame(err)
			return
		}
		for end := time.Now().Add(whole); time.Now().Before(end); {
			r, err := s.Receive(ctx)
			switch cause := probe.CauseOf(err); {
			case err == nil && !r.Negative():
				t.Fail(expected, "NOOP in clear text is answered "+r.String())
			case err == nil:
				t.Note("in clear text: %s", r)
			case cause == probe.Stalled:
				// Some read a whole record before they look at it.
				_ = s.Write(ctx, fmt.Sprintf("NOOP %04000d\r\n", 0))
			default:
				t.Blame(err)
				return // an alert, an end or a reset
			}
		}
		t.Fail(expected, fmt.Sprintf("a session that is still there after %s", whole))
	},
}

// Servers that rely on the signal for urgent data are deaf under TLS, which has none.
var abort = spec.Requirement{
	ID:       "TLS-025",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "ABOR works under TLS, without urgent data",
	Cites: []spec.Citation{
		spec.RFC(4217, "14", "When TLS is implemented as a security method in FTP, the server SHOULD NOT rely on the use of SIGURG to process input on the control channel during data transfers."),
		spec.RFC(959, "4.1.3", "In the second case, the server aborts the FTP service in progress and closes the data connection, returning a 426 reply to indicate that the service request terminated abnormally. The server then sends a 226 reply, indicating that the abort command was successfully processed."),
		spec.RFC(1123, "4.1.3.3", "Even such a minimal server must be prepared to accept and defer a STAT or ABOR command that arrives during data transfer."),
	},
	Needs:     spec.TLS | spec.Login | spec.BigFile,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Timeout:   4 * time.Minute,
	Field:     "Whoever cancels a transfer under TLS loses the session, or is out of step with the replies from then on.",
	Check: func(ctx context.Context, t *spec.T) {
		const (
			expected = "426 for the transfer and 226 for ABOR"
			early    = 64 << 10
		)
		f := t.Fixture(ctx, spec.BigFile)
		s := private(ctx, t)
		t.Unsupported(t.Do(ctx, s, "ABOR"), "ABOR")
		c := dial(ctx, t, s, ask(ctx, t, s))
		defer c.Close()
		if r := t.Do(ctx, s, "RETR "+f.Path); !r.Preliminary() {
			t.Skip("RETR is refused: %s", r)
		}
		if err := c.Handshake(ctx); err != nil {
			t.Blame(err)
			t.Skip("no TLS on the data connection: %v", err)
		}
		for c.Bytes() < early {
			if _, err := c.Read(ctx, make([]byte, 4096)); err != nil {
				t.Blame(err)
				t.Inconclusive("the download has ended too early: %v", err)
			}
		}
		t.Expect(s.Send(ctx, "ABOR")).To(Succeed())
		// A server that looks at the control connection only after the transfer gets
		// rid of its data; one that leaves the connection open is not waited for.
		drained, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for err := error(nil); err == nil; {
			silent, quiet := context.WithTimeout(drained, slowness)
			_, err = c.Read(silent, make([]byte, 256<<10))
			quiet()
		}
		_ = c.Close()
		first := final(ctx, t, s)
		second, err := within(ctx, s, slowness)
		if probe.CauseOf(err) == probe.Stalled {
			// What is answered in its place was skipped.
			t.Expect(s.Send(ctx, "NOOP")).To(Succeed())
			if second, err = s.Complete(ctx); err == nil && second.Code == 200 {
				if _, late := within(ctx, s, hearing); late != nil {
					t.Fail(expected, fmt.Sprintf("%s, and then %s to the NOOP after it", first, second))
				}
			}
		}
		if err != nil {
			t.Blame(err)
			t.Fail(expected, fmt.Sprintf("%s, then %v", first, err))
		}
		switch seen := fmt.Sprintf("%s, then %s", first, second); {
		case first.Negative() && second.Positive():
			if second.Code == 225 {
				t.Note("ABOR is answered %s", second)
			}
			t.ExpectCode(first, 426, 425, 451, 552)
		case first.Positive() && second.Positive() && c.Bytes() == f.Size:
			t.Note("deferred: the transfer was complete before ABOR was read")
		case first.Positive() && second.Code == 426:
			t.Tolerate(expected, seen+", in the wrong order")
		default:
			t.Fail(expected, fmt.Sprintf("%s, after %d of %d octets", seen, c.Bytes(), f.Size))
		}
	},
}
