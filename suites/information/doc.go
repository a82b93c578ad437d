// Package information holds the requirements on commands that tell something, or
// do nothing: SYST, STAT, HELP, NOOP, ALLO.
//
// STAT during a transfer is a matter of transfers, that these commands exist at
// all one of the minimum implementation.
package information
