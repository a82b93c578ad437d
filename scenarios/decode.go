package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/passiveftp/pasv/report"
)

// Error says what is wrong in a scenario file, and where.
type Error struct {
	File string
	// Line and Column count from 1.
	Line, Column int
	Message      string
	// Excerpt is the line in question with a mark below the column. It is
	// printable.
	Excerpt string
}

// Error is "small.yaml:7:9: what is wrong", and the excerpt on the lines below.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Excerpt != "" {
		s += "\n" + e.Excerpt
	}
	return s
}

// Bounds of a file. What people write stays far below; a hostile file costs
// little above, since the YAML parser's time grows with the square of the depth.
const (
	maxFile  = 64 << 10
	maxDepth = 32
)

// fault is an error at a place in the document.
type fault struct {
	node ast.Node
	msg  string
}

func (f *fault) Error() string { return f.msg }

// wrong makes an error at a node, which may be nil.
func wrong(n ast.Node, format string, args ...any) error {
	return &fault{n, fmt.Sprintf(format, args...)}
}

// parse reads one document and refuses what a scenario has no use for: several
// documents, anchors, aliases, tags, merge keys and empty values.
func parse(b []byte) (ast.Node, error) {
	tokens := lexer.Tokenize(string(b))
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.MappingKeyType, token.DirectiveType:
			return nil, &yaml.SyntaxError{Message: fmt.Sprintf("%q has no place in a scenario", t.Value), Token: t}
		}
		// A block sequence can nest within a line: "- - - x".
		if depth > maxDepth || t.Position.IndentNum > 8*maxDepth || t.Position.Column > 16*maxDepth && t.Type == token.SequenceEntryType {
			return nil, &yaml.SyntaxError{Message: "nested too deeply", Token: t}
		}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, errors.New("the file is empty")
	}
	if len(file.Docs) > 1 {
		return nil, wrong(file.Docs[1].Body, "a file holds one scenario")
	}
	body := file.Docs[0].Body
	found := &empty{}
	ast.Walk(found, body)
	if found.node != nil {
		return nil, wrong(found.node, "a value is missing")
	}
	return body, nil
}

// empty finds the first null in a document.
type empty struct{ node ast.Node }

func (e *empty) Visit(n ast.Node) ast.Visitor {
	if n.Type() == ast.NullType && e.node == nil {
		e.node = n
	}
	return e
}

// decode sets v from a node; unknown fields are errors, and so is a missing one
// that is required.
func decode(n ast.Node, v any) error {
	if err := yaml.NodeToValue(n, v, yaml.Strict()); err != nil {
		return err
	}
	return complete(n, v)
}

// required is the tag of a field that must be there.
const required = `required`

// complete refuses a node that lacks a required field of the struct that v points to.
func complete(n ast.Node, v any) error {
	t := reflect.TypeOf(v).Elem()
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range settings(t) {
		if key := f.Tag.Get("yaml"); f.Tag.Get("scenario") == required && !has(n, key) {
			return wrong(n, "%s is missing", key)
		}
	}
	return nil
}

// settings are the fields of a struct that stand in YAML.
func settings(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if key := t.Field(i).Tag.Get("yaml"); key != "" && key != "-" && !yield(t.Field(i)) {
				return
			}
		}
	}
}

// scalar is the text of a node that holds a single value, for types that are
// written without quotes, as 4KiB or 10s.
func scalar(n ast.Node, want string) (string, error) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, nil
	}
	return "", wrong(n, "%s is wanted here", want)
}

// text is the value of a string node.
func text(n ast.Node, want string) (string, error) {
	if s, ok := n.(*ast.StringNode); ok && s.Value != "" {
		return s.Value, nil
	}
	return "", wrong(n, "%s is wanted here; put numbers and words like true in quotes", want)
}

// field is the value of a key of a mapping, and the mapping itself when it has
// no such key.
func field(n ast.Node, key string) ast.Node {
	if m, ok := n.(*ast.MappingNode); ok {
		for _, v := range m.Values {
			if v.Key.String() == key {
				return v.Value
			}
		}
	}
	return n
}

// has tells whether a mapping has a key.
func has(n ast.Node, key string) bool { return n != nil && field(n, key) != n }

// start is the token that a node begins with.
func start(n ast.Node) *token.Token {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return start(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(v.Key)
	}
	return n.GetToken()
}

// placed turns what went wrong into an [Error] of a file.
func placed(name string, source []byte, err error) error {
	out := &Error{File: name, Line: 1, Column: 1, Message: report.Printable(err.Error())}
	var at *token.Token
	var f *fault
	var y yaml.Error
	switch {
	case errors.As(err, &f):
		out.Message = report.Printable(f.msg)
		if f.node != nil {
			at = start(f.node)
		}
	case errors.As(err, &y):
		out.Message = report.Printable(y.GetMessage())
		at = y.GetToken()
	}
	if at != nil && at.Position != nil {
		out.Line, out.Column = max(at.Position.Line, 1), max(at.Position.Column, 1)
	}
	out.Excerpt = excerpt(source, out.Line, out.Column)
	return out
}

// excerpt shows a line of the source and marks a column.
func excerpt(source []byte, line, column int) string {
	lines := strings.Split(string(source), "\n")
	if line > len(lines) {
		return ""
	}
	text := []rune(strings.TrimRight(lines[line-1], "\r"))
	// What stands before the mark is made printable on its own, so that the
	// mark stays below what it means.
	column = min(column-1, len(text))
	before, after := report.Printable(string(text[:column])), report.Printable(string(text[column:]))
	const widest = 120
	if len(before) > widest {
		before = "…"
	}
	if r := []rune(after); len(r) > widest {
		after = string(r[:widest]) + "…"
	}
	number := fmt.Sprintf("%4d | ", line)
	return number + before + after + "\n" + strings.Repeat(" ", len(number)+len([]rune(before))) + "^"
}

// between refuses numbers outside of a range.
func between[T cmp.Ordered](n ast.Node, what string, v, low, high T) error {
	if v < low || v > high {
		return wrong(n, "%s must be between %v and %v", what, low, high)
	}
	return nil
}
