// Package junit renders a run as JUnit XML, the form in which GitHub actions,
// GitLab and Jenkins take test results.
//
// There is one test suite per area of the catalogue, one for the load, one for
// the diagnosis, and one for the run itself. A test case is red exactly when
// what it stands for turns the exit code:
//
//	fail, xpass                        failure
//	warn that --fail-on counts         failure
//	error                              error
//	skip, inconclusive, xfail          skipped, with the reason
//	pass, info, any other warn         passed; reason and notes in system-out
//	threshold not met                  failure, unless the run describes the generator
//	failed sessions, no thresholds     failure
//	finding that is a fault            failure
//	finding "target not reached"       error
//	run interrupted or not completed   error
//
// It leaves colours and layout to the reader's CI server.
//
// # Why
//
// An inconclusive check is skipped rather than an error: it says nothing
// against the server and does not turn the exit code, and a red mark for a
// green exit code sends people looking for a bug that is not there. For the same
// reason a warning passes unless --fail-on counts it.
//
// Names of test cases hold no numbers that vary between runs, since CI servers
// follow a test by its name.
package junit
