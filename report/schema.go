package report

import _ "embed"

// JSONSchema is the JSON Schema (draft 2020-12) of the report file. It is
// strict, so that it also finds misspelt fields.
//
//go:embed schema.json
var JSONSchema []byte
