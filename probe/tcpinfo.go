package probe

import "time"

// TCPInfo is what the kernel knows about one connection. Which numbers mean
// something depends on the direction: of a connection that only receives, the
// times in which sending was held up are zero.
type TCPInfo struct {
	RTT time.Duration
	// ReceiveRTT is the round trip as the receiver estimates it; zero when it cannot.
	ReceiveRTT time.Duration
	// Busy is how long there was something to send. PeerWindow is the part of it
	// in which the peer's receive window held sending up, SendBuffer the part in
	// which the send buffer did.
	Busy, PeerWindow, SendBuffer time.Duration
	// SegmentsIn and SegmentsOut count segments, Retransmitted those sent again,
	// OutOfOrder those that came out of order.
	SegmentsIn, SegmentsOut, Retransmitted, OutOfOrder uint32
	// BytesIn and BytesAcked count payload.
	BytesIn, BytesAcked uint64
	// Window is the receive window that we advertise, in bytes; zero when unknown.
	Window uint32
	// MSS is the largest segment that is sent, PathMTU the path MTU, in bytes.
	MSS, PathMTU uint32
}

// Info asks the kernel about the connection. It must be asked before the
// connection is closed; false when the system does not tell.
func (c *DataConn) Info() (TCPInfo, bool) { return tcpInfo(c.tcp) }
