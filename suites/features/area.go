package features

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "FEAT",
	Title:  "Feature negotiation",
	Requirements: []*spec.Requirement{
		&answered,      // FEAT-001
		&indented,      // FEAT-002
		&endLine,       // FEAT-003
		&complete,      // FEAT-004
		&honest,        // FEAT-005
		&extendedPorts, // FEAT-006
		&beforeLogin,   // FEAT-007
		&options,       // FEAT-008
		&optionUTF8,    // FEAT-009
		&otherCommands, // FEAT-010
	},
}
