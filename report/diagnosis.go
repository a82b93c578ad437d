package report

// Diagnosis says why passive data connections fail, or that they do not.
type Diagnosis struct {
	// Findings are ranked; the first is the verdict.
	Findings []Finding `json:"findings"`
	// Ports is the map of the passive ports that were seen or tried, in order.
	Ports []Port `json:"ports"`
	// Range is the span of the ports that the server offered.
	Range *PortRange `json:"range,omitempty"`
	// Matrix holds the outcome of every way to a data connection.
	Matrix []Cell `json:"matrix"`
}

// Code names a finding. Codes are stable.
type Code string

// The findings that exist so far; the meaning of each is in its entry for
// "pasv explain".
const (
	Healthy            Code = "healthy"
	Undetermined       Code = "undetermined"
	ControlUnreachable Code = "control-unreachable"
	NotFTP             Code = "not-ftp"
	LoginRefused       Code = "login-refused"
	SessionLimit       Code = "session-limit"
	PassiveDisabled    Code = "passive-disabled"
	EPSVUnsupported    Code = "epsv-unsupported"
	PASVMangled        Code = "pasv-mangled"
	EPSVMangled        Code = "epsv-mangled"
	AddressPrivate     Code = "address-private"
	AddressZero        Code = "address-zero"
	AddressLoopback    Code = "address-loopback"
	AddressWrong       Code = "address-wrong"
	RangeFiltered      Code = "range-filtered"
	RangeRejected      Code = "range-rejected"
)

// Unreached says whether the finding means that nothing could be learnt about
// passive mode, because the login was never reached.
func (c Code) Unreached() bool {
	return c == ControlUnreachable || c == NotFTP || c == LoginRefused || c == SessionLimit
}

// Weight says how bad a finding is.
type Weight string

// The weights: transfers fail for everybody; for some clients; nothing is
// broken, but worth knowing.
const (
	Blocking Weight = "blocking"
	Limited  Weight = "limited"
	Note     Weight = "note"
)

// Finding is a named cause with what speaks for it.
type Finding struct {
	Code     Code   `json:"code"`
	Severity Weight `json:"severity"`
	// Confidence is between 0 and 1: the share of the facts that the finding explains and its rivals do not.
	Confidence float64 `json:"confidence"`
	// Title says in one sentence what is wrong.
	Title string `json:"title"`
	// Evidence holds the facts that speak for the finding, one per entry.
	Evidence []string `json:"evidence"`
	// RuledOut names the causes that the facts exclude, and by which fact.
	RuledOut []string `json:"ruled_out,omitempty"`
	// Advice says what to change, the likeliest cure first.
	Advice []string `json:"advice,omitempty"`
}

// Counts says whether the finding is a fault that turns the exit code.
func (f Finding) Counts() bool {
	return f.Code != Healthy && !f.Code.Unreached() && f.Severity != Note
}

// Port is one port of the passive range.
type Port struct {
	Port uint16 `json:"port"`
	// State is "open", "refused" (RST), "filtered" (no answer), "rejected" (ICMP),
	// "silent" (connects, but no data flows), "alien" (something else answers) or "not-offered".
	State string `json:"state"`
	// Offered counts the replies that named the port.
	Offered int `json:"offered"`
	// Detail is the error, or who rejected and how.
	Detail string `json:"detail,omitempty"`
}

// PortRange is the span of the offered ports.
type PortRange struct {
	First uint16 `json:"first"`
	Last  uint16 `json:"last"`
	// Samples is the number of replies that the span was read from.
	Samples int `json:"samples"`
	// Distinct is the number of different ports among them.
	Distinct int `json:"distinct"`
}

// Cell is one way to a data connection and what came of it.
type Cell struct {
	// Way is "advertised" (PASV, the address of the 227), "control" (PASV, the
	// address of the control connection), "epsv", or "active" (PORT or EPRT).
	Way string `json:"way"`
	// Family is "ipv4" or "ipv6", that of the control connection.
	Family string `json:"family"`
	// Protection is "plain" or "tls".
	Protection string `json:"protection"`
	// Advertised is what the server's reply named.
	Advertised string `json:"advertised,omitempty"`
	// Dialled is what was connected to; it differs from Advertised by the way.
	Dialled string `json:"dialled,omitempty"`
	// Outcome is "ok", "refused", "filtered", "unreachable", "reset", "tls", "reply" or another cause.
	Outcome string `json:"outcome"`
	// Detail is the error or the reply in words.
	Detail string `json:"detail,omitempty"`
	// Tried and Worked count the attempts.
	Tried  int `json:"tried"`
	Worked int `json:"worked"`
	// Elapsed is the time of the slowest attempt, in seconds.
	Elapsed Seconds `json:"elapsed"`
}
