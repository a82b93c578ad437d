// Package restart holds the requirements on restarted transfers (REST).
//
// Offsets that do not fit into 32 bits are judged with the transfers, which have
// the file for it.
//
// # Why
//
// REST is sent when the data connection is open already: RFC 3659 §5.3 wants it
// to be the last command before the transfer, and a PASV in between may forget
// it. A transfer that is wrong without REST, too, is not held against REST.
package restart
