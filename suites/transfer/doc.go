// Package transfer holds the requirements on data transfers: marks and final
// replies, what the data are, listings, aborts, and the order of things.
//
// Where the data connection comes from is for packages passive and extended,
// where a transfer begins and how its data are represented for packages restart
// and representation.
//
// # Why
//
// What comes back changed was changed on its way in or on its way out, and a
// client sees only the way there and back. So a check that finds a difference
// asks further (see [culprit]), and each of the two directions is accused by its
// own requirement, or by none.
//
// A download that is to be disturbed is one of a file that does not fit into the
// buffers between server and client, so that it still runs when that happens.
package transfer
