package control

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// idleFixes are the settings of the idle timeout.
var idleFixes = []spec.Fix{
	{Server: "vsftpd", Setting: "idle_session_timeout=300"},
	{Server: "ProFTPD", Setting: "TimeoutIdle 600"},
	{Server: "Pure-FTPd", Setting: "-I 15 (minutes)"},
	{Server: "pyftpdlib", Setting: "handler.timeout = 300"},
	{Server: "FileZilla Server", Setting: "Protocols settings > Timeouts > Activity timeout: 60 minutes"},
	{Server: "IIS", Setting: `controlChannelTimeout="300" of ftpServer/connections`},
}

// People think between two commands. A client only sees what is configured, so
// that this is never more than a warning.
var idleLongEnough = spec.Requirement{
	ID:       "CTL-023",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "An idle session lasts for five minutes at least",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.3.2", "The idle timeout time SHOULD be configurable, and the default should be at least 5 minutes."),
	},
	Needs:   spec.Login | spec.Slow,
	Field:   "Users lose their session while they look at a listing, and clients theirs while they compare trees.",
	Fixes:   idleFixes,
	Timeout: 15 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		const fiveMinutes = 295 * time.Second // and a little less, for clocks that differ
		s := t.Login(ctx)
		expected := fmt.Sprintf("the session open after %s of silence", fiveMinutes)
		if idle, how := untilEnd(ctx, t, s, t.Shortened(fiveMinutes)); how != "" {
			t.Warn(expected, fmt.Sprintf("its end after %s: %s", idle.Round(time.Second), how))
		}
		if r, err := s.Do(ctx, "NOOP"); err != nil {
			t.Blame(err)
			t.Warn(expected, err.Error())
		} else if r.Code == 421 {
			t.Warn(expected, r.String())
		}
	},
}

// Clients die without a word, and each leaves a session behind.
var idleEnds = spec.Requirement{
	ID:       "CTL-024",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "An idle session is ended after some time",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.3.2", "A Server-FTP process SHOULD have an idle timeout, which will terminate the process and close the control connection if the server is inactive (i.e., no command or data transfer in progress) for a long period of time."),
	},
	Needs:   spec.Login | spec.Slow,
	Field:   "Sessions of clients that have crashed stay for ever, until the server takes no new ones.",
	Fixes:   idleFixes,
	Timeout: 3 * time.Hour,
	Check: func(ctx context.Context, t *spec.T) {
		limit := idleLimit(t)
		s := t.Login(ctx)
		idle, how := untilEnd(ctx, t, s, limit)
		expected := fmt.Sprintf("the end of a session that is idle for %s", limit)
		if how == "" {
			t.Warn(expected, "it is still open")
		}
		if s.Last().Code == 421 {
			if e := listen(ctx, t, s, 10*time.Second); e.kind != ended {
				t.Warn(expected, how+", and it is still open")
			}
		}
		t.Note("an idle session is ended after %s: %s", idle.Round(time.Second), how)
	},
}

// idleLimit is how long an idle session is watched: the declared timeout, or half
// an hour, and some more for the server to notice.
func idleLimit(t *spec.T) time.Duration {
	limit := t.Declared().IdleTimeout
	if limit == 0 {
		limit = 30 * time.Minute
	}
	return t.Shortened(limit + limit/10 + 15*time.Second)
}

// untilEnd is silent on a session for d at most. It returns how long that lasted
// and how it ended: by 421 or by the end of the connection; empty when it did
// not. Other replies have a requirement of their own.
func untilEnd(ctx context.Context, t *spec.T, s *probe.Session, d time.Duration) (idle time.Duration, how string) {
	for start := time.Now(); ; {
		e := listen(ctx, t, s, d-time.Since(start))
		idle = time.Since(start)
		switch {
		case e.kind == ended, e.reply.Code == 421:
			return idle, e.text
		case e.kind == silent || idle >= d:
			return idle, ""
		case e.reply.IsZero():
			t.Skip("what came has not the form of a reply: %s", e.text)
		}
	}
}

// While data move the control connection is silent, and a client may not break
// that silence. A second session, which is idle, tells when the timeout strikes.
var idleNotWhileBusy = spec.Requirement{
	ID:       "CTL-025",
	Level:    report.Should,
	Severity: report.Critical,
	Title:    "The idle timeout does not run while a transfer is in progress",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.3.2", "close the control connection if the server is inactive (i.e., no command or data transfer in progress) for a long period of time."),
	},
	Needs:   spec.Login | spec.BigFile | spec.Slow,
	Field:   "Every transfer that takes longer than the idle timeout fails, or seems to: the file is there, but the client never hears of it and tries again.",
	Timeout: 3 * time.Hour,
	Check: func(ctx context.Context, t *spec.T) {
		limit := idleLimit(t)
		file := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		c := t.Open(ctx, s)
		defer c.Close()
		t.ExpectCode(t.Do(ctx, s, "RETR "+file.Path), 125, 150)
		if s.Protected() {
			t.Expect(c.Handshake(ctx)).NotTo(HaveOccurred(), "a TLS handshake on the data connection")
		}
		idle := t.Login(ctx)

		timeout, how := trickle(ctx, t, c, idle, limit)
		if how == "" {
			t.Skip("an idle session is not ended within %s, so nothing can be compared", limit)
		}
		t.Note("an idle session was ended after %s: %s", timeout.Round(time.Second), how)
		_, dataErr := c.ReadAll(ctx, spec.BigSize)
		_ = c.Close()

		expected := fmt.Sprintf("a transfer that lasts longer than %s to be completed", timeout.Round(time.Second))
		r, err := s.Complete(ctx)
		switch {
		case err != nil:
			t.Blame(err)
			t.Fail(expected, err.Error())
		case r.Code == 421:
			t.Fail(expected, r.String())
		case !r.Positive():
			t.Skip("the transfer was ended for another reason: %s", r)
		case dataErr != nil:
			t.Skip("the data connection failed: %v", dataErr)
		}
		if r, err := s.Do(ctx, "NOOP"); err != nil {
			t.Blame(err)
			t.Fail(expected+", and the session to last", err.Error())
		} else {
			t.ExpectCode(r, 200)
		}
	},
}

// trickle receives so little of a big file that the server has to go on sending
// until an idle session has been ended, and a quarter longer. It returns when and
// how that session was ended; empty when it was not within the limit. That the
// data fail is judged by the replies.
func trickle(ctx context.Context, t *spec.T, c *probe.DataConn, idle *probe.Session, limit time.Duration) (timeout time.Duration, how string) {
	// A third of the file within the limit leaves more than all buffers hold.
	const steps = 500
	step, piece := limit/steps, make([]byte, spec.BigSize/3/steps)
	start := time.Now()
	for how == "" && time.Since(start) < limit {
		_, how = untilEnd(ctx, t, idle, step)
		_, _ = c.Read(ctx, piece)
	}
	for timeout = time.Since(start); how != "" && time.Since(start) < timeout+timeout/4; {
		t.Sleep(ctx, step)
		_, _ = c.Read(ctx, piece)
	}
	return timeout, how
}
