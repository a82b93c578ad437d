package probe

import "testing"

func TestPhaseString(t *testing.T) {
	seen := map[string]bool{}
	for p := range Phases {
		name := Phase(p).String()
		if name == "" || name == "unknown" || seen[name] {
			t.Errorf("phase %d is called %q", p, name)
		}
		seen[name] = true
	}
	if got := Phase(Phases).String(); got != "unknown" {
		t.Errorf("beyond the last: %q", got)
	}
}

func TestPhaseOf(t *testing.T) {
	for line, want := range map[string]Phase{
		"USER me": Login, "pass x": Login, "ACCT": Login,
		"AUTH TLS": TLS, "PBSZ 0": TLS, "PROT P": TLS,
		"PASV": Passive, "epsv 1": Passive,
		"RETR a": Opening, "STOR a": Opening, "APPE a": Opening, "STOU": Opening, "LIST": Opening, "NLST x": Opening, "mlsd": Opening,
		"QUIT": Quit,
		"NOOP": Command, "MLST": Command, "REST 0": Command, "": Command, "RETRY": Command,
	} {
		if got := phaseOf(verbOf(line)); got != want {
			t.Errorf("%q belongs to %v, want %v", line, got, want)
		}
	}
}
