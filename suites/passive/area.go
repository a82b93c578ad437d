package passive

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "PASV",
	Title:  "Passive mode (PASV)",
	Requirements: []*spec.Requirement{
		&implemented,         // PASV-001
		&sixNumbers,          // PASV-002
		&parentheses,         // PASV-003
		&noDigitBefore,       // PASV-004
		&singleLine,          // PASV-005
		&usablePort,          // PASV-006
		&ownAddress,          // PASV-007
		&listening,           // PASV-008
		&earlyConnection,     // PASV-009
		&lateConnection,      // PASV-010
		&quietUntilAsked,     // PASV-011
		&newReplacesOld,      // PASV-012
		&replacesPort,        // PASV-013
		&oneTransfer,         // PASV-014
		&noneInEffect,        // PASV-015
		&superfluousArgument, // PASV-016
		&onlyAfterLogin,      // PASV-017
		&outlastsCommands,    // PASV-018
		&oneConnection,       // PASV-019
		&sameAddress,         // PASV-020
		&unpredictable,       // PASV-021
		&closedAtTheEnd,      // PASV-022
		&aborCancels,         // PASV-023
		&absentConnection,    // PASV-024
		&closedBefore,        // PASV-025
		&ownPort,             // PASV-026
		&noLeak,              // PASV-027
		&honestWhenFull,      // PASV-028
		&manyTransfers,       // PASV-029
		&onIPv6,              // PASV-030
		&patient,             // PASV-031
	},
}
