package transfer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// content is n octets for an upload that nobody compares.
func content(n int) io.Reader { return bytes.NewReader(random(n)) }

// Previews, and downloads that a user cancels without ABOR.
var cutDownload = spec.Requirement{
	ID:       "XFER-016",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A client that closes the data connection during a download gets a negative final reply and keeps its session",
	Cites: []spec.Citation{
		retrReplies,
		spec.RFC(959, "4.2.1", "426 Connection closed; transfer aborted."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: sound,
	Takes:     time.Second,
	Field:     "Clients that look at the head of a file and close wait for a reply that never comes, or take the rest for received.",
	Check: func(ctx context.Context, t *spec.T) {
		// The reply may be slow. NOOP shows earlier when there will be none: what
		// is answered in its place was skipped.
		const soon, whole = 10 * time.Second, time.Minute
		const expected = "a negative final reply to a download that was cut"
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		if r, err := completeWithin(ctx, s, time.Second); err == nil {
			t.Skip("the transfer has ended for the server before the client cut it: %s", r)
		}
		_ = d.c.Close()

		r, err := completeWithin(ctx, s, soon)
		asked := probe.CauseOf(err) == probe.Stalled
		if asked {
			t.Blame(s.Send(ctx, "NOOP"))
			r, err = completeWithin(ctx, s, t.Shortened(whole-soon))
		}
		switch {
		case err != nil:
			t.Blame(err)
			t.Fail(expected, err.Error())
		case r.Code == 200 && asked:
			t.Fail(expected, "none, but "+r.String()+" to the NOOP after it")
		}
		t.ExpectRefusal(r, 426, 451, 425)
		if !asked {
			t.Alive(ctx, s)
			return
		}
		if noop := t.Receive(ctx, s, "a reply to NOOP"); t.Has(ctx, "NOOP") {
			t.ExpectCode(noop, 200)
		}
	},
}

// A reply that comes with the mark says nothing about the data. The file is larger
// than what lies between a server and a client that does not read.
var completeLast = spec.Requirement{
	ID:       "XFER-049",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "A download is reported complete when its data have been sent, not before",
	Cites: []spec.Citation{
		spec.RFC(959, "5.2", "To prevent a race condition here, the server sends a reply (226) after closing the data connection"),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&slowReader}), // what is lost need not be waited for
	Takes:     2 * time.Second,
	Field:     "The client counts a download as complete that breaks off later, or ends the session under it.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		switch r, err := completeWithin(ctx, s, 2*time.Second); {
		case probe.CauseOf(err) == probe.Stalled:
		case err != nil:
			t.Blame(err)
			t.Skip("blocked by XFER-001: %v", err)
		case r.Positive():
			t.Fail("226 when the data have been sent", fmt.Sprintf("%s when the client had taken %d of %d octets", r, d.n, f.Size))
		default:
			t.Skip("the server has given up by itself: %s", r)
		}
	},
}

// completeWithin waits for the final reply for some time.
func completeWithin(ctx context.Context, s *probe.Session, d time.Duration) (probe.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return s.Complete(ctx)
}

// Users want to know how far it is.
var statDuring = spec.Requirement{
	ID:        "XFER-033",
	Level:     report.Should,
	Severity:  report.Minor,
	Title:     "STAT during a transfer is accepted, at once or after it, and answered",
	Cites:     []spec.Citation{deferral},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&usableAfter, &slowReader}),
	Takes:     time.Second,
	Field:     "Clients that ask for the progress break off the transfer they ask about, or are out of step with the replies from then on.",
	Check: func(ctx context.Context, t *spec.T) {
		t.Unsupported(t.Do(ctx, t.Login(ctx), "STAT"), "STAT")
		meanwhile(ctx, t, map[string][]int{"STAT": {211, 212, 213}}, func(verb string, r probe.Reply) {
			t.Fail("STAT to be answered 211, 212 or 213", r.String())
		})
	},
}

// Many clients keep their control connection awake that way.
var queued = spec.Requirement{
	ID:       "XFER-034",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "Other commands that arrive during a transfer are answered, at once or after it, and do not disturb it",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "server-FTP processes should queue any commands that arrive while a preceding command is in progress."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&usableAfter, &slowReader}),
	Takes:     2 * time.Second,
	Field:     "Clients that send NOOP so that no firewall forgets the control connection lose their transfer by it, or mistake the replies.",
	Check: func(ctx context.Context, t *spec.T) {
		commands := map[string][]int{"NOOP": {200}, "PWD": {257}}
		if !t.Has(ctx, "NOOP") {
			delete(commands, "NOOP") // has requirements of its own
		}
		meanwhile(ctx, t, commands, func(verb string, r probe.Reply) {
			t.Warn(verb+" to be answered as usual", r.String())
		})
	},
}

