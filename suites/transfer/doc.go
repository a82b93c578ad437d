// Package transfer holds the requirements on data transfers: marks and final replies, what the data are, aborts, the order of things.
package transfer
