package ftptest

import (
	"errors"
	"net"
)

// Telnet codes (RFC 854). The control connection is a Telnet connection of which FTP servers
// have to know this much (RFC 1123 §4.1.2.12).
const (
	iac  = 255
	dont = 254
	do   = 253
	wont = 252
	will = 251
	sb   = 250
	se   = 240
)

// inline leaves urgent data in their place. Clients send the Data Mark of a Synch as urgent data
// (RFC 854 p. 9); taken out of the stream it would leave its IAC behind, which then spoils the
// command that follows. Where it cannot be set, only such clients suffer.
func inline(c *net.TCPConn) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(setInline)
	}
}

// maxLine is the longest command line in octets; a longer one is refused as a whole.
const maxLine = 8192

// errLineTooLong stands for a line of more than maxLine octets, which has been read to its end.
var errLineTooLong = errors.New("line too long")

// telnet makes command lines out of octets. Octets go in one by one, so a line, a Telnet command
// and an end of line may arrive in any number of pieces. It holds at most maxLine octets.
type telnet struct {
	line     []byte
	overlong bool
	state    telnetState
	option   byte   // WILL, WONT, DO or DONT that waits for its option
	answer   []byte // refusals to be sent
}

type telnetState byte

const (
	inText      telnetState = iota
	afterCR                 // CR: LF ends the line, NUL makes it a CR of the text
	afterIAC                // IAC: a command, or IAC again for the octet 255
	afterOption             // IAC WILL and the like: the option
	inSubneg                // IAC SB: everything up to IAC SE
	inSubnegIAC             // the same, after an IAC
)

// maxAnswer bounds the refusals that wait to be sent, in octets.
const maxAnswer = 3 * 256

// feed takes one octet and reports whether it ended a line.
func (t *telnet) feed(c byte) bool {
	switch t.state {
	case afterCR:
		t.state = inText
		switch c {
		case '\n':
			return true
		case 0:
			t.text('\r')
			return false
		}
		t.text('\r')
		return t.feed(c)
	case afterIAC:
		t.state = inText
		switch {
		case c == iac:
			t.text(iac)
		case c == will, c == wont, c == do, c == dont:
			t.state, t.option = afterOption, c
		case c == sb:
			t.state = inSubneg
		case c < se: // no command: a client that does not double its octets 255
			t.text(iac)
			return t.feed(c)
		}
		return false
	case afterOption:
		t.state = inText
		t.refuse(c)
		return false
	case inSubneg:
		if c == iac {
			t.state = inSubnegIAC
		}
		return false
	case inSubnegIAC:
		t.state = inSubneg
		if c == se {
			t.state = inText
		}
		return false
	}
	switch c {
	case '\r':
		t.state = afterCR
	case iac:
		t.state = afterIAC
	default:
		t.text(c)
	}
	return false
}

func (t *telnet) text(c byte) {
	if len(t.line) == maxLine {
		t.overlong = true
		return
	}
	t.line = append(t.line, c)
}

// refuse answers DO with WONT and WILL with DONT; WONT and DONT ask for what is the case anyway.
func (t *telnet) refuse(option byte) {
	if len(t.answer) >= maxAnswer {
		return
	}
	switch t.option {
	case do:
		t.answer = append(t.answer, iac, wont, option)
	case will:
		t.answer = append(t.answer, iac, dont, option)
	}
}

// take returns the line that feed has ended, and makes room for the next.
func (t *telnet) take() (string, error) {
	line, overlong := string(t.line), t.overlong
	t.line, t.overlong = t.line[:0], false
	if overlong {
		return "", errLineTooLong
	}
	return line, nil
}
