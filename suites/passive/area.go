package passive

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "PASV",
	Title:  "Passive mode (PASV)",
	Requirements: []*spec.Requirement{
		&implemented,     // PASV-001
		&sixNumbers,      // PASV-002
		&parentheses,     // PASV-003
		&noDigitBefore,   // PASV-004
		&singleLine,      // PASV-005
		&usablePort,      // PASV-006
		&ownAddress,      // PASV-007
		&listening,       // PASV-008
		&earlyConnection, // PASV-009
		&lateConnection,  // PASV-010
		&quietUntilAsked, // PASV-011
		&newReplacesOld,  // PASV-012
	},
}
