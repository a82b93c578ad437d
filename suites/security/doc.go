// Package security holds the requirements on security: bounce, guessing, injection,
// exhaustion.
//
// # Why
//
// RFC 2577 is informational, so that most of it is advice here. A check shows that a
// hole is there, and never uses it: no transfer is started to a third host, and what
// is fetched from outside an account's tree is looked at and thrown away.
//
// Wrong passwords are sent for users who do not exist wherever that will do: nobody is
// to be locked out by a check.
package security
