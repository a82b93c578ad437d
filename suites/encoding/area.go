package encoding

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "UTF",
	Title:  "UTF-8, Telnet encoding and LANG",
	Requirements: []*spec.Requirement{
		&survives,       // UTF-001
		&feature,        // UTF-002
		&spaces,         // UTF-003
		&raw,            // UTF-004
		&doubled,        // UTF-005
		&carriageReturn, // UTF-006
		&language,       // UTF-007
	},
}
