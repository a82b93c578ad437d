package scenarios

import "time"

// Snapshot is how a run stands, for progress displays.
type Snapshot struct {
	// Elapsed is the time since the load began, the warm-up included.
	Elapsed time.Duration
	// Warming tells that nothing is measured yet.
	Warming bool
	// Done is the share of the run that is over, from 0 to 1.
	Done float64
	// Active is the number of sessions that are open.
	Active int
	// Completed and Failed count sessions, Operations what came out in them as it
	// had to. They lag behind by a fraction of a second.
	Completed, Failed, Operations int64
	// Late counts sessions of an open model that began late; see [report.Starts].
	Late int64
	// Bytes is the payload since measuring began.
	Bytes int64
	// Throughput is the payload per second since the last snapshot.
	Throughput float64
}
