package encoding

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "UTF",
	Title:        "UTF-8, Telnet encoding and LANG",
	Requirements: []*spec.Requirement{},
}
