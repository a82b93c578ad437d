// Package passive holds the requirements on passive mode (PASV): the 227 reply,
// the listener behind it, and the data connection.
//
// EPSV has an area of its own.
//
// # Why
//
// A check connects to the announced port before it waits for the 1yz reply,
// since many servers send it only once they have accepted the connection.
// Whether a connection that was opened too often stays open proves nothing: the
// kernel completes it for the listener's backlog. Only data on it do.
//
// Checks whose transfer fails look whether the transfer command works otherwise,
// lest passive mode be accused of what is wrong with LIST or RETR. Checks that
// connect to a port which was given up run alone: it may be another check's by
// then.
package passive
