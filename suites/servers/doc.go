// Package servers holds what the catalogue says of real servers: the verdict on
// every requirement for vsftpd, ProFTPD, Pure-FTPd and pyftpdlib, in clear and
// under TLS, and for each verdict against one of them the reason why it is just.
//
// It has nothing but tests. They judge the daemons as they come from Debian's
// packages and compare with testdata/matrix.txt. What is there must be renewed on
// purpose:
//
//	go test ./suites/servers -update
//
// and -page FILE writes the same as a page, one column for each server.
//
// # Why
//
// A requirement that accuses a server which is in use everywhere is more likely
// wrong than the server is. So nobody is accused here without testdata/
// adjudications.yaml saying what was seen, by which sentence it is wrong, and why
// that holds.
package servers
