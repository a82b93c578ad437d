package minimum

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "MIN",
	Title:  "Minimum implementation",
	Requirements: []*spec.Requirement{
		&commands, // MIN-001
		&oldNames, // MIN-002
	},
}
