// Package codes is the table of the reply codes that a command may be answered
// with: those of RFC 959 §5.4 and of the later RFCs, each with the place that
// allows it, and beside them the codes that common servers send all the same.
//
// It tells where a code stands in the table. What follows from that is for the
// judge of a requirement.
//
// # Why
//
// The table is data, in a file that can be read and corrected without knowing
// the program. It is a package of its own and not a part of spec, because it
// knows nothing of requirements.
package codes
