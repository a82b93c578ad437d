// Package listings holds the requirements on MLST and MLSD.
package listings
