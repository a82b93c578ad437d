// Package control holds the requirements on the control connection: replies, command lines, Telnet, idle time.
package control
