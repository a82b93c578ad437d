// Package probe is the wire: it speaks FTP to a server and reports what the
// server said and when, without judging it.
//
// A [Dialer] opens a [Session] on a [Target]. A session sends commands and
// gives back each [Reply] as it came; it asks for a passive port ([Offer]),
// opens the data connection there ([DataConn]) and moves bytes. Whatever it
// does is timed in a [Timeline] of phases and written to a [Transcript]. What
// fails is an [Error] that names the phase, the place and the [Cause].
//
// Replies are read by the RFCs ([ParsePASV], [ParseFeatures], [ParseMLST] and
// others). What real clients make of a reply that breaks the rules is kept apart
// and marked as such: [ReadPASV], [ReadEPSV] and the [Profiles] of known clients.
//
// Whether a reply is right is for package suites to say, how many sessions run
// for package scenarios. An unwelcome reply code is a Reply, not an error.
//
// # Why
//
// No client library is used, because it would hide the very bytes that are to
// be judged. The reply [Parser] takes bytes and gives replies and knows neither
// sockets nor clocks, so that blocking sessions, an event loop and a fuzzer can
// share it. What a server advertised and what was dialled are kept apart: the
// difference is the commonest fault of passive mode.
//
// A session is used by one goroutine at a time.
package probe
