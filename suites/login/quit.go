package login

import (
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A client that closes first may lose the reply, and keeps the port in TIME_WAIT:
// it waits for the server.
var quit = spec.Requirement{
	ID:       "LOG-013",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "QUIT is answered with 221, before login too, and then the server closes the control connection",
	Cites: []spec.Citation{
		spec.RFC(959, "5.4", "QUIT 221 500"),
		spec.RFC(959, "4.1.1", "This command terminates a USER and if file transfer is not in progress, the server closes the control connection."),
	},
	Field: "Clients hang at the end of every session until they time out, or report an error after transfers that went well.",
	Check: func(ctx context.Context, t *spec.T) {
		sayGoodbye(ctx, t, t.Dial(ctx), "before login")
		d, target := t.With(func(*probe.Dialer, *probe.Target) {})
		s, err := d.Open(ctx, target)
		if err != nil {
			t.Note("after login it is not judged: %v", err)
			return
		}
		sayGoodbye(ctx, t, t.Keep(s), "after login")
	},
}

func sayGoodbye(ctx context.Context, t *spec.T, s *probe.Session, when string) {
	r, err := s.Do(ctx, "QUIT")
	t.Expect(err).To(noError, "a reply to QUIT %s", when)
	switch {
	case r.Code == 221:
	case r.Positive():
		t.Tolerate("reply code 221 to QUIT "+when, r.String())
	default:
		t.Fail("reply code 221 to QUIT "+when, r.String())
	}
	expectEnd(ctx, t, s, when)
}

// farewell is how long a server may take to close the control connection.
const farewell = 10 * time.Second

// expectEnd expects the server to close the control connection.
func expectEnd(ctx context.Context, t *spec.T, s *probe.Session, when string) {
	expected := fmt.Sprintf("the end of the control connection within %s of the reply to QUIT %s", farewell, when)
	wait, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	for {
		r, err := s.Receive(wait)
		switch {
		case err == nil:
			t.Note("after the reply to QUIT: %s", r)
		case hungUp(err):
			return
		case wait.Err() != nil:
			t.Blame(err)
			t.Fail(expected, "it stays open")
		case probe.CauseOf(err) != probe.Stalled:
			t.Blame(err)
			t.Fail(expected, err.Error())
		}
	}
}

// QUIT that is sent ahead must not cost the file that is under way.
var quitInTransfer = spec.Requirement{
	ID:       "LOG-014",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "QUIT during a transfer does not cut it: all data and the result reply come before the close",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.1", "If file transfer is in progress, the connection will remain open for result response and the server will then close it."),
	},
	Needs:     spec.Login | spec.BigFile,
	BlockedBy: []*spec.Requirement{&quit},
	Takes:     2 * time.Second,
	Timeout:   5 * time.Minute,
	Field:     "Scripts and clients that send all their commands ahead, QUIT at the end, get a file that is too short, and some do not notice.",
	Check: func(ctx context.Context, t *spec.T) {
		big := t.Fixture(ctx, spec.BigFile)
		for try := 1; ; try++ {
			s := t.Login(ctx)
			// Once with the same pause and without QUIT, so that what is wrong with
			// slow downloads is not held against QUIT.
			got := download(ctx, t, s, big, func() { t.Sleep(ctx, time.Second) })
			if r, err := s.Complete(ctx); err != nil || !r.Positive() || !got.whole(big) {
				t.Skip("the transfer is not right without QUIT either: %s, %s", got, r)
			}
			got = download(ctx, t, s, big, func() {
				t.Expect(s.Send(ctx, "QUIT")).To(noError, "QUIT during a transfer")
				// Nothing is read meanwhile, and more is left than all buffers hold: the
				// transfer is going on when the server reads QUIT.
				t.Sleep(ctx, time.Second)
			})
			result, goodbye, err := farewells(ctx, s)
			t.Blame(got.err)
			t.Blame(err)
			if err == nil && got.whole(big) && result.Positive() && goodbye.Positive() {
				t.ExpectCode(result, 226, 250)
				t.ExpectCode(goodbye, 221)
				expectEnd(ctx, t, s, "during a transfer")
				return
			}
			seen := fmt.Sprintf("%s, %s, %s", got, result, goodbye)
			if err != nil {
				seen += ", then " + err.Error()
			}
			if try == 2 {
				t.Fail(fmt.Sprintf("%d octets with the CRC-32C %08x, 226 or 250, and 221", big.Size, probe.ContentSum(big.Size)), seen)
			}
			// On a busy server somebody else may have connected to the port.
			t.Note("tried again after %s", seen)
		}
	},
}

// download reads a file and does something else after its first octets. The check
// is skipped when there is no transfer to do it in. The final reply is not read.
func download(ctx context.Context, t *spec.T, s *probe.Session, file spec.Fixture, meanwhile func()) (got received) {
	c := t.Open(ctx, s)
	defer c.Close()
	r, err := s.Do(ctx, "RETR "+file.Path)
	if err == nil && !r.Preliminary() {
		err = s.Refusal(probe.Opening, r)
	}
	if err == nil && s.Protected() {
		err = c.Handshake(ctx)
	}
	c.Begin()
	head := make([]byte, 16<<10)
	n := 0
	if err == nil {
		n, err = c.Read(ctx, head)
	}
	if err != nil {
		t.Blame(err)
		t.Skip("no transfer to send QUIT in: %v", err)
	}
	_, _ = got.sum.Write(head[:n])
	meanwhile()
	got.err = c.Receive(ctx, &got.sum)
	got.octets = c.Bytes()
	return got
}

// received is what came of a download.
type received struct {
	octets int64
	sum    probe.Sum
	err    error
}

func (r received) whole(file spec.Fixture) bool {
	return r.err == nil && r.octets == file.Size && uint32(r.sum) == probe.ContentSum(file.Size)
}

// String is for the report.
func (r received) String() string {
	if r.err != nil {
		return fmt.Sprintf("%d octets, then %v", r.octets, r.err)
	}
	return fmt.Sprintf("%d octets with the CRC-32C %08x", r.octets, uint32(r.sum))
}

// farewells are the replies to a transfer and to QUIT, in whatever order they
// come.
func farewells(ctx context.Context, s *probe.Session) (result, goodbye probe.Reply, err error) {
	for result.IsZero() || goodbye.IsZero() {
		r, err := s.Receive(ctx)
		switch {
		case err != nil:
			return result, goodbye, err
		case r.Preliminary():
		case r.Code == 221 || !result.IsZero():
			goodbye = r
		default:
			result = r
		}
	}
	return result, goodbye, nil
}
