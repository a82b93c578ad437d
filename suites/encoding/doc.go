// Package encoding holds the requirements on UTF-8 names, the octets of Telnet in them, and LANG.
package encoding
