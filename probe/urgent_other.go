//go:build !unix && !windows

package probe

import "net"

// sendUrgent sends the octets without urgency, which this system does not have.
func sendUrgent(conn *net.TCPConn, octets []byte) error {
	_, err := conn.Write(octets)
	return err
}
