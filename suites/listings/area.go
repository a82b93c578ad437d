package listings

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "MLS",
	Title:        "MLST and MLSD",
	Requirements: []*spec.Requirement{},
}
