package ftptest

// minimumFaults leave out what every server has to have.
var minimumFaults = []Fault{
	{
		Name:    "min-no-append",
		About:   "APPE is answered 502.",
		Catches: []string{"MIN-001", "XFER-017"},
		apply:   instead("APPE", afterLogin, (*session).unimplemented),
	},
	{
		Name:    "min-no-old-names",
		About:   "XCUP is answered 500.",
		Catches: []string{"MIN-002"},
		apply:   instead("XCUP", afterLogin, answers(500, "Command not understood.")),
	},
}
