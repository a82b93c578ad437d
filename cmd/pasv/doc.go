// Command pasv tells whether a passive-mode FTP server is right, how fast it
// is and, when passive transfers fail, why.
//
// One file here holds one subcommand: flags in, exit code out. What the
// commands do is in packages suites (check), scenarios (load) and
// scenarios/diagnose; what they found is a report.Run.
package main
