package directories

import "github.com/passiveftp/pasv/suites/spec"

// Area lists the requirements in the order of the catalogue.
var Area = spec.Area{
	Prefix: "DIR",
	Title:  "Directories and names",
	Requirements: []*spec.Requirement{
		&workingDirectory, // DIR-001
		&doubledQuotes,    // DIR-002
		&wayBack,          // DIR-003
		&changes,          // DIR-004
		&noSuchDirectory,  // DIR-005
		&parent,           // DIR-006
		&top,              // DIR-007
		&made,             // DIR-008
		&absolute,         // DIR-009
		&exists,           // DIR-010
		&removed,          // DIR-011
		&notRemoved,       // DIR-012
		&deleted,          // DIR-013
		&notDeleted,       // DIR-014
		&renamed,          // DIR-015
		&nothingToRename,  // DIR-016
		&outOfSequence,    // DIR-017
		&sequenceEnds,     // DIR-018
		&literal,          // DIR-019
		&parameters,       // DIR-020
	},
}
