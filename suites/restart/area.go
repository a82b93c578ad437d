package restart

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "REST",
	Title:        "Restart",
	Requirements: []*spec.Requirement{},
}
