// Package diagnose finds out why passive data connections fail.
//
// [Run] logs in, asks for passive ports in every way there is, connects to
// them and lists a directory, samples the port range, and hands what happened
// ([Facts]) to the rules ([Judge]), which turn it into ranked findings with
// evidence, with what is ruled out, and with the setting to change.
// [Explanations] says what each finding means.
//
// It leaves the wire to package probe and the rendering to package report.
// It does not look at packets. Where the system does not tell which ICMP message
// answered a connect, a RST and an ICMP port-unreachable are the same to it.
//
// # Why
//
// The rules are a pure function of the facts: they are tested without a
// network, against facts that no test network would produce, and above all
// against those that must not lead to an accusation. A cause that the facts do
// not single out is named as a candidate of "undetermined", never as the verdict.
package diagnose
