package tls

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix:       "TLS",
	Title:        "FTP over TLS",
	Requirements: []*spec.Requirement{},
}
