package metadata

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "META",
	Title:        "MDTM and SIZE",
	Requirements: []*spec.Requirement{},
}
