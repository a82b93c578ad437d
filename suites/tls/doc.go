// Package tls holds the requirements on FTP over TLS: AUTH, PBSZ, PROT, CCC, the
// data connections.
//
// Whether a certificate is to be trusted is not judged here.
//
// # Why
//
// A server that has TLS on offer is judged also when the target asks for none, and
// then its certificate is not verified: the password would have gone over the wire
// in the clear otherwise, so that nothing is lost. A target that asks for TLS gets
// its password only in sessions with the verification that the run was given.
//
// A few checks have a control connection of their own, [line], since they need what
// a [probe.Session] does not do: octets in one segment with AUTH, TLS that ends
// without CCC, and the choice of the TLS session that a data connection resumes.
package tls
