// Package directories holds the requirements on directories and names: CWD, PWD,
// CDUP, MKD, RMD, DELE and renaming.
//
// What is in a directory is listed by LIST, NLST (area XFER) and MLSD (area MLS).
//
// # Why
//
// RFC 959 leaves the form of a path to the server, so that no check takes a path
// apart where it can try it instead: what matters is where CWD leads. A refusal
// counts whatever its code is; whether the code is listed for its command is a
// requirement of its own (CTL-010), which would otherwise be reported by each of
// these again.
package directories
