package transfer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

var (
	abortReplies = spec.RFC(959, "5.4", "ABOR 225, 226 500, 501, 502, 421")
	abortStop    = spec.RFC(959, "4.1.3", "In the second case, the server aborts the FTP service in progress and closes the data connection, returning a 426 reply to indicate that the service request terminated abnormally. The server then sends a 226 reply, indicating that the abort command was successfully processed.")
	deferral     = spec.RFC(1123, "4.1.3.3", "Even such a minimal server must be prepared to accept and defer a STAT or ABOR command that arrives during data transfer.")
)

// Clients send ABOR to be sure, after a transfer that may have ended.
var idleAbort = spec.Requirement{
	ID:       "XFER-028",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "ABOR without a running transfer is answered 225 or 226",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "In the first case, the server closes the data connection (if it is open) and responds with a 226 reply, indicating that the abort command was successfully processed."),
		abortReplies,
	},
	Needs: spec.Login,
	Field: "A cancelled transfer that was just complete leaves the client with an error, or waiting.",
	Check: func(ctx context.Context, t *spec.T) {
		r := t.Do(ctx, t.Login(ctx), "ABOR")
		t.Unsupported(r, "ABOR")
		t.ExpectCode(r, 225, 226)
	},
}

// early is how much of a download has come before it is disturbed.
const early = 64 << 10

// silence is how long nothing comes on a data connection that is left open. It
// ends a wait, and is no verdict by itself.
const silence = 5 * time.Second

// Cancel, in a word.
var abort = spec.Requirement{
	ID:        "XFER-029",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "ABOR stops a download: 426 for the transfer, then 226 for ABOR",
	Cites:     []spec.Citation{abortStop, deferral},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&idleAbort}),
	Takes:     time.Second,
	Field:     "Whoever cancels has to close the session. Clients that cancel take the replies to later commands for those to ABOR, and then nothing fits any more.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "async_abor_enable=YES"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		judgeAbort(ctx, t, s, func() error { return s.Send(ctx, "ABOR") })
	},
}

// notice is how long a server is given to see what comes during a transfer, before
// its data are taken from it. On a fast path they would be gone at once.
const notice = time.Second

// judgeAbort aborts a download in the middle and judges both replies. A server
// that does not look at the control connection meanwhile sends the whole file;
// the client reads on for it.
func judgeAbort(ctx context.Context, t *spec.T, s *probe.Session, send func() error) {
	f := t.Fixture(ctx, spec.BigFile)
	d := begin(ctx, t, s, f.Path)
	defer d.c.Close()
	d.read(ctx, t, early)
	const expected = "426 for the transfer and 226 for ABOR"
	if r, err := completeWithin(ctx, s, notice/10); err == nil && r.Positive() {
		t.Skip("blocked by XFER-049: the download is complete for the server: %s", r)
	}
	if err := send(); err != nil {
		t.Blame(err)
		t.Fail(expected, err.Error())
	}
	first, err := d.final(ctx, t)
	if err == nil {
		var second probe.Reply
		if second, err = d.final(ctx, t); err == nil {
			judgeReplies(ctx, t, d, f.Size, expected, first, second)
			return
		}
	}
	switch probe.CauseOf(err) {
	case probe.Closed, probe.Reset:
		t.Skip("blocked by XFER-031: %v", err)
	}
	seen := err.Error()
	if !first.IsZero() {
		seen = first.String() + ", then " + seen
	}
	t.Fail(expected, seen)
}

