// Package sample holds example runs for the tests of package report and of the
// renderers below it: one where all is well, one where much is wrong, and one
// from a server that tries to get its bytes onto the reader's screen.
//
// # Why
//
// All renderers show the same value, so their tests share it: what is missing
// in one rendering stands out beside the others.
package sample
