//go:build !linux

package probe

import "net"

func tcpInfo(*net.TCPConn) (TCPInfo, bool) { return TCPInfo{}, false }