// meanwhile sends commands during a download and expects their replies, each with
// one of its codes, and that of the transfer, in any order, and all data. A command
// that is refused is for the caller to judge.
func meanwhile(ctx context.Context, t *spec.T, commands map[string][]int, unwelcome func(verb string, r probe.Reply)) {
	f := t.Fixture(ctx, spec.BigFile)
	s := t.Login(ctx)
	d := begin(ctx, t, s, f.Path)
	defer d.c.Close()
	d.read(ctx, t, early)
	open := map[int]string{226: "RETR", 250: "RETR"} // code → command that it answers
	order := []string{"STAT", "NOOP", "PWD"}
	for _, verb := range order {
		for _, code := range commands[verb] {
			open[code] = verb
		}
		if commands[verb] != nil {
			t.Blame(s.Send(ctx, verb))
			t.Sleep(ctx, notice) // the buffers are full, so the transfer still runs
		}
	}
	err := d.drain(ctx, t, patience)
	_ = d.c.Close()
	left := len(commands) + 1
	answered := map[string]bool{}
	var strange probe.Reply
	for ; left > 0; left-- {
		r := final(ctx, t, s, fmt.Sprintf("replies to the transfer and to %d commands during it; %d more", len(commands), left))
		switch verb := open[r.Code]; {
		case verb != "" && !answered[verb]:
			answered[verb] = true
		case r.Positive() && answered["RETR"] && left == 1:
			// Another code of the right class (RFC 1123 §4.1.2.11) is the answer to
			// the only command that has none.
			for verb := range commands {
				answered[verb] = true
			}
		case strange.IsZero():
			strange = r
		}
	}
	switch {
	case !answered["RETR"]:
		t.Fail("the transfer to end with 226 or 250", fmt.Sprintf("%s, after %d of %d octets", strange, d.n, f.Size))
	case err != nil, d.n != f.Size, uint32(d.sum) != probe.ContentSum(f.Size):
		t.Fail("undisturbed data", fmt.Sprintf("%d of %d octets with the sum %08x, not %08x (%v)", d.n, f.Size, uint32(d.sum), probe.ContentSum(f.Size), err))
	}
	for _, verb := range order {
		if commands[verb] != nil && !answered[verb] {
			unwelcome(verb, strange)
		}
	}
}

// A client that has crashed must not hold the server's resources.
var controlLost = spec.Requirement{
	ID:       "XFER-035",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The loss of the control connection ends a transfer and closes its data connection",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "4. The control connection is closed legally or otherwise."),
		spec.RFC(959, "4.1.1", "An unexpected close on the control connection will cause the server to take the effective action of an abort (ABOR) and a logout (QUIT)."),
		deferral,
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: sound,
	Takes:     2 * time.Second,
	Field:     "Sessions of clients that are gone stay on the server with their passive ports, until it has none left.",
	Check: func(ctx context.Context, t *spec.T) {
		const gone, grace = 2 * time.Second, 30 * time.Second
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		s.Close()
		t.Sleep(ctx, gone)
		err := d.drain(ctx, t, t.Shortened(grace))
		switch {
		case probe.CauseOf(err) == probe.Stalled:
			t.Fail("the end of the data connection", fmt.Sprintf("a data connection that is open and silent after %d of %d octets", d.n, f.Size))
		case d.n == f.Size:
			t.Note("deferred: the whole file was sent after the control connection had gone")
		}
	},
}

// Laptops are closed in the middle of a download.
var stalledEnds = spec.Requirement{
	ID:        "XFER-036",
	Level:     report.Practice,
	Severity:  report.Minor,
	Title:     "A transfer on which nothing moves is ended some time",
	Needs:     spec.Login | spec.BigFile | spec.Slow,
	BlockedBy: sound,
	Timeout:   15 * time.Minute,
	Field:     "Each client that vanishes without a word costs a session and a port for ever.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "data_connection_timeout=300"},
		{Server: "ProFTPD", Setting: "TimeoutStalled 300"},
		{Server: "pyftpdlib", Setting: "dtp_handler.timeout = 300"},
		{Server: "IIS", Setting: `dataChannelTimeout="300" of ftpServer/connections`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		// pyftpdlib looks every five minutes whether anything has moved since, so
		// that it notices after ten.
		const limit = 11 * time.Minute
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, early)
		// The session waits no longer at a time than its dialer lets it.
		for until := time.Now().Add(t.Shortened(limit)); time.Now().Before(until); {
			goOn(ctx, t)
			_, err := completeWithin(ctx, s, time.Until(until))
			switch cause := probe.CauseOf(err); {
			case err == nil, cause == probe.Closed, cause == probe.Reset:
				return
			case cause != probe.Stalled:
				t.Blame(err)
				t.Inconclusive("%v", err)
			}
		}
		t.Fail(fmt.Sprintf("an end of the transfer within %s", limit), "a session and a data connection that are still open")
	},
}
