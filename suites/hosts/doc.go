// Package hosts holds the requirements on virtual hosts (HOST, RFC 7151): the
// names that are accepted, when, and what an error leaves behind.
//
// Which files and users a virtual host has is for the operator to say.
//
// # Why
//
// A TLS handshake names a host, too, and the server has to refuse a HOST that
// names another one. So HOST is sent before AUTH TLS, as RFC 7151 §4 recommends,
// and the handshake after it names the same host. With implicit TLS, where the
// handshake comes first, it is the host that HOST is going to name.
package hosts
