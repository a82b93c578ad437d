// Package information holds the requirements on SYST, STAT, HELP, SITE and NOOP.
package information
