package hosts

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "HOST",
	Title:        "Virtual hosts (HOST)",
	Requirements: []*spec.Requirement{},
}
