// Package encoding holds the requirements on the octets of names (UTF-8, the
// octets of Telnet in them, spaces at their ends) and on LANG.
//
// # Why
//
// A server may refuse names: neither RFC 2640 nor RFC 3659 takes that right from
// it. What it takes it has to keep. So these checks accuse a server that stores
// or shows another name than it was given, and note a refusal. What is there is
// told by a listing, by MLSD where it exists and by NLST elsewhere, since replies
// have rules of their own for the same octets.
package encoding
