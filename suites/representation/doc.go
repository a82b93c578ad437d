// Package representation holds the requirements on TYPE, STRU and MODE, and on
// the line ends of text.
//
// # Why
//
// Many servers send and store text as it is, by default or by conviction (TYPE A
// has made reading whole files necessary to answer SIZE). That hurts hardly
// anybody on hosts that end lines alike, so a server that converts nothing at all
// is skipped or noted; one that converts some line ends and leaves others is
// wrong under any reading.
package representation
