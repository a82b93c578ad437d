package control

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "CTL",
	Title:  "Control connection",
	Requirements: []*spec.Requirement{
		&greeting,         // CTL-001
		&closing,          // CTL-002
		&replyBegins,      // CTL-003
		&replyEnds,        // CTL-004
		&padded,           // CTL-005
		&lineEnds,         // CTL-006
		&everyCommand,     // CTL-007
		&onePreliminary,   // CTL-008
		&unspontaneous,    // CTL-009
		&listedCodes,      // CTL-010
		&digits,           // CTL-011
		&unknownVerb,      // CTL-012
		&verbCase,         // CTL-013
		&parameterCase,    // CTL-014
		&severalSpaces,    // CTL-015
		&missingArgument,  // CTL-016
		&patientForEnd,    // CTL-017
		&oneByOne,         // CTL-018
		&severalAtOnce,    // CTL-019
		&longLine,         // CTL-020
		&telnetRefused,    // CTL-021
		&telnetNotBegun,   // CTL-022
		&idleLongEnough,   // CTL-023
		&idleEnds,         // CTL-024
		&idleNotWhileBusy, // CTL-025
		&endInTwoSegments, // CTL-026
	},
}
