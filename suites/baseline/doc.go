// Package baseline knows the deviations of a server that its operators accept: a
// file with one entry for each, and a reason. What is in it does not count
// against the server; what is in it and gone makes the file stale, which does.
//
// It changes verdicts and judges nothing itself.
//
// # Why
//
// An entry needs a reason and may have a last day, because a list of exceptions
// that nobody has to justify grows until the check means nothing.
package baseline
