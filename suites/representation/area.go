package representation

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "REP",
	Title:  "Representation, structure, mode",
	Requirements: []*spec.Requirement{
		&defaultType,   // REP-001
		&commonTypes,   // REP-002
		&telnetFormat,  // REP-003
		&unknownValues, // REP-004
		&textDownload,  // REP-005
		&textUpload,    // REP-006
		&roundTrip,     // REP-007
		&typeStays,     // REP-008
		&streamAndFile, // REP-009
		&otherModes,    // REP-010
		&pageStructure, // REP-011
		&splitLineEnd,  // REP-012
		&localIsImage,  // REP-013
	},
}
