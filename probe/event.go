package probe

import (
	"strings"
	"time"
)

// Event is something that happened on a control connection: a command, or a
// reply. It is for judging the replies of a whole session; [Line] is for showing
// them.
type Event struct {
	// At is the time since the session began.
	At   time.Duration
	Kind EventKind
	// Command is what was sent, without the end of its line. Passwords are asterisks.
	Command string
	// Reply is what was received. A password that it repeats is asterisks.
	Reply Reply
	// Rest is what came of a reply that did not come to its end.
	Rest string
}

// EventKind tells events apart.
type EventKind uint8

const (
	// CommandSent: by [Session.Send] or [Session.Do].
	CommandSent EventKind = iota
	// OctetsSent: by [Session.Write]; they may be no command, or several.
	OctetsSent
	// ReplyReceived: a whole reply, preliminary ones too.
	ReplyReceived
	// ReplyUnasked: a whole reply that came while none was due.
	ReplyUnasked
	// ReplyCut: a reply began and did not come to its end.
	ReplyCut
)

// Events returns what happened in the order in which it did. What the transcript
// has forgotten is not in it.
func (t *Transcript) Events() []Event {
	hide := t.secrets.hider()
	var events []Event
	for _, e := range t.entries {
		event := Event{At: e.at}
		switch {
		case e.dir == Sent:
			if e.mark == octetsSent {
				event.Kind = OctetsSent
			}
			event.Command = hide(withoutPass(e.text))
		case e.dir == Noted:
			continue
		case e.mark == replyCut:
			event.Kind, event.Rest = ReplyCut, hide(e.text)
		default:
			event.Kind = ReplyReceived
			if e.mark == replyUnasked {
				event.Kind = ReplyUnasked
			}
			event.Reply = reread(e.text)
			event.Reply.Raw = hide(e.text)
		}
		events = append(events, event)
	}
	return events
}

// reread parses a reply that was read before, as widely as it needs.
func reread(raw string) Reply {
	p := Parser{Limits: Limits{Line: len(raw) + 1, Lines: strings.Count(raw, "\n") + 1, Reply: len(raw) + 1}}
	if _, complete, err := p.Feed([]byte(raw)); !complete || err != nil {
		return Reply{Raw: raw}
	}
	return p.Reply()
}
