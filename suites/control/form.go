package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Three digits and what follows them are all that a client reads of most
// replies.
var replyBegins = spec.Requirement{
	ID:       "CTL-003",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A reply begins with three digits, then a space or a hyphen",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "A reply is defined to contain the 3-digit code, followed by Space <SP>, followed by one line of text (where some maximum line length has been specified), and terminated by the Telnet end-of-line code."),
		spec.RFC(1123, "4.1.2.11", "A Server-FTP MUST send only correctly formatted replies on the control connection."),
	},
	Field:   "Clients cannot tell where a reply begins: they hang, give up, or take the next reply for this one.",
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		for a := range replies(w) {
			if a.reply.Quirks&probe.QuirkNoSpace != 0 && !a.reply.Multiline() {
				w.Note("a code alone, without a space, %s: %s", a.where, a.reply)
			}
		}
		for _, x := range w.Exchanges {
			if strings.Contains(x.Rest, hidden) {
				continue
			}
			_, err := reread(x.Rest)
			if line, is := noReply(err); is {
				w.Fail(wellBegun, line)
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) {
		for _, l := range converse(ctx, t) {
			if line, is := noReply(l.err); is {
				t.Fail(wellBegun, line)
			}
			if l.certain && l.rest != "" && !beginsReply(l.rest) && !negotiates(l.rest) {
				t.Fail(wellBegun, quoted(l.rest))
			}
		}
	},
}

const wellBegun = `a reply that begins with three digits, then a space or "-"`

// monitoring bounds the conversation of a requirement that watches.
const monitoring = 10 * time.Minute

// hidden stands for a password in what is watched: where it does, the octets are
// not those of the wire.
const hidden = "***"

// noReply is the line that stands where a reply should begin, if that is what an
// error says. It may have come behind the reply to the command before.
func noReply(err error) (line string, is bool) {
	var syntax *probe.SyntaxError
	if !errors.As(err, &syntax) {
		return "", false
	}
	return quoted(syntax.Line), true
}

func quoted(octets string) string { return `"` + probe.Printable(octets) + `"` }

// reread tells whether octets are the beginning of a reply, and a whole one. The
// error is that of a line which is none.
func reread(octets string) (whole bool, err error) {
	p := probe.Parser{Limits: probe.Limits{Line: len(octets) + 1, Lines: strings.Count(octets, "\n") + 1, Reply: len(octets) + 1}}
	_, whole, err = p.Feed([]byte(octets))
	var syntax *probe.SyntaxError
	if err != nil && !errors.As(err, &syntax) {
		err = nil
	}
	return whole, err
}

// beginsReply tells whether octets begin with the three digits of a reply, as far
// as they go.
func beginsReply(octets string) bool {
	for i := range min(len(octets), 3) {
		if octets[i] < '0' || octets[i] > '9' {
			return false
		}
	}
	return len(octets) < 4 || octets[3] == ' ' || octets[3] == '-' || octets[3] == '\r'
}

// Whoever waits for the last line of a multi-line reply waits for these digits.
var replyEnds = spec.Requirement{
	ID:       "CTL-004",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "A multi-line reply ends with a line that begins with the code of the first line and a space",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "The last line will begin with the same code, followed immediately by Space <SP>, optionally some text, and the Telnet end-of-line code."),
		spec.RFC(959, "4.2", "To satisfy all factions, it was decided that both the first and last line codes should be the same."),
	},
	Field:   "Clients wait for the end of the reply until their time is over, and swallow the replies that follow.",
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		for a := range replies(w) {
			if a.reply.Quirks&probe.QuirkNoSpace != 0 && a.reply.Multiline() {
				w.Tolerate("a space behind the code of the last line", "the code alone "+a.where+": "+a.reply.String())
			}
		}
		// The server thinks that the reply has ended when it answers QUIT within
		// it. Anything else that is not complete may only have been waited for too
		// briefly.
		last := w.Exchanges[len(w.Exchanges)-1]
		for _, x := range w.Exchanges {
			if last.Verb() == "QUIT" && unterminated(x.Rest) && x.Rest[:3] != "221" && strings.HasPrefix(lastLine(x.Rest), "221 ") {
				w.Fail(wellEnded(x.Rest), fmt.Sprintf("%s: %s", where(x), probe.Printable(shown(x.Rest))))
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) {
		for _, l := range converse(ctx, t) {
			if !l.certain || !multiline(l.rest) {
				continue
			}
			if unterminated(l.rest) || probe.CauseOf(l.err) != probe.Stalled {
				t.Fail(wellEnded(l.rest), fmt.Sprintf("%s: %s; then %v", l.where, probe.Printable(shown(l.rest)), l.err))
			}
		}
	},
}

