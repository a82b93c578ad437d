package spec

import (
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Watched is a session that a check is done with, in the hands of a requirement
// that judges every reply of every check.
type Watched struct {
	// Exchanges are the commands and what was answered, the greeting first.
	Exchanges []Exchange
	// Unasked are replies that came while none was due.
	Unasked []probe.Reply

	finding *finding
}

// Exchange is one command and the replies to it.
type Exchange struct {
	// Command is the line that was sent, passwords as asterisks; empty for the greeting.
	Command string
	// Replies are in the order in which they came. A transfer has two.
	Replies []probe.Reply
	// Rest is what came of a reply that did not come to its end.
	Rest string
	// Sure tells that the replies answer this command: it was sent by itself,
	// and not while another one was under way.
	Sure bool
	// Prompt is how many of the replies answer this command for sure, whatever came
	// later: it was sent by itself, and they came before the next one was sent.
	Prompt int
	// LoggedIn tells that the session was logged in when the command was sent.
	LoggedIn bool
}

// Verb is the command in upper case without its argument; empty for the greeting.
func (e Exchange) Verb() string {
	verb, _, _ := strings.Cut(e.Command, " ")
	return strings.ToUpper(verb)
}

// finding is what a watching requirement has to say about sessions.
type finding struct {
	outcome        report.Outcome
	expected, seen string
	where          string // the check whose session shows it
	transcript     []probe.Line
	notes          []string
}

// Fail says that the session breaks the requirement. Only the first time counts.
func (w *Watched) Fail(expected, seen string) { w.found(report.NotMet, expected, seen) }

// Tolerate says that the session meets the requirement only when judged leniently.
func (w *Watched) Tolerate(expected, seen string) {
	w.found(report.Tolerated, expected, seen)
	w.Note("tolerated: %s", seen)
}

// Note records what is worth knowing.
func (w *Watched) Note(format string, args ...any) {
	w.finding.notes = noted(w.finding.notes, format, args)
}

func (w *Watched) found(o report.Outcome, expected, seen string) {
	f := w.finding
	if f.outcome == report.Met || f.outcome == report.Tolerated && o == report.NotMet {
		f.outcome, f.expected, f.seen, f.transcript = o, expected, seen, nil
	}
}

// exchanges puts the replies of a session to its commands. Where commands were
// sent before the replies to earlier ones had come, their replies are put in
// order, and none of them is sure.
func exchanges(events []probe.Event) (all []Exchange, unasked []probe.Reply) {
	open := []int{0} // exchanges that wait for a reply
	all = []Exchange{{Sure: true}}
	loggedIn := false
	for _, e := range events {
		switch e.Kind {
		case probe.CommandSent, probe.OctetsSent:
			sure := e.Kind == probe.CommandSent && len(open) == 0
			for _, i := range open {
				all[i].Sure = false
			}
			open = append(open, len(all))
			all = append(all, Exchange{Command: e.Command, Sure: sure, LoggedIn: loggedIn})
		case probe.ReplyUnasked:
			unasked = append(unasked, e.Reply)
		default:
			i := len(all) - 1
			if len(open) > 0 {
				i = open[0]
			}
			x := &all[i]
			if e.Kind == probe.ReplyCut {
				x.Rest = e.Rest
				break
			}
			if len(open) == 0 {
				x.Sure = false // it has its final reply already
			}
			if i == len(all)-1 && x.Sure {
				x.Prompt++
			}
			x.Replies = append(x.Replies, e.Reply)
			if !e.Reply.Preliminary() && len(open) > 0 {
				open = open[1:]
			}
			switch verb := x.Verb(); {
			case (verb == "PASS" || verb == "USER" || verb == "ACCT") && e.Reply.Positive():
				loggedIn = true
			case (verb == "REIN" || verb == "USER") && !e.Reply.Negative():
				loggedIn = false
			}
		}
	}
	return all, unasked
}

// watch shows a session to the requirements that judge every one.
func (j *Judge) watch(id string, s *probe.Session) {
	j.mu.Lock()
	watchers := j.watchers
	j.mu.Unlock()
	if len(watchers) == 0 {
		return
	}
	all, unasked := exchanges(s.Transcript().Events())
	for _, r := range watchers {
		w := &Watched{Exchanges: all, Unasked: unasked, finding: &finding{where: id}}
		r.Watch(w)
		if w.finding.outcome != report.Met {
			w.finding.transcript = s.Transcript().Lines()
		}
		j.mu.Lock()
		j.add(r, w.finding)
		j.mu.Unlock()
	}
}

// add keeps the gravest finding, and the notes of all.
func (j *Judge) add(r *Requirement, f *finding) {
	if j.findings == nil {
		j.findings = map[string]*finding{}
	}
	kept := j.findings[r.ID]
	if kept == nil {
		j.findings[r.ID] = f
		return
	}
	for _, n := range f.notes {
		kept.notes = noted(kept.notes, "%s", []any{n})
	}
	if kept.outcome == report.Met || kept.outcome == report.Tolerated && f.outcome == report.NotMet {
		f.notes = kept.notes
		j.findings[r.ID] = f
	}
}

// conclude is the outcome of a watching requirement's own check, and what was seen
// in the sessions of all.
func (j *Judge) conclude(r *Requirement, own *T) *T {
	j.mu.Lock()
	defer j.mu.Unlock()
	f := j.findings[r.ID]
	if f == nil {
		return own
	}
	t := *own
	t.notes = slices.Clone(own.notes)
	for _, n := range f.notes {
		t.Note("%s", n)
	}
	switch t.outcome {
	case report.Met, report.Skipped, report.Undecided:
	default:
		return &t
	}
	if f.outcome == report.Met {
		return &t
	}
	t.outcome, t.expected, t.seen = f.outcome, f.expected, f.seen
	t.reason = "expected " + f.expected + "; saw " + f.seen
	if f.where != r.ID {
		t.reason += " (in the session of " + f.where + ")"
	}
	t.watched = f.transcript
	return &t
}
