package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A client that gets no reply can only wait and then give up. An empty line is
// no command: many servers ignore it on purpose.
var everyCommand = spec.Requirement{
	ID:       "CTL-007",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "Every command gets a reply",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "Every command must generate at least one reply, although there may be more than one"),
	},
	Needs:   spec.Login,
	Field:   "Clients hang until their time is over and lose the session.",
	Timeout: 5 * time.Minute,
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		for _, line := range []string{"NOOP", "SYST", "PWD", "TYPE I", nonsense, "STAT", "RETR"} {
			_, err := s.Do(ctx, line)
			if cause := probe.CauseOf(err); cause == probe.Closed || cause == probe.Reset {
				// Perhaps because of the command before.
				s = t.Login(ctx)
				_, err = s.Do(ctx, line)
			}
			if err == nil {
				continue
			}
			t.Blame(err)
			// What came and is no reply, or not whole, is not silence.
			if cut(s) != "" || probe.CauseOf(err) == probe.Alien || probe.CauseOf(err) == probe.Excess {
				t.Skip("the reply to %s has not the form of one: %v", line, err)
			}
			t.Fail("a reply to "+line, err.Error())
		}
	},
}

// 1yz says that another reply is to come, and clients count: the second 1yz is
// taken for the end of the transfer, or for nothing at all.
var onePreliminary = spec.Requirement{
	ID:       "CTL-008",
	Level:    report.MustNot,
	Severity: report.Major,
	Title:    "No command gets more than one preliminary reply (1yz)",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "The server-FTP process may send at most, one 1yz reply per command."),
	},
	Field:   "Clients take the second 1yz for the final reply and are one reply behind from then on.",
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		sure := true
		for i, x := range w.Exchanges {
			// After one exchange that is not sure the replies may be out of step. Of
			// that one the replies count that came when nothing else had been asked.
			if !sure {
				return
			}
			answers := x.Replies
			if sure = x.Sure || endsWithQuit(w.Exchanges[i:]); !sure {
				answers = answers[:x.Prompt]
			}
			// The greeting answers no command: a busy server may say 120 as often as
			// it likes.
			if i == 0 {
				continue
			}
			marks := 0
			for _, r := range answers {
				if !r.Preliminary() {
					break
				}
				if r.Code != 110 { // a restart marker (RFC 959 §3.5) comes in between
					marks++
				}
			}
			if marks > 1 {
				w.Fail("one 1yz reply", fmt.Sprintf("%d of them %s: %s", marks, where(x), x.Replies[marks-1]))
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) { converse(ctx, t) },
}

// endsWithQuit tells that nothing followed the first exchange but QUIT, which no
// server answers with 1yz: so that what came before its final reply is the
// answer to the first.
func endsWithQuit(all []spec.Exchange) bool { return len(all) == 2 && all[1].Verb() == "QUIT" }

// A reply that nobody asked for is taken for the answer to the next command.
var unspontaneous = spec.Requirement{
	ID:       "CTL-009",
	Level:    report.MustNot,
	Severity: report.Critical,
	Title:    "The server sends nothing while no command is outstanding, except 421 when it closes",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.11", `Note that RFC-959 (unlike earlier versions of the FTP spec) contains no provision for a "spontaneous" reply message.`),
		spec.RFC(959, "5.4", "There is no provision in FTP for such spontaneous information to be sent from the server to the user."),
	},
	Needs: spec.Login,
	Takes: 13 * time.Second,
	Idle:  true,
	// A second reply to a command shows in any session of a user, if the next command
	// comes after it. Where a reply was not waited for, it may be that one; and a line that is
	// too long has a requirement of its own. What is said to a TLS handshake that
	// fails comes sometimes in time to be seen, and sometimes not.
	Watch: func(w *spec.Watched) {
		for i, x := range w.Exchanges {
			if rest := w.Exchanges[i:]; x.Verb() == "AUTH" && (len(rest) == 1 || endsWithQuit(rest)) {
				return
			}
			if n := len(x.Replies); !x.Sure || n == 0 || x.Replies[n-1].Preliminary() || x.Command == longCommand {
				return
			}
		}
		if !slices.ContainsFunc(w.Exchanges, func(x spec.Exchange) bool { return x.LoggedIn }) {
			return
		}
		for _, r := range w.Unasked {
			// A failure may be that of a data connection which a stranger has made.
			if !r.Negative() {
				w.Fail("nothing while no command is outstanding", r.String())
				return
			}
		}
	},
	Field: "Clients take it for the reply to their next command and are one reply ahead from then on: transfers seem to fail, or to be done when they are not.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		if !silence(ctx, t, s, "after the login", t.Shortened(10*time.Second)) {
			return
		}
		if r := t.Do(ctx, s, "CWD ."); r.Positive() && !silence(ctx, t, s, fmt.Sprintf("after %q to CWD", r), time.Second) {
			return
		}
		for _, line := range []string{"LIST", "NLST"} {
			c, err := passive(ctx, t, s)
			if err != nil || c == nil {
				t.Note("no transfer was tried, since there is no data connection")
				return
			}
			m := t.TakeOn(ctx, s, c, line)
			if m.Err != nil {
				t.Blame(m.Err)
				t.Note("%s was not tried to its end: %v", line, m.Err)
				return
			}
			if !silence(ctx, t, s, fmt.Sprintf("after %q to %s", m.Final, line), time.Second) {
				return
			}
		}
	},
}

// silence expects that nothing comes for d, and tells whether the session is
// still open. The end of it, announced by 421 or not, is no reply out of turn.
func silence(ctx context.Context, t *spec.T, s *probe.Session, when string, d time.Duration) bool {
	const expected = "nothing, or 421 and the end of the control connection, "
	e := listen(ctx, t, s, d)
	if e.kind == spoke && e.reply.Code == 421 {
		if end := listen(ctx, t, s, d+5*time.Second); end.kind != ended {
			t.Fail(expected+when, e.text+", and the connection stays open")
		}
		e.kind = ended
	}
	switch e.kind {
	case spoke, speaking:
		t.Fail(expected+when, e.text)
	case ended:
		t.Note("the session was ended %s: %s", when, e.text)
		return false
	}
	return true
}
