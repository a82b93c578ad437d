package security

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "SEC",
	Title:  "Security",
	Requirements: []*spec.Requirement{
		&thirdHost,      // SEC-001
		&lowPort,        // SEC-002
		&malformedPort,  // SEC-003
		&fewAttempts,    // SEC-004
		&delay,          // SEC-005
		&unknownUser,    // SEC-006
		&confinement,    // SEC-007
		&echo,           // SEC-008
		&portsForOthers, // SEC-009
		&siteExec,       // SEC-010
		&hostile,        // SEC-011
		&passwordEcho,   // SEC-012
		&isolation,      // SEC-013
		&silentClients,  // SEC-014
		&limits,         // SEC-015
	},
}
