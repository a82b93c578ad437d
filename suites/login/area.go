package login

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "LOG",
	Title:  "Login and logout",
	Requirements: []*spec.Requirement{
		&user,           // LOG-001
		&rightPassword,  // LOG-002
		&wrongPassword,  // LOG-003
		&passFirst,      // LOG-004
		&fromTheStart,   // LOG-005
		&locked,         // LOG-006
		&earlyHelp,      // LOG-007
		&earlyNoop,      // LOG-008
		&userAgain,      // LOG-009
		&oldUserGone,    // LOG-010
		&reinitialize,   // LOG-011
		&asConnected,    // LOG-012
		&quit,           // LOG-013
		&quitInTransfer, // LOG-014
		&account,        // LOG-015
		&accountLogin,   // LOG-016
		&secondTry,      // LOG-017
	},
}
