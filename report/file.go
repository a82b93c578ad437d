package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Marshal encodes the run as report.json: indented, with a final newline, and
// safe to be shown on a terminal (see [JSON]). It fails when a number is not
// finite.
func Marshal(r Run) ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return append(JSON(b), '\n'), nil
}

// Unmarshal decodes a report.json. It fails when the file is not JSON or has a
// field of the wrong type (the error names line and column), and when the file
// is of another version than [Schema]. Unknown fields are passed over: a later
// pasv may add some without a new version.
func Unmarshal(b []byte) (Run, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := decode(b, &head); err != nil {
		return Run{}, err
	}
	switch head.Schema {
	case Schema:
	case "":
		return Run{}, errors.New(`report: not a report of pasv: "schema" is missing`)
	default:
		return Run{}, fmt.Errorf("report: the file is of version %q, this pasv reads %q", head.Schema, Schema)
	}
	var r Run
	if err := decode(b, &r); err != nil {
		return Run{}, err
	}
	return r, nil
}

// decode is json.Unmarshal with line and column in the error.
func decode(b []byte, into any) error {
	err := json.Unmarshal(b, into)
	if err == nil {
		return nil
	}
	var offset int64
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		offset = mismatch.Offset
	default:
		return fmt.Errorf("report: %w", err)
	}
	line, column := position(b, offset)
	return fmt.Errorf("report: line %d, column %d: %w", line, column, err)
}

// position turns the number of bytes read into line and column of the last of
// them, both from 1.
func position(b []byte, read int64) (line, column int) {
	before := b[:min(max(int(read)-1, 0), len(b))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}
