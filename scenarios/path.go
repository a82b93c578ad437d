package scenarios

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Path is the name of a file on the server, relative to the target's directory
// unless it begins with a slash. It may hold variables:
//
//	{session}    the number of the session in the run, from 1
//	{worker}     its place among the sessions at once, from 1
//	{iteration}  the number of the round in the innermost repeat, from 1
//	{file}       a number by chance: one of a set of files that the scenario needs
type Path string

const maxPath = 1024

var variable = regexp.MustCompile(`\{[a-z]+\}`)

// fileVariable stands for one of a set of files.
const fileVariable = "{file}"

var variables = []string{"{session}", "{worker}", "{iteration}", fileVariable}

// UnmarshalYAML reads a path and refuses what cannot be sent in a command.
func (p *Path) UnmarshalYAML(n ast.Node) error {
	s, err := text(n, "a path")
	if err != nil {
		return err
	}
	if len(s) > maxPath || strings.ContainsAny(s, "\r\n\x00") {
		return wrong(n, "a path is one line of at most %d octets", maxPath)
	}
	for _, v := range variable.FindAllString(s, -1) {
		if !slices.Contains(variables, v) {
			return wrong(n, "the variable %s is none of %s", v, strings.Join(variables, ", "))
		}
	}
	*p = Path(s)
	return nil
}

// Variable tells whether the path holds variables.
func (p Path) Variable() bool { return slices.ContainsFunc(variables, p.of) }

// of tells whether the path holds a certain variable.
func (p Path) of(v string) bool { return strings.Contains(string(p), v) }

// dir is the directory that the file is in, "." for the target's directory.
func (p Path) dir() Path { return Path(path.Dir(string(p))) }

func (p Path) base() string { return path.Base(string(p)) }

// place is what variables stand for at one moment of a session.
type place struct{ session, worker, iteration, file int64 }

// expand replaces the variables in s.
func (p place) expand(s string) string {
	for i, v := range [...]int64{p.session, p.worker, p.iteration, p.file} {
		if strings.Contains(s, variables[i]) {
			s = strings.ReplaceAll(s, variables[i], strconv.FormatInt(v, 10))
		}
	}
	return s
}
