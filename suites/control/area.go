package control

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "CTL",
	Title:        "Control connection",
	Requirements: []*spec.Requirement{},
}
