// Package login holds the requirements on logging in and out: USER, PASS, ACCT, REIN, QUIT.
package login
