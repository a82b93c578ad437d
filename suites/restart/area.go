package restart

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "REST",
	Title:  "Restart",
	Requirements: []*spec.Requirement{
		&accepted,   // REST-001
		&resumed,    // REST-002
		&onceOnly,   // REST-003
		&continued,  // REST-004
		&beyondEnd,  // REST-005
		&digitsOnly, // REST-006
		&listed,     // REST-007
		&inASCII,    // REST-008
		&uploadOnce, // REST-009
		&atTheEnd,   // REST-010
	},
}
