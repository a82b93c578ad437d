package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Cites that several requirements rest on.
var (
	retrReplies = spec.RFC(959, "5.4", "RETR 125, 150 (110) 226, 250 425, 426, 451 450, 550 500, 501, 421, 530")
	storReplies = spec.RFC(959, "5.4", "STOR 125, 150 (110) 226, 250 425, 426, 451, 551, 552 532, 450, 452, 553 500, 501, 421, 530")
	listReplies = spec.RFC(959, "5.4", "LIST 125, 150 226, 250 425, 426, 451 450 500, 501, 502, 421, 530")
	copies      = spec.RFC(959, "4.1.3", "This command causes the server-DTP to transfer a copy of the file, specified in the pathname, to the server- or user-DTP at the other end of the data connection.")
	accepts     = spec.RFC(959, "4.1.3", "This command causes the server-DTP to accept the data transferred via the data connection and to store the data as a file at the server site.")
	allBytes    = spec.RFC(959, "3.4.1", "If the structure is a file structure, the EOF is indicated by the sending host closing the data connection and all bytes are data bytes.")
	exactReply  = spec.RFC(959, "5.4", "the meaning and action implied by the code numbers and by the specific command reply sequence cannot be altered.")
)

// sound is what everything rests on that compares downloads: the replies, the end
// and the data of one.
var sound = []*spec.Requirement{&sequence, &endOfFile, &exact}

// Clients wait for the mark before they read, and for the final reply before they
// send the next command. The file is small, so that it is about the replies; the
// check makes it by itself and does not mind how that is answered.
var sequence = spec.Requirement{
	ID:       "XFER-001",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A successful RETR is answered 125 or 150 first and 226 or 250 last",
	Cites:    []spec.Citation{retrReplies, exactReply},
	Needs:    spec.Login | spec.Write,
	Field:    "A client that misses the mark does not begin to read, and one that misses the final reply waits for it until it gives up: the transfer fails or hangs although the data came.",
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/small.bin"
		s := t.Login(ctx)
		up := t.Give(ctx, s, "STOR "+path, random(1000))
		if refused(up) {
			t.Skip("missing: write (STOR is answered %s)", up.Final)
		}
		if up.Err != nil {
			s = t.Login(ctx)
		}
		m := t.Take(ctx, s, "RETR "+path)
		if refused(m) && lost(ctx, t, path) {
			t.Sleep(ctx, late)
			m = t.Take(ctx, s, "RETR "+path)
		}
		if refused(m) && lost(ctx, t, path) {
			t.Skip("blocked by XFER-010: the file is not there")
		}
		if m.Err == nil && m.DataErr != nil && m.Final.Negative() {
			t.Skip("blocked by XFER-003: %v, then %s", m.DataErr, m.Final)
		}
		m.DataErr = nil // is not the replies' business
		t.ExpectComplete(m)

		// What comes beyond is either set aside or taken for the answer to NOOP.
		next, err := s.Do(ctx, "NOOP")
		for _, r := range s.Stray() {
			t.Fail("one final reply", fmt.Sprintf("%s, then %s", m.Final, r))
		}
		if err == nil && (next.Code == 226 || next.Code == 250) {
			if after, err := s.Do(ctx, "NOOP"); err != nil || after.Code != next.Code {
				t.Fail("one final reply", fmt.Sprintf("%s, then %s", m.Final, next))
			}
		}
	},
}

// late is how long a server may take until what it calls stored is there, for
// requirements that are not about that.
const late = 3 * time.Second

// lost tells that a file is not there although it was uploaded. What SIZE does not
// say, the directory does.
func lost(ctx context.Context, t *spec.T, path string) bool {
	s := t.Login(ctx)
	_, err := s.Size(ctx, path)
	var e *probe.Error
	if err == nil || !errors.As(err, &e) {
		return false
	}
	if c := e.Reply.Code; c != 500 && c != 502 {
		return true
	}
	dir, name := path[:strings.LastIndexByte(path, '/')], path[strings.LastIndexByte(path, '/')+1:]
	m := t.Take(ctx, s, "NLST "+dir)
	return m.Err == nil && !bytes.Contains(m.Data, []byte(name))
}

