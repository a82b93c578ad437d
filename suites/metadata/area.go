package metadata

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "META",
	Title:  "MDTM and SIZE",
	Requirements: []*spec.Requirement{
		&timeForm,    // META-001
		&universal,   // META-002
		&refused,     // META-003
		&onePathname, // META-004
		&imageSize,   // META-005
		&textSize,    // META-006
		&literal,     // META-007
		&steady,      // META-008
	},
}
