package codes

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed reply-codes.yaml
var file []byte

// Command is a row of the table. The values are the places that allow a code.
type Command struct {
	// Syntax is how the command is written.
	Syntax  string   `yaml:"syntax"`
	Aliases []string `yaml:"aliases"`
	// TwoStage commands are answered with a 1yz reply, and another one at their end.
	TwoStage      bool           `yaml:"two_stage"`
	Preliminary   map[int]string `yaml:"preliminary"`
	Success       map[int]string `yaml:"success"`
	SuccessAny2yz bool           `yaml:"success_any_2yz"`
	Intermediate  map[int]string `yaml:"intermediate"`
	// FailureAfter are the codes of a failure after a 1yz reply, Failure those of one without.
	FailureAfter map[int]string `yaml:"failure_after_preliminary"`
	Failure      map[int]string `yaml:"failure"`
	// Practice are codes that no RFC lists here and that servers send.
	Practice map[int]string `yaml:"practice"`
	Note     string         `yaml:"note"`
}

// Names of rows that are no commands.
const (
	Greeting = "(connect)"
	Unknown  = "(unknown verb)"
)

// table reads the file, which is part of the program: an error is a defect of it.
// Only who looks something up pays for it.
var table = sync.OnceValue(func() map[string]Command {
	var document struct {
		Commands map[string]Command `yaml:"commands"`
	}
	if err := yaml.Unmarshal(file, &document); err != nil {
		panic(fmt.Sprintf("reply-codes.yaml: %v", err))
	}
	byName := maps.Clone(document.Commands)
	for _, c := range document.Commands {
		for _, alias := range c.Aliases {
			byName[alias] = c
		}
	}
	return byName
})

// Names lists the rows in alphabetical order, aliases too.
func Names() []string { return slices.Sorted(maps.Keys(table())) }

// Lookup finds the row for a command line: "EPSV ALL" has one of its own beside
// "EPSV". The empty line stands for the connection itself. What is not in the
// table has the row of unknown verbs, and known is false.
func Lookup(line string) (c Command, known bool) {
	if line == "" {
		return table()[Greeting], true
	}
	verb, arg, _ := strings.Cut(strings.ToUpper(line), " ")
	if c, ok := table()[verb+" "+strings.TrimSpace(arg)]; ok {
		return c, true
	}
	if c, ok := table()[verb]; ok {
		return c, true
	}
	return table()[Unknown], false
}

// Standing is where a code stands in a row of the table.
type Standing int

const (
	// Listed: an RFC lists it for the command.
	Listed Standing = iota
	// Practice: no RFC lists it there, and servers send it.
	Practice
	// OtherPlace: listed, but before the 1yz reply instead of after it, or the
	// reverse. The state diagram of RFC 959 §6 allows a failure at either place.
	OtherPlace
	// Unlisted: not listed, but its first digit is that of a listed code.
	Unlisted
	// WrongClass: no listed code has its first digit.
	WrongClass
)

// Place looks a code up. Opened tells that a 1yz reply went before it, loggedIn
// that the session was logged in: before that any command may be answered 530
// (RFC 959 §4.2.1).
func (c Command) Place(code int, opened, loggedIn bool) Standing {
	direct, other := c.Failure, c.FailureAfter
	if opened {
		direct, other = other, direct
	}
	has := func(m map[int]string) bool { _, ok := m[code]; return ok }
	switch {
	case code == 421, code == 533, code == 530 && !loggedIn && c.Syntax != "QUIT":
		return Listed
	case code >= 631 && code <= 633: // only after ADAT, which has a requirement of its own
		return Listed
	case !opened && (has(c.Preliminary) || has(c.Intermediate)), opened && code == 110:
		return Listed
	case has(c.Success), c.SuccessAny2yz && code/100 == 2, has(direct):
		return Listed
	case has(other):
		return OtherPlace
	case has(c.Practice):
		return Practice
	}
	for _, m := range []map[int]string{c.Preliminary, c.Success, c.Intermediate, c.Failure, c.FailureAfter} {
		for listed := range m {
			if listed/100 == code/100 && (!opened || code/100 != 1) {
				return Unlisted
			}
		}
	}
	// Every command may fail for now or for good.
	if code/100 == 4 || code/100 == 5 {
		return Unlisted
	}
	return WrongClass
}
