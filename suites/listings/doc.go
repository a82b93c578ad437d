// Package listings holds the requirements on MLST and MLSD (RFC 3659 §7), and on
// the completeness of listings.
//
// LIST and NLST belong to area XFER.
//
// # Why
//
// The lines of a listing are read here with a grammar that takes what it can,
// and not by the parser that clients of this module use: when one line is wrong
// the others can still be judged, and the wrong one is reported by one
// requirement alone. Which fact is right about a file is told by files that the
// run has made itself; symbolic links are not judged.
package listings
