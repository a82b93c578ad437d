package information

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "INFO",
	Title:        "Information commands",
	Requirements: []*spec.Requirement{},
}
