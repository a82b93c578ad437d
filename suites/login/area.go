package login

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "LOG",
	Title:        "Login and logout",
	Requirements: []*spec.Requirement{},
}
