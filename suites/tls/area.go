package tls

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "TLS",
	Title:  "FTP over TLS",
	Requirements: []*spec.Requirement{
		&authTLS,           // TLS-001
		&authCase,          // TLS-002
		&authUnknown,       // TLS-003
		&featTLS,           // TLS-004
		&injection,         // TLS-005
		&authResets,        // TLS-006
		&protClear,         // TLS-007
		&protFirst,         // TLS-008
		&protPrivate,       // TLS-009
		&protLevels,        // TLS-010
		&clearByDefault,    // TLS-011
		&everyTransfer,     // TLS-012
		&protAnyTime,       // TLS-013
		&policyRefusal,     // TLS-014
		&failedHandshake,   // TLS-015
		&nothingBefore,     // TLS-016
		&resumption,        // TLS-017
		&reuseRefused,      // TLS-018
		&closeNotify,       // TLS-019
		&endOfUpload,       // TLS-020
		&sameCertificate,   // TLS-021
		&clearCommands,     // TLS-022
		&reinitialized,     // TLS-023
		&failedNegotiation, // TLS-024
		&abort,             // TLS-025
		&loginRefused,      // TLS-026
		&versions,          // TLS-027
		&protRefused,       // TLS-028
		&manyConnections,   // TLS-029
		&noClearUpload,     // TLS-030
		&fragment,          // TLS-031
		&patientHandshake,  // TLS-032
	},
}
