// Package metadata holds the requirements on MDTM and SIZE.
//
// The same facts in MLST and MLSD are judged with these commands, sizes beyond
// 32 bits with the transfers.
//
// # Why
//
// RFC 3659 lets a server refuse both commands for files that exist, when finding
// out is too costly for instance. So a refusal is no accusation; an answer that
// is wrong always is.
package metadata