func judgeReplies(ctx context.Context, t *spec.T, d *download, size int64, expected string, first, second probe.Reply) {
	sent := d.n == size // before there was an answer to ABOR
	// A connection that stays open has a requirement of its own.
	_ = d.drain(ctx, t, silence)
	seen := fmt.Sprintf("%s, then %s, and %d of %d octets", first, second, d.n, size)
	switch {
	case first.Negative() && second.Positive() && d.n < size:
		if first.Code == 425 || first.Code == 451 || second.Code == 225 {
			t.Tolerate(expected, seen)
		}
		t.ExpectCode(first, 426, 425, 451, 552)
		t.ExpectCode(second, 225, 226)
	case first.Negative() && second.Positive() && sent:
		t.Note("ABOR came when the last octets were on their way: %s", seen)
	case first.Positive() && second.Positive() && d.n == size:
		t.ExpectCode(first, 226, 250)
		t.ExpectCode(second, 225, 226)
		t.Note("deferred: the transfer was complete before ABOR was read")
	case first.Positive() && second.Code == 426 && d.n < size:
		t.Tolerate(expected, seen+", in the wrong order")
	default:
		t.Fail(expected, seen)
	}
}

// final is the next reply that is not preliminary. A server that reads no command
// before it has got rid of its data is helped to.
func (d *download) final(ctx context.Context, t *spec.T) (probe.Reply, error) {
	if r, err := completeWithin(ctx, d.s, notice); err == nil {
		return r, nil
	}
	for until := time.Now().Add(patience); ; {
		goOn(ctx, t)
		before := d.n
		if err := d.drain(ctx, t, silence); probe.CauseOf(err) != probe.Stalled {
			_ = d.c.Close()
		}
		if d.n > before {
			until = time.Now().Add(patience)
		}
		r, err := completeWithin(ctx, d.s, silence)
		if err == nil || probe.CauseOf(err) != probe.Stalled || time.Now().After(until) {
			t.Blame(err)
			return r, err
		}
	}
}

// final is the next reply that is not preliminary.
func final(ctx context.Context, t *spec.T, s *probe.Session, what string) probe.Reply {
	r, err := s.Complete(ctx)
	if err != nil {
		t.Blame(err)
		t.Fail(what, err.Error())
	}
	return r
}

// The ceremony of RFC 959 §4.1, with the Data Mark urgent and, as firewalls make
// it, without.
var synchAbort = spec.Requirement{
	ID:       "XFER-030",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "ABOR after Telnet IP and Synch is recognised as ABOR, with and without a running transfer",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1", `1. User system inserts the Telnet "Interrupt Process" (IP) signal in the Telnet stream. 2. User system sends the Telnet "Synch" signal. 3. User system inserts the command (e.g., ABOR) in the Telnet stream.`),
		spec.RFC(959, "4.1", "(For other servers this may not be necessary but the actions listed above should have no unusual effect.)"),
		spec.RFC(854, `THE TELNET "SYNCH" SIGNAL`, "The Synch is sent via the TCP send operation with the Urgent flag set and the DM as the last (or only) data octet."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: []*spec.Requirement{&idleAbort, &abort},
	Takes:     2 * time.Second,
	Field:     "curl, lftp, ncftp and the ftp of BSD and Linux send it that way: to cancel takes them until a timeout.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "async_abor_enable=YES"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		plainly := func(s *probe.Session) error { return s.Write(ctx, "\xff\xf4\xff\xf2ABOR\r\n") }
		urgently := func(s *probe.Session) error { return s.Interrupt(ctx, "ABOR") }
		for _, send := range []func(*probe.Session) error{urgently, plainly} {
			s := t.Login(ctx)
			const expected = "225 or 226 to ABOR after IP and Synch"
			if err := send(s); err != nil {
				t.Blame(err)
				t.Fail(expected, err.Error())
			}
			t.ExpectCode(final(ctx, t, s, expected), 225, 226)
		}
		for _, send := range []func(*probe.Session) error{urgently, plainly} {
			s := t.Login(ctx)
			judgeAbort(ctx, t, s, func() error { return send(s) })
		}
	},
}

