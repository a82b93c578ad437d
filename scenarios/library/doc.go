// Package library holds the built-in scenarios, as files like those that users
// write.
//
// Reading them is left to package scenarios.
//
// # Why
//
// Built-in scenarios have no abilities of their own: whoever wants another one
// prints the one that is nearest and changes it.
package library