// In stream mode the end of the connection is the end of the file.
var endOfFile = spec.Requirement{
	ID:       "XFER-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The server closes the data connection at the end of the file, no later than it reports completion",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "The server MUST close the data connection under the following conditions: 1. The server has completed sending data in a transfer mode that requires a close to indicate EOF."),
		spec.RFC(959, "5.2", "To prevent a race condition here, the server sends a reply (226) after closing the data connection"),
	},
	Needs: spec.Login | spec.File,
	// Not by XFER-003: a download without an end has data all the same.
	BlockedBy: []*spec.Requirement{&sequence},
	Field:     "The client reads on for a file that has ended: every download hangs until a timeout, and then counts as failed.",
	Check: func(ctx context.Context, t *spec.T) {
		const lateness = 2 * time.Second
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		asked := time.Now()
		t.Do(ctx, s, "NOOP")
		roundTrip := time.Since(asked)

		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		if got := d.read(ctx, t, f.Size); got != f.Size {
			t.Skip("blocked by XFER-003: the data end after %d octets", got)
		}
		// Both connections are looked at in turn: some servers send the final
		// reply only when the client has closed.
		const turn, reply = 300 * time.Millisecond, 3 * time.Second
		for until := time.Now().Add(patience); time.Now().Before(until); {
			goOn(ctx, t)
			switch t.Watch(ctx, d.c, turn) {
			case spec.Ended:
				return
			case spec.Spoke:
				t.Skip("blocked by XFER-003: more data than the file has")
			}
			final, err := completeWithin(ctx, s, reply)
			switch {
			case probe.CauseOf(err) == probe.Stalled:
				continue
			case err != nil:
				t.Skip("blocked by XFER-001: %v", err)
			}
			if t.Watch(ctx, d.c, lateness+roundTrip) == spec.Silent {
				t.Fail("the end of the data connection", fmt.Sprintf("a data connection that is open %s after %s", lateness, final))
			}
			return
		}
		t.Fail("the end of the data connection", fmt.Sprintf("a data connection that is open %s after the last octet, and no final reply", patience))
	},
}

// The heart of the matter.
var exact = spec.Requirement{
	ID:       "XFER-003",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "RETR in TYPE I delivers exactly the stored octets",
	Cites: []spec.Citation{
		spec.RFC(959, "3.1.1.3", "The data are sent as contiguous bits which, for transfer, are packed into the 8-bit transfer bytes."),
		allBytes,
		copies,
	},
	Needs: spec.Login | spec.File,
	Field: "Files arrive damaged, and nothing says so: archives that do not unpack, programs that do not run.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		fetch := func() spec.Moved { return t.Take(ctx, t.Login(ctx), "RETR "+f.Path) }
		m := fetch()
		whole := bytes.Equal(m.Data, f.Content)
		orderly := !m.Opening.IsZero() && m.DataErr == nil && m.Err == nil
		if orderly && !whole && settled(ctx, t, fetch, f.Content) {
			return
		}
		failed := m.DataErr != nil && !whole
		switch {
		case whole && probe.CauseOf(m.DataErr) == probe.Stalled:
			t.Skip("blocked by XFER-002: %v", m.DataErr)
		case probe.CauseOf(m.DataErr) == probe.Reset && m.Final.Positive():
			t.Skip("blocked by XFER-004: %v, then %s", m.DataErr, m.Final)
		case failed:
			t.Blame(m.DataErr)
			t.Fail(fmt.Sprintf("all %d octets of a file", f.Size), fmt.Sprintf("%v, then %s", m.DataErr, last(m)))
		case m.Opening.IsZero(), m.Err != nil:
			t.Skip("blocked by XFER-001: %s", last(m))
		}
		if whole {
			return
		}
		if typeLost(ctx, t, m.Data, f.Content) {
			t.Skip("blocked by REP-008: TYPE I is not in force any more")
		}
		if culprit(ctx, t, f.Path, m.Data, f.Content) == inUpload {
			t.Skip("blocked by XFER-010: the file is stored wrong")
		}
		t.ExpectContent(m.Data, f.Content, "a binary file")
	},
}

