package extended

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "EPSV",
	Title:  "Extended passive mode (EPSV)",
	Requirements: []*spec.Requirement{
		&implemented,      // EPSV-001
		&form,             // EPSV-002
		&portAlone,        // EPSV-003
		&bars,             // EPSV-004
		&listening,        // EPSV-005
		&download,         // EPSV-006
		&ownProtocol,      // EPSV-007
		&foreignProtocol,  // EPSV-008
		&protocolList,     // EPSV-009
		&malformed,        // EPSV-010
		&all,              // EPSV-011
		&noPASV,           // EPSV-012
		&noPORT,           // EPSV-013
		&noEPRT,           // EPSV-014
		&stillWorks,       // EPSV-015
		&replaceEachOther, // EPSV-016
		&onlyAfterLogin,   // EPSV-017
		&overIPv6,         // EPSV-018
	},
}
