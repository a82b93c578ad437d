package listings

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "MLS",
	Title:  "MLST and MLSD",
	Requirements: []*spec.Requirement{
		&reply,        // MLS-001
		&form,         // MLS-002
		&listing,      // MLS-003
		&nothingElse,  // MLS-004
		&notDirectory, // MLS-005
		&missing,      // MLS-006
		&anyType,      // MLS-007
		&kind,         // MLS-008
		&current,      // MLS-009
		&permissions,  // MLS-010
		&sizes,        // MLS-011
		&unique,       // MLS-012
		&supported,    // MLS-013
		&factNames,    // MLS-014
		&usable,       // MLS-015
		&feature,      // MLS-016
		&selects,      // MLS-017
		&noFacts,      // MLS-018
		&complete,     // MLS-019
		&brokenName,   // MLS-020
		&here,         // MLS-021
	},
}
