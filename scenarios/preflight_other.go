//go:build !linux

package scenarios

// portsOfRange is 0: the number of ports for outgoing connections is not known.
func portsOfRange() int { return 0 }
