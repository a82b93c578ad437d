package representation

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "REP",
	Title:        "Representation, structure, mode",
	Requirements: []*spec.Requirement{},
}
