// Package tls holds the requirements on FTP over TLS: AUTH, PBSZ, PROT, CCC, the data connections.
package tls
