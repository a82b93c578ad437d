package report

import "time"

// Load is the result of a load run.
type Load struct {
	Scenario string `json:"scenario"`
	// Model is "closed", "open" or "capacity".
	Model    string   `json:"model"`
	Sessions Sessions `json:"sessions"`
	// Operations holds one row per kind of step that uses the wire ("login", "retr", ...).
	Operations map[string]Operation `json:"operations"`
	Failures   []Failure            `json:"failures"`
	// Dropped counts sessions that were due but could not be started, DroppedFor
	// the same by reason: "at-most" (as many ran as may), "file descriptors",
	// "ports", "resources" (what else this machine ran out of).
	Dropped    int64            `json:"dropped"`
	DroppedFor map[string]int64 `json:"dropped_for,omitempty"`
	// Starts tells how well the schedule of an open model was kept.
	Starts *Starts `json:"starts,omitempty"`
	// Bytes counts the payload of all data connections, in both directions.
	Bytes int64 `json:"bytes"`
	// Throughput is Bytes over the measured time, in bytes per second.
	Throughput float64 `json:"throughput"`
	// Started is when measuring began: the warm-up was over. It is zero when it never did.
	Started time.Time `json:"started,omitzero"`
	// Elapsed is the measured time in seconds.
	Elapsed Seconds `json:"elapsed"`
	// Phases holds one row per phase of a session that occurred.
	Phases map[string]Distribution `json:"phases"`
	// Series is the run second by second.
	Series     []Interval  `json:"series"`
	Thresholds []Threshold `json:"thresholds"`
	Generator  Generator   `json:"generator"`
	// Targets holds one row per target, or per address of a target, where there is
	// more than one.
	Targets []TargetLoad `json:"targets,omitempty"`
	// LimitedBy is what limited the transfers, a key of Limits; empty when that is
	// not known. See [Load.DecideLimit].
	LimitedBy string `json:"limited_by,omitempty"`
	// Limits is what LimitedBy rests on: "server", "network", "receiver window",
	// [LimitScenario], [LimitGenerator] and [LimitUndecided], as far as transfers fell under them.
	Limits map[string]Limit `json:"limits,omitempty"`
	// Fairness tells how evenly sessions were served.
	Fairness *Fairness `json:"fairness,omitempty"`
	// Verified counts downloads that were compared; absent when none was.
	Verified *Verified `json:"verified,omitempty"`
	// PassivePorts are the ports that were offered; absent when none was.
	PassivePorts *PassivePorts `json:"passive_ports,omitempty"`
	// Sockets is what the kernel knows about the data connections; absent when it
	// does not tell.
	Sockets *Sockets `json:"sockets,omitempty"`
	// Capacity is the answer of a search for capacity. All else is then that of its
	// best step: the largest number of sessions that held, or the smallest that did not.
	Capacity *Capacity `json:"capacity,omitempty"`
	// Observations are what the figures show together; see [Load.Observe].
	Observations []Observation `json:"observations,omitempty"`
	// Unreached is set when not one session got past its login.
	Unreached bool `json:"unreached,omitempty"`
}

// Broken is the number of thresholds that did not hold.
func (l *Load) Broken() int {
	n := 0
	for _, t := range l.Thresholds {
		if !t.Met {
			n++
		}
	}
	return n
}

// Sessions counts control connections.
type Sessions struct {
	// AtOnce is the number that the scenario asks for at the same time.
	AtOnce int `json:"at_once"`
	// Completed counts sessions that went through all steps.
	Completed int64 `json:"completed"`
	// Failed counts sessions that ended with an error.
	Failed int64 `json:"failed"`
	// Interrupted counts sessions that were cut short by the end of the run.
	Interrupted int64 `json:"interrupted"`
	// RoomFor is the most that were seen logged in at the same time, where others were
	// turned away with 421; 0 when none was turned away.
	RoomFor int `json:"room_for,omitempty"`
}

// LateAfter is how much later than it was due a session may begin without
// counting as late.
const LateAfter = 10 * time.Millisecond

// Starts tells how much later than they were due the sessions of an open model
// began. The latency of their first operation is counted from when it was due.
type Starts struct {
	// Late counts those that began more than [LateAfter] later.
	Late int64 `json:"late"`
	// Slip is how much later all of them began.
	Slip Distribution `json:"slip"`
}

// Operation counts and times one kind of step.
type Operation struct {
	Failures int64 `json:"failures"`
	// Refused counts those that the server refused as the scenario expected.
	Refused int64 `json:"refused,omitempty"`
	Bytes   int64 `json:"bytes"`
	// Rate is the number of completed operations per second.
	Rate    float64      `json:"rate"`
	Latency Distribution `json:"latency"`
}

// Failure is a group of like errors with one example.
type Failure struct {
	// Phase is where it happened.
	Phase string `json:"phase"`
	// Cause is the kind of failure ("refused", "filtered", "reply", ...).
	Cause string `json:"cause"`
	// Code is the reply code, 0 if none was involved.
	Code  int   `json:"code,omitempty"`
	Count int64 `json:"count"`
	// Example is the error of one of them.
	Example string `json:"example"`
	// Transcript is the session of the example.
	Transcript []Line `json:"transcript,omitempty"`
}

// Interval is one second of the run.
type Interval struct {
	// At is the begin of the interval, in seconds since the run began.
	At Seconds `json:"at"`
	// Active is the number of sessions open at the end of the interval.
	Active int `json:"active"`
	// Operations, Failures and Bytes count what ended in the interval.
	Operations int64 `json:"operations"`
	Failures   int64 `json:"failures"`
	Bytes      int64 `json:"bytes"`
}

// Threshold is one line of a scenario's want list and whether it held.
type Threshold struct {
	// Want is the condition as the scenario has it, for example "p99(login) < 20ms".
	Want string `json:"want"`
	// Value is what was measured, with its unit.
	Value string `json:"value"`
	Met   bool   `json:"met"`
}
