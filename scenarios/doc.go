// Package scenarios puts load on an FTP server: it reads a scenario, runs its
// sessions, and sums up what they saw as a [report.Load].
//
// A [Scenario] is YAML, decoded strictly; [Schema] describes it to editors. Its
// steps compile to a plan, a flat program of a few operations. A pacer says when
// sessions begin: one after the other in the closed [Model], when they are due in
// the open one. Workers take turns from it, a driver executes the plan on sessions
// of package probe, and a recorder hands what they measured to one collector.
// [Engine] puts them together, and sees to the files that a scenario needs, before
// and after. Sessions take turns among targets and source addresses. A watch looks
// at this process meanwhile: it tells when that was the limit, not the server. A
// search for capacity does all that for one number of sessions after the other.
//
// Speaking FTP is left to package probe, the arithmetic of histograms and all
// rendering to package report, the built-in scenarios to package library.
//
// # Why
//
// Steps are not executed, but compiled: a plan is plain data without goroutines
// and sockets, so that a driver can be replaced without a second set of steps,
// and what a step means can be tested without a server.
//
// Sessions share nothing while they run. Each collects samples in a small
// buffer of its own; only the collector has histograms, which are large. So the
// number of sessions costs neither memory nor waiting for locks.
//
// A session of the open model that cannot begin in time is not left out: it begins
// late, and what it takes is counted from when it was due. Otherwise a server that
// stops for seconds would merely be asked less, and look well.
//
// What the run did not make itself it neither overwrites nor removes.
package scenarios
