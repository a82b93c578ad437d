package security

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "SEC",
	Title:        "Security",
	Requirements: []*spec.Requirement{},
}
