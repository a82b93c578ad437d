package hosts

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "HOST",
	Title:  "Virtual hosts (HOST)",
	Requirements: []*spec.Requirement{
		&withoutHOST, // HOST-001
		&anyCase,     // HOST-002
		&beforeLogin, // HOST-003
		&unknownName, // HOST-004
		&noPort,      // HOST-005
		&otherHost,   // HOST-006
		&lastCounts,  // HOST-007
		&afterError,  // HOST-008
		&sameAsSNI,   // HOST-009
		&announced,   // HOST-010
		&afterREIN,   // HOST-011
	},
}
