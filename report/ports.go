package report

// PassivePorts is what the replies to PASV and EPSV named, of all targets together.
type PassivePorts struct {
	// Offered counts the replies that named a port.
	Offered int64 `json:"offered"`
	// Distinct is how many different ports they named, from Lowest to Highest.
	Distinct int    `json:"distinct"`
	Lowest   uint16 `json:"lowest,omitempty"`
	Highest  uint16 `json:"highest,omitempty"`
	// Reused counts the replies that named a port which had been named before.
	Reused int64 `json:"reused"`
	// Soonest is the shortest time after which a port was named again, in seconds; 0
	// when none was.
	Soonest Seconds `json:"soonest,omitempty"`
}

// Sockets is what the kernel of this machine knows about the data connections of
// a run.
type Sockets struct {
	// Asked counts the data connections that the kernel was asked about.
	Asked int64 `json:"asked"`
	// Segments counts those in both directions, Retransmitted those that were sent
	// again from here, OutOfOrder those that came here out of order.
	Segments      int64 `json:"segments"`
	Retransmitted int64 `json:"retransmitted"`
	OutOfOrder    int64 `json:"out_of_order"`
	// RTT is the kernel's estimate of the round trip at the end of each connection.
	RTT Distribution `json:"rtt"`
	// TimeWait is how many connections to the target waited out TIME_WAIT on this
	// machine at the end, and kept a local port taken; absent when that is unknown, or
	// when there were too few data connections to ask.
	TimeWait *int64 `json:"time_wait,omitempty"`
}

// Verified counts downloads that were compared with what they had to be, and
// were right.
type Verified struct {
	Transfers int64 `json:"transfers"`
	// Bytes is their payload. Of Content bytes the content was compared, of the
	// others the number alone.
	Bytes   int64 `json:"bytes"`
	Content int64 `json:"content"`
}