// settled tells that a file that came back wrong has just not been complete: that it
// comes back right now, whenever it is asked for. What is wrong once in a while has
// a requirement of its own, too.
func settled(ctx context.Context, t *spec.T, fetch func() spec.Moved, want []byte) bool {
	t.Sleep(ctx, late)
	for range 4 {
		if m := fetch(); !bytes.Equal(m.Data, want) {
			return false
		}
	}
	t.Note("the first download was wrong, those after it were not")
	return true
}

// last is what a transfer ended with.
func last(m spec.Moved) string {
	if m.Err != nil {
		return m.Err.Error()
	}
	return m.Final.String()
}

// On the client a reset destroys what it has not read yet, or at least says that
// the data are not complete.
var orderlyEnd = spec.Requirement{
	ID:       "XFER-004",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "The end of a download is an orderly close (FIN), not a reset",
	Cites:    []spec.Citation{allBytes},
	Needs:    spec.Login | spec.BigFile,
	// Not by XFER-003: such a server may lose the end of any file.
	BlockedBy: []*spec.Requirement{&sequence},
	Takes:     time.Second,
	Field:     "Slow clients lose the end of large files, or report an error after every download. Which of the two depends on their operating system.",
	Check: func(ctx context.Context, t *spec.T) {
		const rest, pause = 64 << 10, time.Second
		f := t.Fixture(ctx, spec.BigFile)
		s := t.Login(ctx)
		d := begin(ctx, t, s, f.Path)
		defer d.c.Close()
		d.read(ctx, t, f.Size-rest-d.n)
		t.Sleep(ctx, pause)
		err := d.drain(ctx, t, patience)
		_ = d.c.Close()
		final, ferr := s.Complete(ctx)
		switch {
		case err == nil && d.n == f.Size:
		case ferr != nil:
			t.Skip("blocked by XFER-001: %v", ferr)
		case !final.Positive():
			t.Skip("the server says itself that the download failed: %s", final)
		case err == nil:
			t.Skip("blocked by XFER-045: %d of %d octets, and an orderly end", d.n, f.Size)
		case probe.CauseOf(err) == probe.Reset:
			t.Fail("the end of the data connection", fmt.Sprintf("%v, then %s", err, final))
		default:
			t.Skip("blocked by XFER-003: %v, then %s", err, final)
		}
	},
}

// A session is made for many transfers.
var usableAfter = spec.Requirement{
	ID:       "XFER-005",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The control connection stays open and usable after each transfer",
	Cites: []spec.Citation{
		spec.RFC(959, "5.2", "The control connection shall be closed by the server at the user's request after all transfers and replies are completed."),
	},
	Needs:     spec.Login | spec.File | spec.Write,
	BlockedBy: sound,
	Field:     "Clients that fetch several files, and all that show a listing first, have to log in again for each, or fail at the second.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		path := t.Room(ctx) + "/new.bin"
		for _, transfer := range []func() spec.Moved{
			func() spec.Moved { return t.Take(ctx, s, "RETR "+f.Path) },
			func() spec.Moved { return t.Give(ctx, s, "STOR "+path, random(1000)) },
			func() spec.Moved { return t.Take(ctx, s, "LIST") },
			func() spec.Moved { return t.Take(ctx, s, "RETR "+f.Path) },
		} {
			m := transfer()
			if m.Err != nil {
				t.Skip("no final reply, which has requirements of its own: %v", m.Err)
			}
			line, code := t.Ping(ctx)
			r, err := s.Do(ctx, line)
			if err != nil {
				t.Blame(err)
				t.Fail("a session that goes on after "+m.Command, fmt.Sprintf("%s, then %v", m.Final, err))
			}
			t.ExpectCode(r, code)
		}
	},
}

