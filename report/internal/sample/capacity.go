package sample

import (
	"time"

	"github.com/passiveftp/pasv/report"
)

// Searched is a search for capacity that found the limit of the server.
func Searched() report.Run {
	load := &report.Load{
		Scenario: "churn", Model: "capacity", Elapsed: 10, Bytes: 61_440, Throughput: 6144,
		Sessions:   report.Sessions{AtOnce: 20, Completed: 60, RoomFor: 20},
		Operations: map[string]report.Operation{"login": {Rate: 6, Latency: spread(60, 3*time.Millisecond)}},
		Thresholds: []report.Threshold{{Want: "rate(failures) == 0", Value: "0 % (0 of 60 operations)", Met: true}},
		Generator:  report.Generator{CPU: 0.5, Cores: 2},
		Capacity: &report.Capacity{
			Sessions: 20, BrokenAt: 21, BrokenBy: []string{"rate(failures) == 0, measured 4.8 % (3 of 63 operations)"}, AtLeast: true, Generator: true,
			Steps: []report.CapacityStep{
				{Sessions: 16, Held: true, Rate: 5, Throughput: 5120, P99: 0.0065, Slowest: "login", LimitedBy: "server"},
				{Sessions: 32, Rate: 6, Throughput: 6144, P99: 0.031, Slowest: "login", Failed: 12, BrokenBy: []string{"rate(failures) == 0, measured 16 % (12 of 75 operations)"}},
				{Sessions: 20, Held: true, Rate: 6, Throughput: 6144, P99: 0.007, Slowest: "login"},
				{Sessions: 21, Rate: 6, Throughput: 6144, P99: 0.007, Slowest: "login", Failed: 3, BrokenBy: []string{"rate(failures) == 0, measured 4.8 % (3 of 63 operations)"}},
			},
		},
	}
	return report.Run{
		Schema: report.Schema, Tool: tool(), Started: started, Elapsed: 52, Exit: report.ExitIncomplete,
		Target: report.Target{URL: "ftp://pasv@ftp.example.net/", Address: "192.0.2.10:21", Greeting: "(vsFTPd 3.0.3)", Server: "vsftpd 3.0.3"},
		Load:   load,
	}
}
