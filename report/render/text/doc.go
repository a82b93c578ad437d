// Package text renders a run for people: what pasv prints on the terminal.
//
// What needs attention is shown in full (what was expected, what was seen, the
// sentence it rests on, the session that shows it); what is in order is
// counted. The last line is the overall result.
//
// It leaves progress and warnings during a run to the command, and charts to
// package html.
//
// # Why
//
// Text is escaped where it is laid out, in the printer, and nowhere else: no
// caller can forget it, and widths are measured on what will be seen. Colours
// are added after that, so they are the only control sequences in the output.
//
// There are no symbols but ASCII: logs of build servers, serial consoles and
// screen readers are where this is read when something is wrong.
package text