// Marker files and empty logs are common.
var emptyDownload = spec.Requirement{
	ID:       "XFER-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "An empty file is transferred as no octets, with the usual replies",
	Cites: []spec.Citation{
		spec.RFC(959, "3.4", "All data transfers must be completed with an end-of-file (EOF) which may be explicitly stated or implied by the closing of the data connection."),
		retrReplies,
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: sound,
	Field:     "Synchronisation of a tree stops at the first empty file, or hangs there.",
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/empty.bin"
		s := t.Login(ctx)
		if m := t.Give(ctx, s, "STOR "+path, nil); m.Err != nil || !m.Final.Positive() {
			t.Skip("blocked by XFER-013: no empty file could be stored (%s)", last(m))
		}
		m := t.Take(ctx, s, "RETR "+path)
		if refused(m) && lost(ctx, t, path) {
			t.Skip("blocked by XFER-013: the empty file is not there")
		}
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, nil, "an empty file")
	},
}

// nosuch is the name of a file that does not exist.
const nosuch = "pasv-no-such-file"

// Where a mark comes first, clients have made a local file by then.
var refusedDownload = spec.Requirement{
	ID:       "XFER-007",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "RETR of a file that does not exist is refused",
	Cites: []spec.Citation{
		retrReplies,
		// A refusal after the mark is in the state diagrams of §6, too.
		spec.RFC(959, "4.2.1", "550 Requested action not taken. File unavailable (e.g., file not found, no access)."),
	},
	Needs: spec.Login,
	Field: "A client takes a file that is not there for an empty one. Whoever looks whether a file is there by fetching it, always finds one.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		m := t.Take(ctx, s, "RETR "+nosuch)
		t.ExpectRefused(m, 550, 450)
		if !m.Opening.IsZero() {
			t.Note("a mark came first: %s", m.Opening)
		}
		dir, err := s.WorkingDirectory(ctx)
		if err != nil {
			dir = "."
		}
		if m = t.Take(ctx, s, "RETR "+dir); m.Final.Positive() {
			t.Warn("a refusal of RETR of a directory", m.Final.String())
		}
		t.ExpectRefused(m, 550, 450)
	},
}

// A client that connects late learns of the refusal all the same.
var promptRefusal = spec.Requirement{
	ID:       "XFER-008",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "The refusal of a transfer command does not wait for a data connection",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "the user issues an FTP command and the server responds with a prompt primary reply."),
	},
	Needs:     spec.Login,
	BlockedBy: []*spec.Requirement{&refusedDownload},
	Field:     "When the data connection is blocked as well, users see a timeout instead of \"no such file\" and look for the fault in the firewall.",
	Check: func(ctx context.Context, t *spec.T) {
		const enough = 5 * time.Second
		s := t.Login(ctx)
		if _, err := offer(ctx, t, s); err != nil {
			t.Blame(err)
			t.Skip("no passive port: %v", err)
		}
		asked := time.Now()
		t.Do(ctx, s, "NOOP")
		// A server that is slow in everything is no slower here.
		limit := enough + 2*time.Since(asked)

		const expected = "a refusal at once, without a data connection"
		t.Blame(s.Send(ctx, "RETR "+nosuch))
		wait, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		r, err := s.Receive(wait)
		if err == nil && r.Preliminary() {
			t.Note("a mark came first: %s", r)
			r, err = s.Receive(wait)
		}
		switch {
		case probe.CauseOf(err) == probe.Stalled:
			t.Warn(expected, fmt.Sprintf("no refusal within %s", limit.Round(time.Second)))
		case err != nil:
			t.Blame(err)
			t.Fail(expected, err.Error())
		}
		t.ExpectRefusal(r, 550, 450)
	},
}

// offer asks for a passive port that is not connected to.
func offer(ctx context.Context, t *spec.T, s *probe.Session) (probe.Offer, error) {
	only := probe.AutoPassive
	t.With(func(d *probe.Dialer, _ *probe.Target) { only = d.Passive })
	if only == probe.OnlyEPSV || !s.Peer().Addr().Is4() {
		return s.EPSV(ctx)
	}
	o, err := s.PASV(ctx)
	if err != nil && o.Reply.Class() != 4 && only != probe.OnlyPASV {
		return s.EPSV(ctx)
	}
	return o, err
}