func wellEnded(rest string) string { return fmt.Sprintf("a line that begins with %q", rest[:3]+" ") }

// multiline tells a multi-line reply that has not come to its end.
func multiline(rest string) bool {
	whole, err := reread(rest)
	return !whole && err == nil && beginsReply(rest) && len(rest) > 3 && rest[3] == '-' && strings.Contains(rest, "\n")
}

// unterminated tells whole lines of a multi-line reply of which the last is
// missing.
func unterminated(rest string) bool { return multiline(rest) && strings.HasSuffix(rest, "\n") }

func lastLine(rest string) string {
	rest = strings.TrimSuffix(rest, "\n")
	return rest[strings.LastIndexByte(rest, '\n')+1:]
}

// shown is as much of a reply as a report needs.
func shown(rest string) string {
	const most = 400
	if len(rest) <= most {
		return rest
	}
	return rest[:most/2] + " … " + rest[len(rest)-most/2:]
}

// A number at the beginning of a line in the middle is the end of the reply to
// simple clients.
var padded = spec.Requirement{
	ID:       "CTL-005",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "No line within a multi-line reply can be taken for its last line",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "If an intermediary line begins with a 3-digit number, the Server must pad the front to avoid confusion."),
	},
	Field: "Clients that look for any three digits and a space end the reply too early, and are one reply behind from then on.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "no line of a banner or message file may begin with three digits and a space: put a space before them"},
	},
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		for a := range replies(w) {
			if !a.reply.Multiline() {
				continue
			}
			lines := a.reply.Lines()
			for _, line := range lines[1 : len(lines)-1] {
				if len(line) > 3 && beginsReply(line) && line[3] == '-' {
					w.Note("lines within a reply begin with a code and a hyphen, %s", a.where)
				}
				if a.reply.Quirks&probe.QuirkInnerCode != 0 && len(line) > 3 && beginsReply(line) && line[3] == ' ' {
					w.Fail("no line within a reply to begin with three digits and a space", a.where+": "+probe.Printable(line))
				}
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) { converse(ctx, t) },
}

// Most clients take LF alone as well; those that do not wait for ever.
var lineEnds = spec.Requirement{
	ID:       "CTL-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Every reply line ends with CR LF, and CR stands only before LF or NUL",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "followed by one line of text (where some maximum line length has been specified), and terminated by the Telnet end-of-line code."),
		spec.RFC(854, "THE NVT PRINTER AND KEYBOARD", `the sequence "CR LF" must be treated as a single "new line" character and used whenever their combined action is intended; the sequence "CR NUL" must be used where a carriage return alone is actually desired; and the CR character must be avoided in other contexts.`),
	},
	Field: "Clients and firewalls that look for CR LF wait for the end of the line; a stray CR ends up in names and messages.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "when only the greeting or a directory's message is wrong: give that file the line ends of the server's system"},
	},
	Timeout: monitoring,
	Watch: func(w *spec.Watched) {
		for a := range replies(w) {
			if q := a.reply.Quirks & (probe.QuirkBareLF | probe.QuirkBareCR); q != 0 {
				w.Fail(crlf, fmt.Sprintf("%s %s: %s", q, a.where, probe.Printable(shown(a.reply.Raw))))
			}
		}
	},
	Check: func(ctx context.Context, t *spec.T) {
		for _, l := range converse(ctx, t) {
			unended := l.rest != "" && !strings.HasSuffix(l.rest, "\n") && beginsReply(l.rest)
			if l.certain && unended && (probe.CauseOf(l.err) == probe.Stalled || !multiline(l.rest)) {
				t.Fail(crlf, fmt.Sprintf("%s: %s; then %v", l.where, probe.Printable(shown(l.rest)), l.err))
			}
		}
	},
}

const crlf = "CR LF at the end of each line, and no CR elsewhere"
