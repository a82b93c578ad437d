package ftptest

import (
	"strconv"
	"strings"
)

// parameters are those of the transfer that TYPE sets. MODE S and STRU F are the only ones
// of their kind.
type parameters struct{ kind kind }

type kind byte

const (
	ascii kind = iota
	image      // TYPE I, and TYPE L 8, which is the same here
)

func (k kind) String() string {
	if k == ascii {
		return "ASCII Non-print"
	}
	return "Image"
}

func (s *session) typ(arg string) {
	words := strings.Fields(strings.ToUpper(arg))
	form := ""
	if len(words) == 2 {
		form = words[1]
	}
	switch {
	case len(words) > 2:
		s.reply(501, "TYPE takes one or two values.")
	case words[0] == "A" && (form == "" || form == "N" || form == "T"):
		// Telnet format effectors make no difference to a file (RFC 1123 §4.1.2.2).
		s.kind = ascii
		s.reply(200, "TYPE is A.")
	case words[0] == "I" && form == "":
		s.kind = image
		s.reply(200, "TYPE is I.")
	case words[0] == "L" && form == "8":
		s.kind = image
		s.reply(200, "TYPE is L 8.")
	case words[0] == "L" && form == "":
		s.reply(501, "TYPE L needs a byte size.")
	default:
		s.reply(504, "This TYPE is not supported.")
	}
}

func (s *session) mode(arg string) { s.only("MODE", "S", arg) }

func (s *session) stru(arg string) { s.only("STRU", "F", arg) }

// only answers a parameter of which there is one value.
func (s *session) only(name, value, arg string) {
	if strings.EqualFold(arg, value) {
		s.reply(200, "%s is %s.", name, value)
		return
	}
	s.reply(504, "Only %s %s is supported.", name, value)
}

// allo has nothing to do, but checks "n [R n]" (RFC 959 §5.3.1).
func (s *session) allo(arg string) {
	words := strings.Fields(strings.ToUpper(arg))
	ok := len(words) == 1 || len(words) == 3 && words[1] == "R"
	for i := 0; i < len(words) && ok; i += 2 {
		_, err := strconv.ParseUint(words[i], 10, 63)
		ok = err == nil
	}
	if !ok {
		s.reply(501, "ALLO needs a number of octets.")
		return
	}
	s.reply(202, "No space has to be allocated.")
}

// rest sets where the next transfer begins (RFC 3659 §5). Whether the file is that long
// shows with the transfer.
func (s *session) rest(arg string) {
	offset, err := strconv.ParseUint(arg, 10, 63)
	if err != nil || arg[0] == '+' {
		s.reply(501, "REST needs a number of octets.")
		return
	}
	s.restart = int64(offset)
	s.reply(350, "Restarting at %d.", offset)
}
