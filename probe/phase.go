package probe

// Phase is a stretch of a session that is timed by itself. Phases do not
// overlap, and nothing a session waits for lies outside of them.
type Phase uint8

// The phases in the order in which a session goes through them.
const (
	// Resolve: looking the host name up.
	Resolve Phase = iota
	// Connect: the TCP handshake of the control connection.
	Connect
	// TLS: AUTH TLS, the handshake of the control connection, PBSZ and PROT.
	TLS
	// Greeting: from the connection to the 220.
	Greeting
	// Login: USER, PASS and ACCT.
	Login
	// Command: any other command that uses the control connection alone.
	Command
	// Passive: PASV or EPSV.
	Passive
	// DataConnect: the TCP handshake of the data connection.
	DataConnect
	// Opening: the transfer command to its 1yz reply.
	Opening
	// DataTLS: the TLS handshake of the data connection.
	DataTLS
	// FirstByte: from the readiness to receive to the first byte.
	FirstByte
	// Transferring: the first byte to the last, or to the end of what is sent.
	Transferring
	// Completion: the last byte to the 2yz reply.
	Completion
	// Quit: QUIT and the end of the control connection.
	Quit

	// Phases is the number of phases.
	Phases = int(Quit) + 1
)

var phaseNames = [Phases]string{
	Resolve: "resolve", Connect: "connect", TLS: "tls", Greeting: "greeting", Login: "login", Command: "command",
	Passive: "passive", DataConnect: "data.connect", Opening: "opening", DataTLS: "data.tls",
	FirstByte: "first-byte", Transferring: "transfer", Completion: "completion", Quit: "quit",
}

// String is the name of the phase in reports, for example "data.connect".
func (p Phase) String() string {
	if int(p) < len(phaseNames) {
		return phaseNames[p]
	}
	return "unknown"
}

// phaseOf tells which phase a command belongs to.
func phaseOf(verb string) Phase {
	switch verb {
	case "USER", "PASS", "ACCT":
		return Login
	case "AUTH", "PBSZ", "PROT":
		return TLS
	case "PASV", "EPSV":
		return Passive
	case "QUIT":
		return Quit
	}
	if transfers(verb) {
		return Opening
	}
	return Command
}

// transfers tells the commands that use a data connection.
func transfers(verb string) bool {
	switch verb {
	case "RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD":
		return true
	}
	return false
}
