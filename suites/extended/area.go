package extended

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "EPSV",
	Title:        "Extended passive mode (EPSV)",
	Requirements: []*spec.Requirement{},
}
