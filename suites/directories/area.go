package directories

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "DIR",
	Title:        "Directories and names",
	Requirements: []*spec.Requirement{},
}
