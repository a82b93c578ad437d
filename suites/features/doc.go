// Package features holds the requirements on FEAT and OPTS: the form of the
// listing, and whether it is true.
//
// The form of the lines for MLST, LANG and UTF8 is judged with these commands.
//
// # Why
//
// A command proves an extension only by its success code, since many servers
// answer 530 to whatever comes before the login. The reverse, that a listed
// command is not known, is proven only by 500 or 502, and only where the command
// belongs: HOST and AUTH before the login, PBSZ and PROT under TLS.
package features
