package features

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "FEAT",
	Title:        "Feature negotiation",
	Requirements: []*spec.Requirement{},
}
