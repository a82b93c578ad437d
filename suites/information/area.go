package information

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "INFO",
	Title:  "Information commands",
	Requirements: []*spec.Requirement{
		&system,       // INFO-001
		&status,       // INFO-002
		&statusOfPath, // INFO-003
		&statusFramed, // INFO-004
		&help,         // INFO-005
		&noop,         // INFO-006
		&allo,         // INFO-007
		&listingForm,  // INFO-008
	},
}