// One missing file may not end the work of a whole session.
var afterRefusal = spec.Requirement{
	ID:       "XFER-009",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "After a refused transfer command a new PASV and transfer work",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "The command was not accepted and the requested action did not take place, but the error condition is temporary and the action may be requested again. The user should return to the beginning of the command sequence, if any."),
	},
	Needs:     spec.Login | spec.File,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&refusedDownload}),
	Field:     "After the first file that is missing or forbidden all others of the session fail.",
	Check: func(ctx context.Context, t *spec.T) {
		// A server can be short of ports for a moment, or have none that works. So a
		// connection that fails counts only when it does each time, and when another
		// session gets one.
		const tries = 3
		f := t.Fixture(ctx, spec.File)
		for try := 1; ; try++ {
			s := t.Login(ctx)
			t.ExpectRefused(t.Take(ctx, s, "RETR "+nosuch), 550, 450)
			c, o, err := connection(ctx, t, s)
			if err == nil {
				m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
				t.ExpectComplete(m)
				t.ExpectContent(m.Data, f.Content, "a download after a refused one")
				return
			}
			other, _, without := connection(ctx, t, t.Login(ctx))
			if without != nil {
				t.Skip("no data connection in another session either: %v", without)
			}
			_ = other.Close()
			if try == tries || !o.Reply.Positive() && o.Reply.Class() != 4 {
				t.Fail("a data connection after a refused transfer", fmt.Sprintf("%v (%d times of %d)", err, try, try))
			}
		}
	},
}

// connection asks for a passive port and connects to it.
func connection(ctx context.Context, t *spec.T, s *probe.Session) (*probe.DataConn, probe.Offer, error) {
	o, err := offer(ctx, t, s)
	if err != nil {
		t.Blame(err)
		return nil, o, err
	}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
	}
	return c, o, err
}

// patience is how long data may stay away that are due, and what is due on the
// control connection where a check does not leave that to the session.
const patience = 30 * time.Second

// goOn ends a check whose time is up.
func goOn(ctx context.Context, t *spec.T) {
	if ctx.Err() != nil {
		t.Inconclusive("%v", ctx.Err())
	}
}

// download is one that is under way.
type download struct {
	s   *probe.Session
	c   *probe.DataConn
	n   int64 // octets so far
	sum probe.Sum
	end error // how the data ended, once they have; io.EOF is an orderly end
}

// begin sends RETR and waits for the mark. The caller closes the connection.
func begin(ctx context.Context, t *spec.T, s *probe.Session, path string) *download {
	c := t.Open(ctx, s)
	mark := t.Do(ctx, s, "RETR "+path)
	if !mark.Preliminary() {
		_ = c.Close()
		t.Skip("blocked by XFER-001: %s", mark)
	}
	if s.Protected() {
		if err := c.Handshake(ctx); err != nil {
			_ = c.Close()
			t.Blame(err)
			t.Skip("no TLS on the data connection: %v", err)
		}
	}
	c.Begin()
	return &download{s: s, c: c}
}

// read reads n octets, or what there is.
func (d *download) read(ctx context.Context, t *spec.T, n int64) int64 {
	b := make([]byte, 64<<10)
	start := d.n
	for left := n; left > 0; left = start + n - d.n {
		if err := d.some(ctx, b[:min(left, int64(len(b)))], patience); err != nil {
			t.Blame(err)
			break
		}
	}
	return d.n - start
}

// some reads once, and waits no longer than silence for it.
func (d *download) some(ctx context.Context, b []byte, silence time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	n, err := d.c.Read(ctx, b)
	d.n += int64(n)
	_, _ = d.sum.Write(b[:n])
	if err != nil && probe.CauseOf(err) != probe.Stalled {
		d.end = err
	}
	return err
}

// drain reads to the end. An error of cause [probe.Stalled] says that nothing came
// for as long as silence, and that it has not come to its end.
func (d *download) drain(ctx context.Context, t *spec.T, silence time.Duration) error {
	b := make([]byte, 256<<10)
	for d.end == nil {
		err := d.some(ctx, b, silence)
		t.Blame(err)
		if probe.CauseOf(err) == probe.Stalled {
			return err
		}
	}
	if d.end == io.EOF {
		return nil
	}
	return d.end
}
