// Package daemon starts real FTP servers for tests: vsftpd, ProFTPD, Pure-FTPd
// and pyftpdlib, each with one account, a folder of fixtures and, where wanted, TLS.
//
// It leaves to the tests what is said to them, and to package ftptest the server
// that can be broken on purpose.
//
// # Why
//
// The daemons' packages exclude one another and start services when they are
// installed, so none is: their files are unpacked into the user's cache folder and
// run from there. A daemon runs in mount and process namespaces of its own. In
// them the configuration and the account appear below /mnt whatever the
// test's temporary folder is called, PAM finds its rules without a change to the
// machine's /etc, and killing the first process ends every other one, also those
// that left the process group.
//
// A daemon lives in the network namespace of the thread that calls Start. A test
// that has locked its goroutine to a thread in a network namespace gets it there.
package daemon