// The transfer is cancelled, not the session.
var abortStays = spec.Requirement{
	ID:       "XFER-031",
	Level:    report.MustNot,
	Severity: report.Critical,
	Title:    "ABOR does not close the control connection",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "The control connection is not to be closed by the server, but the data connection must be closed."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&idleAbort}),
	Takes:     time.Second,
	Field:     "Each cancelled transfer costs a login, and clients that do not expect it report that the connection was lost.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		t.Do(ctx, s, "ABOR")
		t.Alive(ctx, s)

		// What is answered is judged elsewhere, only that the session goes on is
		// not. What comes late is not taken for the answer to NOOP.
		d := begin(ctx, t, s, t.Fixture(ctx, spec.BigFile).Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		t.Blame(s.Send(ctx, "ABOR"))
		for range 2 {
			_, err := d.final(ctx, t)
			switch probe.CauseOf(err) {
			case probe.Closed, probe.Reset:
				t.Fail("a control connection that stays open after ABOR", err.Error())
			case probe.Stalled:
				t.Skip("blocked by XFER-029: %v", err)
			}
		}
		_ = d.drain(ctx, t, notice)
		_ = d.c.Close()
		t.Alive(ctx, s)
	},
}

// What was under way must end.
var abortEndsData = spec.Requirement{
	ID:       "XFER-032",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "ABOR closes the data connection",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "The server MUST close the data connection under the following conditions:"),
		spec.RFC(959, "3.2", "2. The server receives an ABORT command from the user."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: []*spec.Requirement{&abort},
	Takes:     12 * time.Second,
	Field:     "The client goes on reading, or the server goes on sending into the next transfer's time, although both have agreed that it is over.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "the end of the data connection within 5 s of ABOR"
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		t.Blame(s.Send(ctx, "ABOR"))
		answer, err := d.final(ctx, t)
		if err == nil {
			answer, err = d.final(ctx, t)
		}
		if err != nil {
			t.Skip("blocked by XFER-029: %v", err)
		}
		if probe.CauseOf(d.drain(ctx, t, silence)) == probe.Stalled {
			t.Fail(expected, fmt.Sprintf("a data connection that is open and silent, after %s", answer))
		}
		abortUpload(ctx, t, expected)
	},
}

// abortUpload is the same for an upload. A server that reads no command before the
// end of the data is not known by its silence, so the upload is ended for it.
func abortUpload(ctx context.Context, t *spec.T, expected string) {
	const deferred = 10 * time.Second
	s := t.Login(ctx)
	room := t.Room(ctx)
	c := t.Open(ctx, s)
	defer c.Close()
	if mark := t.Do(ctx, s, "STOR "+room+"/aborted.bin"); !mark.Preliminary() {
		t.Skip("blocked by XFER-010: %s", mark)
	}
	if s.Protected() {
		if err := c.Handshake(ctx); err != nil {
			t.Blame(err)
			t.Skip("no TLS on the data connection: %v", err)
		}
	}
	if err := c.Send(ctx, content(300_000)); err != nil {
		t.Blame(err)
		t.Skip("the server has ended the upload before: %v", err)
	}
	t.Sleep(ctx, notice) // until the server has begun with the data
	t.Blame(s.Send(ctx, "ABOR"))
	soon, cancel := context.WithTimeout(ctx, deferred)
	defer cancel()
	answer, err := s.Complete(soon)
	if probe.CauseOf(err) == probe.Stalled {
		_ = c.Finish(ctx)
		final(ctx, t, s, "a reply to STOR, when the upload has ended")
		final(ctx, t, s, "a reply to ABOR, when the upload has ended")
		t.Note("deferred: ABOR during an upload was answered after its end")
		return
	}
	if err != nil {
		t.Blame(err)
		t.Fail("a reply to STOR or ABOR", err.Error())
	}
	if second, err := completeWithin(ctx, s, silence); err == nil {
		answer = second
	} else {
		t.Note("one reply to both STOR and ABOR: %s", answer)
	}
	if t.Watch(ctx, c, silence) == spec.Silent && c.Send(ctx, content(1)) == nil && t.Watch(ctx, c, time.Second) == spec.Silent {
		t.Fail(expected, fmt.Sprintf("a data connection that still takes the upload, after %s", answer))
	}
}
