package ftptest

import "fmt"

// extendedFaults concern EPSV, and both passive commands together.
var extendedFaults = []Fault{
	{
		Name:    "passive-disabled",
		About:   "PASV and EPSV are answered 502.",
		Catches: []string{"PASV-001", "MIN-001", "EPSV-001", "passive-disabled"},
		apply: func(h *hooks) {
			h.override("PASV", (*session).unimplemented)
			h.override("EPSV", (*session).unimplemented)
		},
	},
	{
		Name:    "epsv-unsupported",
		About:   "EPSV is answered 502 and is not in FEAT.",
		Catches: []string{"EPSV-001", "epsv-unsupported"},
		apply:   func(h *hooks) { h.override("EPSV", (*session).unimplemented) },
	},
	{
		Name:    "epsv-mangled",
		About:   "The 229 reply has two delimiters instead of three before the port: no client can read it.",
		Catches: []string{"EPSV-002", "epsv-mangled"},
		apply: func(h *hooks) {
			h.extended = func(port uint16) reply {
				return answer(229, "%s", fmt.Sprintf("Entering Extended Passive Mode (||%d|)", port))
			}
		},
	},
}
