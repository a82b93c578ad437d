package probe

import "time"

// Limit is what kept a transfer from being faster.
type Limit uint8

const (
	// NoLimit: too short or too little is known to say.
	NoLimit Limit = iota
	// LimitServer: the server did not send, or did not take, any faster.
	LimitServer
	// LimitNetwork: loss, reordering, or the path's capacity.
	LimitNetwork
	// LimitWindow: the receive window was too small for the path's delay.
	LimitWindow
	// LimitClient: this program or this machine.
	LimitClient
)

// String is the name of the limit in reports.
func (l Limit) String() string {
	return [...]string{"", "server", "network", "receiver window", "generator"}[l]
}

// Movement is what is known about how the payload of one data connection moved.
type Movement struct {
	// Sending tells an upload.
	Sending bool
	// Bytes moved within Elapsed, of which the reader of a download Waited.
	Bytes           int64
	Elapsed, Waited time.Duration
	Info            TCPInfo
	// Known tells that Info holds something.
	Known bool
}

// The bounds of [Movement.Limit]. They are measured ones: a transfer to a
// server that reads slowly has more than half of its time held up by the
// server's window, one to a server that discards has none.
const (
	shortest  = 20 * time.Millisecond // below, start-up is all there is
	lossy     = 0.001                 // share of segments retransmitted or out of order
	mostly    = 0.5                   // of the time
	idle      = 0.8                   // of the time the reader waited
	unfed     = 0.2                   // of the time there was nothing to send
	saturated = 0.8                   // of window per round trip
)

// Limit says what the transfer was limited by.
func (m Movement) Limit() Limit {
	if m.Elapsed < shortest || m.Bytes == 0 || !m.Known {
		return NoLimit
	}
	share := func(part, whole time.Duration) float64 { return part.Seconds() / max(whole.Seconds(), 1e-9) }
	ratio := func(part, whole uint32) float64 { return float64(part) / float64(max(whole, 1)) }
	i := m.Info
	if m.Sending {
		switch {
		case share(m.Elapsed-i.Busy, m.Elapsed) > unfed:
			return LimitClient
		case share(i.PeerWindow, i.Busy) > mostly:
			return LimitServer
		case share(i.SendBuffer, i.Busy) > mostly:
			return LimitClient
		}
		// Busy, and held up by neither window: what is left is the congestion
		// window, which is the path.
		return LimitNetwork
	}
	if ratio(i.OutOfOrder, i.SegmentsIn) > lossy {
		return LimitNetwork
	}
	rate := float64(m.Bytes) / m.Elapsed.Seconds()
	if rtt := i.ReceiveRTT; rtt > time.Millisecond && i.Window > 0 && rate > saturated*float64(i.Window)/rtt.Seconds() {
		return LimitWindow
	}
	if share(m.Waited, m.Elapsed) > idle {
		return LimitServer
	}
	if share(m.Waited, m.Elapsed) < 1-idle {
		return LimitClient
	}
	return NoLimit
}

// Movement is how the payload moved so far. It must be asked before the
// connection is closed.
func (c *DataConn) Movement() Movement {
	info, known := c.Info()
	return Movement{Sending: c.sent, Bytes: c.bytes, Elapsed: c.elapsed, Waited: c.waited, Info: info, Known: known}
}
