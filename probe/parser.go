package probe

import (
	"fmt"

	"github.com/passiveftp/pasv/probe/internal/lines"
)

// SyntaxError says that a line stands where a reply should begin and is none:
// it does not start with three digits followed by a space, a hyphen or its end
// (RFC 959 §4.2).
type SyntaxError struct {
	// Line is the line, or what had come of it, shortened to at most 256 octets.
	Line string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("not an FTP reply: %q", e.Line) }

// Parser turns the octets of a control connection into replies. It is pure: it
// keeps what it was fed and knows nothing else. The zero value works. After an
// error it must not be used again.
type Parser struct {
	Limits Limits

	raw    []byte // the reply so far
	line   int    // where its current line begins
	count  int    // of its complete lines
	code   int    // of a multi-line reply that is not complete, else 0
	open   bool   // a multi-line reply is not complete
	done   bool   // raw holds a complete reply
	quirks Quirk
}

// Feed takes octets up to the end of the first complete reply in b. It returns
// how many it took and whether a reply is complete; then [Parser.Reply] has it
// and the rest of b is to be fed again.
func (p *Parser) Feed(b []byte) (n int, complete bool, err error) {
	if p.done {
		p.Reset()
	}
	limits := p.Limits.withDefaults()
	for n < len(b) {
		chunk := b[n:]
		end := lines.End(chunk)
		if end > 0 {
			chunk = chunk[:end]
		}
		if err := p.admit(chunk, &limits); err != nil {
			return n, false, err
		}
		p.raw = append(p.raw, chunk...)
		n += len(chunk)
		if end == 0 {
			break
		}
		line := p.raw[p.line:]
		p.line = len(p.raw)
		if p.count++; p.count > limits.Lines {
			return n, false, ErrTooManyLines
		}
		if complete, err = p.take(line); complete || err != nil {
			p.done = complete
			return n, complete, err
		}
	}
	return n, false, nil
}

// admit tells whether octets of one line may be added. Which error it is does
// not depend on how the octets were cut into chunks.
func (p *Parser) admit(chunk []byte, limits *Limits) error {
	// No line end can be hoped for where the peer speaks TLS or another binary protocol.
	if len(p.raw) == 0 && foreign(chunk[0]) {
		return notReply(chunk)
	}
	line, reply := limits.Line-(len(p.raw)-p.line), limits.Reply-len(p.raw)
	switch {
	case len(chunk) <= min(line, reply):
		return nil
	case line <= reply:
		return ErrLineTooLong
	}
	return ErrReplyTooLong
}

// foreign tells a control character that no line of text begins with.
func foreign(c byte) bool { return c < ' ' && c != 0 && c != '\t' && c != '\n' && c != '\r' }

func notReply(line []byte) *SyntaxError {
	return &SyntaxError{Line: string(line[:min(len(line), 256)])}
}

// take reads one line and tells whether it completes a reply.
func (p *Parser) take(raw []byte) (bool, error) {
	line, q := lines.Decode(raw)
	p.quirks |= Quirk(q)
	code, after, ok := splitCode(line)
	switch {
	case !p.open && !ok:
		return false, notReply(line)
	case !p.open && after == '-':
		p.open, p.code = true, code
		return false, nil
	case p.open && (!ok || after == '-'):
		return false, nil
	case p.open && code != p.code:
		if after == ' ' {
			p.quirks |= QuirkInnerCode
		}
		return false, nil
	}
	if after == 0 {
		p.quirks |= QuirkNoSpace
	}
	p.open, p.code = false, code
	return true, nil
}

// splitCode reads three digits and the octet behind them: a space, a hyphen, or
// 0 when the line ends there.
func splitCode(line []byte) (code int, after byte, ok bool) {
	if len(line) < 3 {
		return 0, 0, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		code = code*10 + int(c-'0')
	}
	if len(line) == 3 {
		return code, 0, true
	}
	after = line[3]
	return code, after, after == ' ' || after == '-'
}

// Code is the code of the complete reply, without the cost of [Parser.Reply].
func (p *Parser) Code() int { return p.code }

// Reply is the complete reply; the zero Reply if there is none.
func (p *Parser) Reply() Reply {
	if !p.done {
		return Reply{}
	}
	return Reply{Code: p.code, Raw: string(p.raw), Quirks: p.quirks}
}

// Pending is what was fed since the last complete reply, for a message about a
// reply that never became complete. It is valid until the next call of Feed.
func (p *Parser) Pending() []byte {
	if p.done {
		return nil
	}
	return p.raw
}

// Reset forgets everything that was fed. The memory of a large reply is given
// back.
func (p *Parser) Reset() {
	if cap(p.raw) > 4<<10 {
		p.raw = nil
	}
	*p = Parser{Limits: p.Limits, raw: p.raw[:0]}
}
