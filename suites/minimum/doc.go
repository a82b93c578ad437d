// Package minimum holds the requirements on which commands a server has to have
// at all. Whether they do what they should is for the other areas.
//
// # Why
//
// A command counts as implemented when its reply is neither 500 nor 502. So it
// can be tried with arguments that are refused, and nothing has to be written to
// the account to learn that STOR exists.
package minimum
