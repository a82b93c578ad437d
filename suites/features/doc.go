// Package features holds the requirements on FEAT and OPTS.
package features
