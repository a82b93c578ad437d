package transfer

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "XFER",
	Title:        "Data transfer",
	Requirements: []*spec.Requirement{},
}
