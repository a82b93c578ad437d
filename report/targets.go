package report

// TargetLoad is the part of a load that went to one of several targets.
type TargetLoad struct {
	// URL is the target without the password, Address the address and port of its
	// control connections; empty when no session got that far.
	URL     string `json:"url"`
	Address string `json:"address,omitempty"`
	// Weight is its share of the sessions among the weights of all.
	Weight int `json:"weight"`
	// Sessions counts those that completed, SessionsFailed those that failed.
	Sessions       int64 `json:"sessions"`
	SessionsFailed int64 `json:"sessions_failed"`
	// Operations counts what came out as it had to, Failures what did not.
	Operations int64 `json:"operations"`
	Failures   int64 `json:"failures"`
	// Bytes is the payload in the measured time, Throughput the same per second.
	Bytes      int64   `json:"bytes"`
	Throughput float64 `json:"throughput"`
	// Login and Transfer are those phases of its sessions.
	Login    Distribution `json:"login"`
	Transfer Distribution `json:"transfer"`
}
