// Package login holds the requirements on logging in and out: USER, PASS, ACCT,
// REIN, QUIT, and what may be done before.
//
// Lock-outs, delays and what replies give away about names and passwords are
// matters of security and have an area of their own.
//
// # Why
//
// A password goes only where the target has it go: checks that log in by
// themselves begin with [spec.T.Dial], which brings TLS first where the target
// asks for it. What plays the part of a wrong password is random, so that it can
// neither be right nor remind of the right one.
//
// That the account cannot log in at all is no finding of this area: who is right,
// the server or whoever typed the password, cannot be known, and nothing else
// could be judged.
package login
