// Package control holds the requirements on the control connection: the
// greeting and the farewell, the form of replies and their codes, command
// lines in one piece and in many, Telnet, and idle time.
//
// What a particular command has to do is for the area of that command.
//
// # Why
//
// A reply that breaks a rule may come in answer to any command, so the
// requirements on replies watch every session of every check; a conversation of
// their own sees to it that there is something to watch. Who answered what is
// accused only where it is certain: after a reply that was lost, or one too many,
// all that follow seem to be wrong.
//
// A server that never greets, or speaks another protocol, is accused of nothing:
// there is no dialogue that could be judged.
package control
