package transfer

import (
	"slices"

	"github.com/passiveftp/pasv/suites/spec"
)

// Downloads and Uploads are the requirements without which nothing can be seen by
// fetching a file, or by storing one and fetching it: those of other areas that do
// so are blocked by them.
var (
	Downloads = sound
	Uploads   = slices.Concat(sound, []*spec.Requirement{&stores})
)

// Area lists the requirements in the order of the catalogue. From XFER-041 on
// they are about what is in the data.
var Area = spec.Area{
	Prefix: "XFER",
	Title:  "Data transfer",
	Requirements: []*spec.Requirement{
		&sequence,         // XFER-001
		&endOfFile,        // XFER-002
		&exact,            // XFER-003
		&orderlyEnd,       // XFER-004
		&usableAfter,      // XFER-005
		&emptyDownload,    // XFER-006
		&refusedDownload,  // XFER-007
		&promptRefusal,    // XFER-008
		&afterRefusal,     // XFER-009
		&stores,           // XFER-010
		&visible,          // XFER-011
		&replaces,         // XFER-012
		&emptyUpload,      // XFER-013
		&refusedUpload,    // XFER-014
		&overQuota,        // XFER-015
		&cutDownload,      // XFER-016
		&appends,          // XFER-017
		&announcedName,    // XFER-018
		&uniqueName,       // XFER-019
		&listsAll,         // XFER-020
		&listingLines,     // XFER-021
		&listingKeepsType, // XFER-022
		&emptyListing,     // XFER-023
		&missingListing,   // XFER-024
		&listingFormat,    // XFER-025
		&usableNames,      // XFER-026
		&usablePaths,      // XFER-027
		&idleAbort,        // XFER-028
		&abort,            // XFER-029
		&synchAbort,       // XFER-030
		&abortStays,       // XFER-031
		&abortEndsData,    // XFER-032
		&statDuring,       // XFER-033
		&queued,           // XFER-034
		&controlLost,      // XFER-035
		&stalledEnds,      // XFER-036
		&largeFile,        // XFER-037
		&crowd,            // XFER-038
		&punctuation,      // XFER-039
		&resetUpload,      // XFER-040
		&downloadSizes,    // XFER-041
		&uploadSizes,      // XFER-042
		&everyTransfer,    // XFER-043
		&afterAbort,       // XFER-044
		&slowReader,       // XFER-045
		&slowWriter,       // XFER-046
		&several,          // XFER-047
		&listsNames,       // XFER-048
		&completeLast,     // XFER-049
		&listsArgument,    // XFER-050
	},
}
