// Package extended holds the requirements on extended passive mode (EPSV, RFC
// 2428): the 229 reply, the listener behind it, the arguments of EPSV, and EPSV
// ALL.
//
// PASV has an area of its own; what both do to each other is here.
//
// # Why
//
// A server may do without EPSV over IPv4, so that its absence is one warning and
// ends the area. A check that needs a transfer makes sure first that the transfer
// command itself works, lest EPSV be accused of what is wrong with LIST or RETR.
package extended
