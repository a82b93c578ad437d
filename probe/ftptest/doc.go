// Package ftptest is an FTP server for tests, in the spirit of net/http/httptest.
//
// Start listens on a free loopback port and serves an in-memory tree until Close:
//
//	srv, err := ftptest.Start(ftptest.Config{})
//	if err != nil { ... }
//	defer srv.Close()
//	// srv.URL() is "ftp://pasv:embedded@127.0.0.1:40000/"
//
// It is the yardstick of the conformance suites, so it follows the RFCs to the
// letter: 854, 959, 1123, 2228 and 4217 (TLS), 2389, 2428, 2577, 2640, 3659 and
// 7151 (HOST). A Fault breaks it in one named way, so that a check that ought to
// notice can be shown to notice.
//
// It does not do block and compressed mode, record and page structure, EBCDIC,
// proxy transfers or languages; those are refused with the codes the RFCs give.
// Judging other servers is left to the suites, real daemons to the package
// daemon.
//
// # Why
//
// A server of our own, although good ones exist: a yardstick must be exact where
// real servers are lenient, and must be breakable in exactly one place at a
// time. Every decision that a fault may change is a field of hooks; without
// faults all of them are empty and there is no second code path.
//
// Commands are served by one goroutine per session. Only while a transfer runs
// does a second one read the control connection, so that ABOR, STAT and the
// loss of the client are noticed; everything else it reads is queued.
// A data connection that is early waits in the backlog of its listener until the
// transfer command arrives, which makes it silent, and replaceable by a new PASV,
// for free.
//
// An upload becomes visible as a whole when it is complete, and a failed one
// leaves no trace: an answer of 226 is then true for every other session, too.
package ftptest
